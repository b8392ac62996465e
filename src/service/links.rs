//! Links by which a person sets a new password: made by administrators, used once.

use super::endings::Cause;
use super::error::{Decision, granted};
use super::manager::{Acting, Manager};
use super::{Client, Error, Services, event};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::authority::Standing;
use crate::domain::id::UserId;
use crate::domain::impersonation::End;
use crate::domain::link::{LIFE_SECONDS, PasswordLink};
use crate::domain::notice::NoticeKind;
use crate::domain::password::PasswordHash;
use crate::domain::secret::{Secret, SecretText, token_hash};
use crate::domain::user::User;
use crate::store::{StoreError, Write};
use data_encoding::BASE64URL_NOPAD;
use std::sync::Arc;

/// Random bytes of a link's token, behind the number that it names.
const SECRET_BYTES: usize = 16;
const NUMBER_BYTES: usize = 8;

/// A link, as it is handed on.
pub struct Link {
    /// The address to open; the token is in its fragment, which browsers keep to themselves.
    pub url: String,
    /// Unix seconds until which it is good.
    pub expires_at: u64,
}

/// The token of a link: a number that finds the record, and a secret.
pub(super) struct LinkToken {
    pub(super) number: u64,
    secret: Secret<SECRET_BYTES>,
}

impl LinkToken {
    pub(super) fn new(number: u64, secret: Secret<SECRET_BYTES>) -> Self {
        Self { number, secret }
    }

    /// Reads what [`LinkToken::text`] writes.
    pub(super) fn parse(text: &SecretText) -> Option<Self> {
        let bytes = BASE64URL_NOPAD
            .decode(text.expose().trim().as_bytes())
            .ok()?;
        let (number, secret) = bytes.split_at_checked(NUMBER_BYTES)?;
        Some(Self {
            number: u64::from_be_bytes(number.try_into().ok()?),
            secret: Secret::from_slice(secret)?,
        })
    }

    pub(super) fn text(&self) -> String {
        let mut bytes = zeroize::Zeroizing::new(self.number.to_be_bytes().to_vec());
        bytes.extend_from_slice(self.secret.expose());
        BASE64URL_NOPAD.encode(&bytes)
    }

    pub(super) fn secret(&self) -> &[u8] {
        self.secret.expose()
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        token_hash(self.secret.expose())
    }
}

impl Services {
    /// Makes a link by which a person sets a new password; the one before is void. Nothing else
    /// changes until it is used.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`], also for one's own account,
    /// [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub async fn reset_password(
        &self,
        manager: Manager,
        id: UserId,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Link, Error> {
        let token = LinkToken::new(id.0, self.random_secret()?);
        let hash = token.hash();
        let made = self.act_on(manager, id, client, move |acting, write, user| {
            granted!(admit(acting, write, user, code.as_ref()));
            let expires_at = put_link(acting, write, user, hash)?;
            Ok(Ok(expires_at))
        });
        let expires_at = made.await?;
        Ok(self.link(&token, expires_at))
    }

    /// Removes an account's second factor with its recovery codes and its lock, **voids the
    /// password**, ends all sessions, and makes a link to set a new password and enrol again:
    /// whoever else knew the password gains nothing.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`] for anybody but a Super Admin, and for one's
    /// own account, [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub async fn reset_two_factor(
        &self,
        manager: Manager,
        id: UserId,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Link, Error> {
        let token = LinkToken::new(id.0, self.random_secret()?);
        let hash = token.hash();
        let made = self.act_on(manager, id, client, move |acting, write, user| {
            if let Err(error) = acting.require_super_admin() {
                return Ok(Err(error));
            }
            granted!(admit(acting, write, user, code.as_ref()));
            write.delete_factor(user.id)?;
            write.delete_recovery_codes(user.id)?;
            write.delete_lockout(user.id)?;
            write.delete_password(user.id)?;
            user.must_enrol = true;
            user.must_change_password = false;
            write.put_user(user.id, user)?;
            let at = acting.now.unix_seconds;
            write.notify(user.id, NoticeKind::SecondFactorReset, at)?;
            let ended = acting.end_sessions_of(write, user.id)?;
            let detail = format!("password voided, {ended} sessions ended");
            acting.log(write, Action::FactorReset, Some(user.id), &detail)?;
            let expires_at = put_link(acting, write, user, hash)?;
            Ok(Ok(expires_at))
        });
        let expires_at = made.await?;
        Ok(self.link(&token, expires_at))
    }

    fn link(&self, token: &LinkToken, expires_at: u64) -> Link {
        let base_url = &self.settings().base_url;
        Link {
            url: format!("{base_url}/restore-password#token={}", token.text()),
            expires_at,
        }
    }

    /// Sets the password of whoever holds a link's token; all their sessions end, and a demanded
    /// change is done with it. The second factor and its lock stay as they are.
    ///
    /// # Errors
    /// [`Error::InvalidToken`], [`Error::WeakPassword`].
    pub async fn restore_password(
        &self,
        token: &SecretText,
        password: SecretText,
        client: &Client,
    ) -> Result<(), Error> {
        let now = self.now();
        let token = LinkToken::parse(token).ok_or(Error::InvalidToken)?;
        let id = UserId(token.number);
        let found = self
            .store
            .read(|read| Ok((read.user(id)?, read.password_link(id)?)))?;
        let (Some(user), Some(link)) = found else {
            return Err(Error::InvalidToken);
        };
        if user.is_archived() || !link.accepts(token.secret(), now) {
            return Err(Error::InvalidToken);
        }
        let hash = self
            .hash_new_password(password, user.personal_words())
            .await?;
        let foundation = Arc::clone(&self.foundation);
        let client = client.clone();
        let job = move |write: &mut Write<'_>| {
            let link = write.password_link(id)?;
            let link = link.filter(|link| link.accepts(token.secret(), now));
            let user = write.user(id)?.filter(|user| !user.is_archived());
            let (Some(link), Some(mut user)) = (link, user) else {
                return Ok(Err(Error::InvalidToken));
            };
            if !still_stands(write, &link, &user)? {
                return Ok(Err(Error::InvalidToken));
            }
            user.must_change_password = false;
            write.put_user(id, &user)?;
            write.put_password(id, &hash)?;
            write.delete_password_link(id)?;
            let cause = Cause {
                actor: &Actor::User(id),
                how: End::Revoked,
                now,
            };
            let ended = foundation.end_sessions(write, id, None, &cause)?;
            // Whoever held the link need not have been this person.
            write.notify(id, NoticeKind::PasswordRestored, now.unix_seconds)?;
            let event = Event {
                detail: format!("{ended} sessions ended"),
                ..event(Action::PasswordRestored, id, &client, now)
            };
            foundation.audit(write, &event)?;
            Ok(Ok(()))
        };
        self.decide(job).await
    }
}

/// Who may reset what belongs to another: with a fresh code, and nobody for themselves.
fn admit(
    acting: &mut Acting<'_>,
    write: &mut Write<'_>,
    user: &User,
    code: Option<&SecretText>,
) -> Decision<()> {
    if acting.is(user.id) {
        let text = "Nobody resets their own account: another administrator does.";
        return Ok(Err(Error::AccessDenied(text)));
    }
    if user.is_archived() {
        let text = "This account is archived: restore it first.";
        return Ok(Err(Error::AccessDenied(text)));
    }
    acting.require_fresh(write, code)
}

/// Whether whoever made a link could make it now: it does not outlive their power over the account.
fn still_stands(write: &Write<'_>, link: &PasswordLink, user: &User) -> Result<bool, StoreError> {
    let maker = match &link.by {
        Actor::Operator(_) => return Ok(true),
        Actor::User(id) => write.user(*id)?,
        Actor::Anonymous | Actor::Service | Actor::Impersonator { .. } => None,
    };
    let Some(maker) = maker.filter(|maker| !maker.is_archived()) else {
        return Ok(false);
    };
    let leads = write.leads_support_team(user.id)?;
    Ok(Standing::of(&maker, None, false).may_manage(user, leads))
}

fn put_link(
    acting: &Acting<'_>,
    write: &mut Write<'_>,
    user: &User,
    hash: [u8; 32],
) -> Result<u64, StoreError> {
    let made = acting.now.stamp();
    let by = acting.actor.clone();
    write.put_password_link(user.id, &PasswordLink { hash, made, by })?;
    acting.log(write, Action::PasswordLinkMade, Some(user.id), "")?;
    Ok(made.unix_seconds.saturating_add(LIFE_SECONDS))
}

impl Acting<'_> {
    /// Ends all sessions of a person at the hand of whoever acts; how many.
    pub(super) fn end_sessions_of(
        &self,
        write: &mut Write<'_>,
        user: UserId,
    ) -> Result<usize, StoreError> {
        let cause = Cause {
            actor: &self.actor,
            how: End::Revoked,
            now: self.now,
        };
        self.foundation.end_sessions(write, user, None, &cause)
    }

    /// Puts a password in place of a person's own, which ends their sessions; how many.
    pub(super) fn replace_password(
        &self,
        write: &mut Write<'_>,
        user: &mut User,
        hash: &PasswordHash,
    ) -> Result<usize, StoreError> {
        write.put_password(user.id, hash)?;
        write.delete_password_link(user.id)?;
        user.must_change_password = false;
        write.put_user(user.id, user)?;
        self.end_sessions_of(write, user.id)
    }
}
