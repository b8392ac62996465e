//! Archiving accounts and restoring them: all that were named, or none.

use super::People;
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::secret::SecretText;
use crate::domain::user::{Role, User};
use crate::service::core::acting::{Acting, Requester};
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
use crate::store::{StoreError, Write};

impl People {
    /// Archives accounts, which ends their sessions, or restores them; with a fresh code.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::LastSuperAdmin`], [`Error::AccessDenied`] for an Admin who
    /// would touch an Admin or Super Admin, and for anybody who would archive themselves,
    /// [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub async fn set_archived(
        &self,
        requester: &Requester,
        ids: Vec<UserId>,
        archived: bool,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            let users = judge(acting, write, &ids, archived)?;
            acting.require_fresh(write, code.as_ref())?;
            for user in users {
                apply(acting, write, user, archived)?;
            }
            Ok(())
        });
        act.await
    }
}

/// The accounts that are to change, if all may; nothing is written here.
fn judge(
    acting: &Acting<'_>,
    write: &Write<'_>,
    ids: &[UserId],
    archived: bool,
) -> Decision<Vec<User>> {
    let mut users: Vec<User> = Vec::new();
    for id in ids {
        let user = write.user(*id)?.ok_or(Error::UserNotFound)?;
        acting.require_power_over(write, &user)?;
        if acting.is(user.id) {
            Err(Error::AccessDenied("Nobody archives themselves."))?;
        }
        let changes = user.is_archived() != archived && !users.iter().any(|seen| seen.id == *id);
        if changes {
            users.push(user);
        }
    }
    let loses_super_admin = users.iter().any(|user| user.roles.has(Role::SuperAdmin));
    if archived && loses_super_admin && !write.another_super_admin(ids)? {
        Err(Error::LastSuperAdmin)?;
    }
    Ok(users)
}

fn apply(
    acting: &Acting<'_>,
    write: &mut Write<'_>,
    mut user: User,
    archived: bool,
) -> Result<(), StoreError> {
    user.archived_at = archived.then_some(acting.context.now.unix_seconds);
    write.put_user(user.id, &user)?;
    if !archived {
        return acting.log(write, Action::UserRestored, Some(user.id), "");
    }
    write.delete_password_link(user.id)?;
    let ended = acting.end_sessions_of(write, user.id)?;
    let detail = format!("{ended} sessions ended");
    acting.log(write, Action::UserArchived, Some(user.id), &detail)
}
