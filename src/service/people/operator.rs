//! What only the operator does to accounts: make one with a password, set a password, lift a lock.

use super::People;
use super::list::UserSummary;
use super::names::{Names, NewUser};
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::notice::NoticeKind;
use crate::domain::password::NewPassword;
use crate::domain::secret::SecretText;
use crate::domain::user::{Role, Roles, User};
use crate::service::core::acting::{Acting, Requester};
use crate::service::core::context::Client;
use crate::service::core::error::Error;
use crate::service::teams::support_team::ensure_support_team;
use crate::store::{StoreError, Write};

impl People {
    /// Makes an account with a password.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`], [`Error::WeakPassword`], [`Error::InvalidRequest`].
    pub async fn create_user(
        &self,
        operator: &str,
        names: Names,
        roles: Roles,
        password: SecretText,
    ) -> Result<UserSummary, Error> {
        let personal = names.personal();
        let hash = self.entry.hash_new_password(password, personal).await?;
        let (requester, client) = by_operator(operator);
        let created = self.core.act(&requester, &client, move |acting, write| {
            let context = acting.context;
            let now = context.now;
            let new = NewUser {
                names: names.clone(),
                roles: roles.clone(),
                must_enrol: false,
            };
            let user = new.add(context, write, Some(&hash))?;
            if user.roles.has(Role::SuperAdmin) {
                let mut set_up = write.set_up()?.unwrap_or_default();
                let member = (!set_up.claimed).then_some(user.id);
                set_up.claimed = true;
                set_up.link = None;
                write.put_set_up(&set_up)?;
                ensure_support_team(write, member, now.unix_seconds)?;
            }
            let detail = user.roles.names().join(", ");
            acting.log(write, Action::UserCreated, Some(user.id), &detail)?;
            Ok(user.id)
        });
        self.show_user(created.await?)
    }

    /// Sets an account's password; all its sessions end. A lock of the second factor stays.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::WeakPassword`].
    pub async fn set_password(
        &self,
        operator: &str,
        id: UserId,
        password: SecretText,
    ) -> Result<(), Error> {
        let personal = self.show_user(id)?.user.personal_words();
        let hash = self.entry.hash_new_password(password, personal).await?;
        let (requester, client) = by_operator(operator);
        let act = self
            .core
            .act_on(&requester, id, &client, move |acting, write, mut user| {
                let ended = replace_password(acting, write, &mut user, &hash)?;
                let at = acting.context.now.unix_seconds;
                write.notify(user.id, NoticeKind::PasswordSet, at)?;
                let detail = format!("{ended} sessions ended");
                acting.log(write, Action::PasswordSet, Some(user.id), &detail)?;
                Ok(())
            });
        act.await
    }

    /// Lifts the lock, and any wait, of an account's second factor. If it was locked, the password
    /// must be changed: somebody else knows it.
    ///
    /// # Errors
    /// [`Error::UserNotFound`].
    pub async fn unlock(&self, operator: &str, id: UserId) -> Result<(), Error> {
        let (requester, client) = by_operator(operator);
        let act = self
            .core
            .act_on(&requester, id, &client, |acting, write, mut user| {
                let mut lockout = write.lockout(user.id)?.unwrap_or_default();
                let lifted = lockout.clear();
                write.keep_lockout(user.id, &lockout)?;
                let at = acting.context.now.unix_seconds;
                if lifted {
                    user.must_change_password = true;
                    write.put_user(user.id, &user)?;
                    write.notify(user.id, NoticeKind::SecondFactorUnlocked, at)?;
                }
                let detail = if lifted {
                    "lock lifted"
                } else {
                    "was not locked"
                };
                acting.log(write, Action::FactorUnlocked, Some(user.id), detail)?;
                Ok(())
            });
        act.await
    }
}

fn by_operator(name: &str) -> (Requester, Client) {
    (Requester::Operator(name.to_owned()), Client::of_operator())
}

/// Puts a password in place of a person's own, which ends their sessions; how many.
fn replace_password(
    acting: &Acting<'_>,
    write: &mut Write<'_>,
    user: &mut User,
    password: &NewPassword,
) -> Result<usize, StoreError> {
    let pepper = &acting.context.foundation.pepper;
    write.put_password(user.id, &password.bind(user.id, pepper))?;
    write.delete_password_link(user.id)?;
    user.must_change_password = false;
    write.put_user(user.id, user)?;
    acting.end_sessions_of(write, user.id)
}
