//! The tokens of a session: the signed access token, and the opaque ones.

use crate::domain::claims::{AccessClaims, Issuer};
use crate::domain::jwt::Signer;
use crate::domain::opaque_token::RefreshToken;
use crate::domain::session::{Session, Stage};
use crate::domain::user::User;
use crate::service::core::error::Error;
use crate::service::core::jobs::Core;
use data_encoding::HEXLOWER;
use std::cell::RefCell;

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
pub struct Granted {
    /// The owner.
    pub user: User,
    /// The session.
    pub session: Session,
    /// Whether the owner's second factor is on.
    pub has_factor: bool,
}

thread_local! {
    /// The signer with the key's id; kept, since building one costs as much as signing.
    static SIGNER: RefCell<Option<(String, Signer)>> = const { RefCell::new(None) };
}

impl Core {
    /// The tokens of a full session.
    pub fn full_tokens(&self, granted: &Granted) -> Result<Tokens, Error> {
        let refresh = granted.session.refresh;
        let refresh = refresh.ok_or_else(|| Error::Internal("a session is not full".into()))?;
        let refresh = RefreshToken {
            session: granted.session.id,
            counter: refresh.counter,
        };
        Ok(Tokens {
            access: self.access_token(&granted.user, &granted.session)?,
            refresh: refresh.text(&self.foundation.keys.refresh),
            is_two_factor_enable: granted.has_factor,
            stage: Stage::Full,
        })
    }

    /// The signed access token of a session.
    pub fn access_token(&self, user: &User, session: &Session) -> Result<String, Error> {
        let settings = &self.foundation.settings;
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

    /// The public keys that tokens verify with (RFC 7517).
    pub fn public_keys(&self) -> serde_json::Value {
        let keys = self.foundation.signing_keys.iter();
        serde_json::json!({ "keys": keys.map(|key| key.public()).collect::<Vec<_>>() })
    }
}
