//! Links by which a person sets a new password: made by administrators, used once.

use super::People;
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::authority::Standing;
use crate::domain::id::UserId;
use crate::domain::impersonation::End;
use crate::domain::link::{LIFE_SECONDS, PasswordLink};
use crate::domain::notice::NoticeKind;
use crate::domain::opaque_token::LinkToken;
use crate::domain::secret::SecretText;
use crate::domain::user::User;
use crate::service::core::acting::{Acting, Requester};
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
use crate::service::core::qr;
use crate::service::entry;
use crate::service::sessions::endings::Cause;
use crate::store::{StoreError, Write};

/// A link, as it is handed on.
pub struct Link {
    /// The address to open; the token is in its fragment, which browsers keep to themselves.
    pub url: String,
    /// Unix seconds until which it is good.
    pub expires_at: u64,
}

impl Link {
    /// The QR picture of the address, as a data URL.
    ///
    /// # Errors
    /// [`Error::Internal`] where it cannot be drawn.
    pub async fn qr_code(&self) -> Result<String, Error> {
        qr::picture(self.url.clone()).await
    }
}

impl People {
    /// Makes a link by which a person sets a new password; the one before is void. Nothing else
    /// changes until it is used.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`], also for one's own account,
    /// [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub async fn reset_password(
        &self,
        requester: &Requester,
        id: UserId,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Link, Error> {
        let token = LinkToken {
            number: id.0,
            secret: self.core.random_secret()?,
        };
        let hash = token.hash();
        let made = self
            .core
            .act_on(requester, id, client, move |acting, write, user| {
                admit(acting, write, &user, code.as_ref())?;
                Ok(put_link(acting, write, &user, hash)?)
            });
        let expires_at = made.await?;
        Ok(self.link(&token, expires_at))
    }

    /// Removes an account's second factor with its recovery codes and its lock, **voids the
    /// password**, ends all sessions, and makes a link to set a new password and enrol again:
    /// others who knew the password gain nothing.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`] for anybody but a Super Admin, and for one's
    /// own account, [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub async fn reset_two_factor(
        &self,
        requester: &Requester,
        id: UserId,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Link, Error> {
        let token = LinkToken {
            number: id.0,
            secret: self.core.random_secret()?,
        };
        let hash = token.hash();
        let made = self
            .core
            .act_on(requester, id, client, move |acting, write, mut user| {
                acting.require_super_admin()?;
                admit(acting, write, &user, code.as_ref())?;
                write.delete_factor(user.id)?;
                write.delete_recovery_codes(user.id)?;
                write.delete_lockout(user.id)?;
                write.delete_password(user.id)?;
                user.must_enrol = true;
                user.must_change_password = false;
                write.put_user(user.id, &user)?;
                let at = acting.context.now.unix_seconds;
                write.notify(user.id, NoticeKind::SecondFactorReset, at)?;
                let ended = acting.end_sessions_of(write, user.id)?;
                let detail = format!("password voided, {ended} sessions ended");
                acting.log(write, Action::FactorReset, Some(user.id), &detail)?;
                Ok(put_link(acting, write, &user, hash)?)
            });
        let expires_at = made.await?;
        Ok(self.link(&token, expires_at))
    }

    fn link(&self, token: &LinkToken, expires_at: u64) -> Link {
        let base_url = &self.core.foundation.settings.base_url;
        Link {
            url: format!("{base_url}/restore-password#token={}", token.text()),
            expires_at,
        }
    }

    /// Sets the password of the holder of a link's token; all their sessions end, and a demanded
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
        let now = self.core.now();
        let token = LinkToken::parse(token.expose()).ok_or(Error::InvalidToken)?;
        let id = UserId(token.number);
        let found = self
            .core
            .store
            .read(|read| Ok((read.user(id)?, read.password_link(id)?)))?;
        let (Some(user), Some(link)) = found else {
            return Err(Error::InvalidToken);
        };
        if user.is_archived() || !link.accepts(token.secret.expose(), now) {
            return Err(Error::InvalidToken);
        }
        self.entry.admit_link(entry::Link::Password, id.0, client)?;
        let personal = user.personal_words();
        let hash = self.entry.hash_new_password(password, personal).await?;
        let used = self.core.run(client, move |context, write| {
            let now = context.now;
            let link = write.password_link(id)?;
            let link = link.filter(|link| link.accepts(token.secret.expose(), now));
            let link = link.ok_or(Error::InvalidToken)?;
            let user = write.user(id)?.filter(|user| !user.is_archived());
            let mut user = user.ok_or(Error::InvalidToken)?;
            if !still_stands(write, &link, &user)? {
                Err(Error::InvalidToken)?;
            }
            user.must_change_password = false;
            write.put_user(id, &user)?;
            let hash = hash.bind(id, &context.foundation.pepper);
            write.put_password(id, &hash)?;
            write.delete_password_link(id)?;
            let cause = Cause {
                actor: &Actor::User(id),
                how: End::Revoked,
            };
            let ended = context.end_sessions(write, id, None, cause)?;
            // The holder of the link need not have been this person.
            write.notify(id, NoticeKind::PasswordRestored, now.unix_seconds)?;
            let event = Event {
                detail: format!("{ended} sessions ended"),
                ..context.event(Action::PasswordRestored, id)
            };
            context.audit(write, &event)?;
            Ok(())
        });
        used.await
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
        Err(Error::AccessDenied(text))?;
    }
    if user.is_archived() {
        let text = "This account is archived: restore it first.";
        Err(Error::AccessDenied(text))?;
    }
    acting.require_fresh(write, code)
}

/// Whether the maker of a link could make it now: it does not outlive their power over the account.
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
    let made = acting.context.now.stamp();
    let by = acting.actor.clone();
    write.put_password_link(user.id, &PasswordLink { hash, made, by })?;
    acting.log(write, Action::PasswordLinkMade, Some(user.id), "")?;
    Ok(made.unix_seconds.saturating_add(LIFE_SECONDS))
}
