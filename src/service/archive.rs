//! Archiving accounts and restoring them: all that were named, or none.

use super::error::{Decision, granted};
use super::manager::{Acting, Manager};
use super::{Client, Error, Services};
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::user::{Role, User};
use crate::store::{StoreError, Write};

impl Services {
    /// Archives accounts, which ends their sessions, or restores them.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::LastSuperAdmin`], [`Error::AccessDenied`] for an Admin who
    /// would touch an Admin or Super Admin, and for anybody who would archive themselves.
    pub async fn set_archived(
        &self,
        manager: Manager,
        ids: Vec<UserId>,
        archived: bool,
        client: &Client,
    ) -> Result<(), Error> {
        self.act(manager, client, move |acting, write| {
            for user in granted!(judge(acting, write, &ids, archived)) {
                apply(acting, write, user, archived)?;
            }
            Ok(Ok(()))
        })
        .await
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
        let Some(user) = write.user(*id)? else {
            return Ok(Err(Error::UserNotFound));
        };
        granted!(acting.require_power_over(write, &user));
        if acting.is(user.id) {
            return Ok(Err(Error::AccessDenied("Nobody archives themselves.")));
        }
        let changes = user.is_archived() != archived && !users.iter().any(|seen| seen.id == *id);
        if changes {
            users.push(user);
        }
    }
    let loses_super_admin = users.iter().any(|user| user.roles.has(Role::SuperAdmin));
    if archived && loses_super_admin && !write.another_super_admin(ids)? {
        return Ok(Err(Error::LastSuperAdmin));
    }
    Ok(Ok(users))
}

fn apply(
    acting: &Acting<'_>,
    write: &mut Write<'_>,
    mut user: User,
    archived: bool,
) -> Result<(), StoreError> {
    user.archived_at = archived.then_some(acting.now.unix_seconds);
    write.put_user(user.id, &user)?;
    if !archived {
        return acting.log(write, Action::UserRestored, Some(user.id), "");
    }
    write.delete_password_link(user.id)?;
    let ended = acting.end_sessions_of(write, user.id)?;
    let detail = format!("{ended} sessions ended");
    acting.log(write, Action::UserArchived, Some(user.id), &detail)
}
