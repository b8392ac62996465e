//! Tokens: the signed access token, refresh tokens and their rotation, and the end of sessions.
//!
//! A refresh token is `session ‖ number ‖ HMAC(refresh key, session ‖ number)`: opaque, 256 bits that
//! nobody can guess, and nothing of it in the store, which only knows the number that is good.

use super::endings::Cause;
use super::error::granted;
use super::identify::{OPAQUE_BYTES, Proof};
use super::{Client, Error, Foundation, Services, actor_of, event, in_session};
use crate::domain::audit::{Action, Actor};
use crate::domain::claims::{AccessClaims, Issuer};
use crate::domain::id::SessionId;
use crate::domain::impersonation::End;
use crate::domain::jwt::Signer;
use crate::domain::secret::{Secret, SecretText, equal};
use crate::domain::session::{Presented, Session, Stage};
use crate::domain::time::Now;
use crate::domain::user::User;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::cell::RefCell;
use std::sync::Arc;

/// The tokens of a session, as its owner gets them.
pub struct Tokens {
    /// Signed for a full session, opaque for any other.
    pub access: String,
    /// Empty for a session that is not full.
    pub refresh: String,
    /// Whether the owner's second factor is on.
    pub is_two_factor_enable: bool,
    /// How far the session has come.
    pub stage: Stage,
}

/// A session whose tokens are to be made, now that it is durable.
pub(super) struct Granted {
    pub(super) user: User,
    pub(super) session: Session,
    pub(super) has_factor: bool,
}

thread_local! {
    /// The signer with the key's id; kept, since building one costs as much as signing.
    static SIGNER: RefCell<Option<(String, Signer)>> = const { RefCell::new(None) };
}

impl Services {
    /// The tokens of a full session.
    pub(super) fn full_tokens(&self, granted: &Granted) -> Result<Tokens, Error> {
        let refresh = granted.session.refresh.map(|refresh| refresh.counter);
        let refresh = refresh.ok_or_else(|| Error::Internal("a session is not full".into()))?;
        Ok(Tokens {
            access: self.access_token(&granted.user, &granted.session)?,
            refresh: refresh_token(&self.foundation.keys.refresh, granted.session.id, refresh)?,
            is_two_factor_enable: granted.has_factor,
            stage: Stage::Full,
        })
    }

    pub(super) fn access_token(&self, user: &User, session: &Session) -> Result<String, Error> {
        let settings = self.settings();
        let issuer = Issuer {
            base_url: &settings.base_url,
            access_seconds: settings.lifetimes.access_seconds,
        };
        let jti = HEXLOWER.encode(&self.random::<16>()?);
        let claims = AccessClaims::new(issuer, user, session, jti, self.now());
        let key = self.foundation.signing_keys.first();
        let key = key.ok_or_else(|| Error::Internal("there is no signing key".into()))?;
        SIGNER.with_borrow_mut(|kept| {
            if kept.as_ref().is_none_or(|(id, _)| id != key.id()) {
                *kept = Some((key.id().to_owned(), key.signer()?));
            }
            match kept {
                Some((_, signer)) => Ok(signer.sign(&claims)?),
                None => Err(Error::Internal("there is no signer".into())),
            }
        })
    }

    /// Exchanges a refresh token for new tokens. The same token again within ten seconds, its
    /// successor not used, gets the same successor; any other used one ends the session.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for a token that is not good; the stages' errors if more than a
    /// refresh is needed.
    pub async fn refresh(&self, token: &SecretText, client: &Client) -> Result<Tokens, Error> {
        let now = self.now();
        let key = &self.foundation.keys.refresh;
        let (id, counter) = read_refresh_token(key, token).ok_or(Error::Unauthorized)?;
        let foundation = Arc::clone(&self.foundation);
        let client = client.clone();
        let granted = self.decide(move |write| {
            let Some(mut session) = write.session(id)? else {
                return Ok(Err(Error::Unauthorized));
            };
            let Some(user) = write.user(session.user)? else {
                return Ok(Err(Error::Unauthorized));
            };
            let lifetimes = foundation.settings.lifetimes;
            match session.present_refresh(counter, lifetimes, now) {
                Presented::Unknown => return Ok(Err(Error::Unauthorized)),
                Presented::Reused => {
                    let cause = Cause {
                        actor: &Actor::Service,
                        how: End::Revoked,
                        now,
                    };
                    foundation.end_session(write, session.user, id, &cause)?;
                    let event = event(Action::RefreshReused, session.user, &client, now);
                    foundation.audit(write, &in_session(event, id))?;
                    return Ok(Err(Error::Unauthorized));
                }
                Presented::Current | Presented::Retried if user.is_archived() => {
                    return Ok(Err(Error::Unauthorized));
                }
                Presented::Current | Presented::Retried => {}
            }
            let has_factor = write.factor(session.user)?.is_some();
            match session.standing(&user, has_factor, foundation.settings.policy, now) {
                Stage::Pending => return Ok(Err(Error::SecondFactorRequired)),
                Stage::Enrolment => return Ok(Err(Error::EnrolmentRequired)),
                Stage::Full | Stage::Impersonation => {}
            }
            if session.present_refresh(counter, lifetimes, now) == Presented::Current {
                session.rotate(now);
                session.address.clone_from(&client.address);
                write.put_session(id, &session)?;
            }
            Ok(Ok(Granted {
                user,
                session,
                has_factor,
            }))
        });
        self.full_tokens(&granted.await?)
    }

    /// Ends the caller's session, or all sessions of the caller.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if the session has ended already.
    pub async fn sign_out(
        &self,
        proof: &Proof,
        everywhere: bool,
        client: &Client,
    ) -> Result<(), Error> {
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (proof.clone(), client.clone());
        let job = move |write: &mut crate::store::Write<'_>| {
            let current = granted!(foundation.recheck(write, &proof, now));
            let user = current.user.id;
            let cause = Cause {
                actor: &actor_of(&current.session),
                how: End::SignedOut,
                now,
            };
            let here = foundation.circumstances(&client, now);
            if everywhere {
                // The target's word, while the cause below is about what they began themselves.
                foundation.end_impersonations_of(write, &current, now)?;
                let ended = foundation.end_sessions(write, user, None, &cause)?;
                let detail = format!("{ended} sessions");
                here.log(write, &current, Action::SignedOut, &detail)?;
            } else {
                foundation.end_session(write, user, current.session.id, &cause)?;
                here.log(write, &current, Action::SignedOut, "")?;
            }
            Ok(Ok(()))
        };
        self.decide(job).await
    }

    /// The public keys that tokens verify with (RFC 7517).
    pub fn public_keys(&self) -> serde_json::Value {
        let keys = self.foundation.signing_keys.iter();
        serde_json::json!({ "keys": keys.map(|key| key.public()).collect::<Vec<_>>() })
    }
}

impl Foundation {
    /// Ends all sessions of the owner of this one but this one, by the owner's own act; how many.
    pub(super) fn end_others(
        &self,
        write: &mut crate::store::Write<'_>,
        session: &Session,
        now: Now,
    ) -> Result<usize, crate::store::StoreError> {
        let cause = Cause {
            actor: &actor_of(session),
            how: End::Revoked,
            now,
        };
        self.end_sessions(write, session.user, Some(session.id), &cause)
    }
}

/// The text of an opaque token: the session, then the secret.
pub(super) fn opaque_token(session: SessionId, secret: &Secret<OPAQUE_BYTES>) -> String {
    let mut bytes = zeroize::Zeroizing::new(session.0.to_vec());
    bytes.extend_from_slice(secret.expose());
    BASE64URL_NOPAD.encode(&bytes)
}

fn refresh_mac(key: &Secret<32>, body: &[u8]) -> Result<[u8; 32], Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose())
        .map_err(|error| Error::Internal(error.to_string()))?;
    mac.update(body);
    Ok(mac.finalize().into_bytes().into())
}

fn refresh_token(key: &Secret<32>, session: SessionId, counter: u32) -> Result<String, Error> {
    let mut bytes = session.0.to_vec();
    bytes.extend_from_slice(&counter.to_be_bytes());
    let mac = refresh_mac(key, &bytes)?;
    bytes.extend_from_slice(&mac);
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

fn read_refresh_token(key: &Secret<32>, token: &SecretText) -> Option<(SessionId, u32)> {
    let bytes = BASE64URL_NOPAD.decode(token.expose().as_bytes()).ok()?;
    let (body, mac) = bytes.split_at_checked(20)?;
    if !equal(mac, &refresh_mac(key, body).ok()?) {
        return None;
    }
    let (session, counter) = body.split_at_checked(16)?;
    let counter = u32::from_be_bytes(counter.try_into().ok()?);
    Some((SessionId(session.try_into().ok()?), counter))
}
