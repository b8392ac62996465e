//! Archiving accounts and restoring them: all that were named, or none.

use super::error::Decision;
use super::identify::Proof;
use super::users::managed;
use super::{Client, Error, Services};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::UserId;
use crate::domain::time::Now;
use crate::domain::user::{Role, User};
use crate::store::Write;
use std::sync::Arc;

/// Who manages: an administrator with a session, or the person at the machine.
#[derive(Clone)]
pub enum Manager {
    /// A session of an Admin or Super Admin, looked at again inside the transaction.
    Admin(Proof),
    /// The person at the machine, by the operating system's name; may what a Super Admin may.
    Operator(String),
}

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
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let address = client.address.clone();
        let job = move |write: &mut Write<'_>| {
            let acting = match &manager {
                Manager::Operator(_) => None,
                Manager::Admin(proof) => match foundation.recheck(write, proof, now)? {
                    Ok(current) => Some(current.user),
                    Err(error) => return Ok(Err(error)),
                },
            };
            let actor = match (&manager, &acting) {
                (_, Some(user)) => Actor::User(user.id),
                (Manager::Operator(name), None) => Actor::Operator(name.clone()),
                (Manager::Admin(_), None) => return Ok(Err(Error::Unauthorized)),
            };
            let users = match judge(write, acting.as_ref(), &ids, archived)? {
                Ok(users) => users,
                Err(error) => return Ok(Err(error)),
            };
            for user in users {
                let id = user.id;
                let action = apply(write, user, archived, now)?;
                let event = Event {
                    address: address.clone(),
                    ..managed(action, &actor, id, now, "")
                };
                foundation.audit(write, &event)?;
            }
            Ok(Ok(()))
        };
        self.decide(job).await
    }
}

/// The accounts that are to change, if all may; nothing is written here.
fn judge(
    write: &Write<'_>,
    acting: Option<&User>,
    ids: &[UserId],
    archived: bool,
) -> Decision<Vec<User>> {
    let mut users: Vec<User> = Vec::new();
    for id in ids {
        let Some(user) = write.user(*id)? else {
            return Ok(Err(Error::UserNotFound));
        };
        if let Some(acting) = acting {
            let is_super = acting.roles.has(Role::SuperAdmin);
            if !acting.roles.is_admin() || (user.roles.is_admin() && !is_super) {
                let text = "Only a Super Admin may do this to an Admin or Super Admin.";
                return Ok(Err(Error::AccessDenied(text)));
            }
            if acting.id == user.id {
                return Ok(Err(Error::AccessDenied("Nobody archives themselves.")));
            }
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
    write: &mut Write<'_>,
    mut user: User,
    archived: bool,
    now: Now,
) -> Result<Action, crate::store::StoreError> {
    user.archived_at = archived.then_some(now.unix_seconds);
    write.put_user(user.id, &user)?;
    if archived {
        write.end_sessions(user.id, None)?;
        Ok(Action::UserArchived)
    } else {
        Ok(Action::UserRestored)
    }
}
