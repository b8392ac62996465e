//! Accounts as administrators see them.

use super::People;
use crate::domain::id::UserId;
use crate::domain::user::{Role, User};
use crate::service::core::error::Error;
use crate::store::{Read, StoreError};

/// An account with what a list shows of it.
pub struct UserSummary {
    /// The account.
    pub user: User,
    /// Whether the second factor is on.
    pub has_factor: bool,
    /// Whether the second factor is locked.
    pub is_locked: bool,
    /// Recovery codes left.
    pub recovery_codes_left: u32,
    /// Unix seconds until which a password is enough although a factor is demanded; `None` where no
    /// grace runs.
    pub grace_until: Option<u64>,
}

/// Which accounts a list shows.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// Part of the address or the names, in any case.
    pub search: Option<String>,
    /// With this role.
    pub role: Option<Role>,
    /// Archived ones only, or the others only.
    pub archived: Option<bool>,
    /// With the second factor on only, or off only.
    pub has_factor: Option<bool>,
    /// Ids after this one.
    pub after: u64,
    /// Most accounts.
    pub limit: usize,
}

impl UserQuery {
    /// Whether the account itself is wanted; `search` is in small letters.
    fn wants(&self, search: Option<&str>, user: &User) -> bool {
        let has = |search: &str| {
            let (first, last) = (&user.first_name, &user.last_name);
            let text = format!("{} {first} {last}", user.email.as_str());
            text.to_lowercase().contains(search)
        };
        self.role.is_none_or(|role| user.roles.has(role))
            && self
                .archived
                .is_none_or(|wanted| wanted == user.is_archived())
            && search.is_none_or(has)
    }
}

impl People {
    /// Accounts in the order of their ids, and whether there are more.
    ///
    /// # Errors
    /// If the store fails.
    pub fn list_users(&self, query: &UserQuery) -> Result<(Vec<UserSummary>, bool), Error> {
        let search = query.search.as_deref().map(str::to_lowercase);
        Ok(self.core.store.read(|read| {
            let holders = read.factor_holders()?;
            let mut found = Vec::new();
            for user in read.users_after(UserId(query.after))? {
                let user = user?;
                // What costs a look into another table comes last.
                let wanted = query.wants(search.as_deref(), &user)
                    && match query.has_factor {
                        Some(wanted) => holders.has(user.id)? == wanted,
                        None => true,
                    };
                if !wanted {
                    continue;
                }
                if found.len() == query.limit {
                    return Ok((found, true));
                }
                found.push(self.summary(read, user)?);
            }
            Ok((found, false))
        })?)
    }

    /// One account.
    ///
    /// # Errors
    /// [`Error::UserNotFound`].
    pub fn show_user(&self, id: UserId) -> Result<UserSummary, Error> {
        let found = self.core.store.read(|read| match read.user(id)? {
            Some(user) => self.summary(read, user).map(Some),
            None => Ok(None),
        })?;
        found.ok_or(Error::UserNotFound)
    }

    fn summary(&self, read: &Read, user: User) -> Result<UserSummary, StoreError> {
        let id = user.id;
        let has_factor = read.factor(id)?.is_some();
        let policy = self.core.foundation.settings.policy;
        let in_grace = !has_factor && user.factor_demanded_at.is_some() && policy.demands_of(&user);
        let grace_until = if in_grace {
            policy.grace_until(&user, self.core.now())
        } else {
            None
        };
        Ok(UserSummary {
            has_factor,
            is_locked: read.lockout(id)?.is_some_and(|lockout| lockout.is_locked()),
            recovery_codes_left: read.recovery_codes(id)?.map_or(0, |codes| codes.left()),
            grace_until,
            user,
        })
    }
}
