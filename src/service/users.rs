//! Accounts, as administrators and the person at the machine manage them.

use super::error::Decision;
use super::{Error, Services};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::UserId;
use crate::domain::notice::NoticeKind;
use crate::domain::password::PasswordHash;
use crate::domain::secret::SecretText;
use crate::domain::time::Now;
use crate::domain::user::{Email, Role, Roles, User, parse_name};
use crate::store::{Counter, Read, StoreError, Write};
use std::sync::Arc;

/// Address and names of a person, parsed.
#[derive(Clone)]
pub struct Names {
    email: Email,
    first: String,
    last: String,
}

impl Names {
    /// Parses what a request says.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] naming the field.
    pub fn parse(email: &str, first: &str, last: &str) -> Result<Self, Error> {
        let invalid = |what: &str| Error::InvalidRequest(what.to_owned());
        let name = "must be 1 to 100 characters without control characters";
        Ok(Self {
            email: Email::parse(email)
                .ok_or_else(|| invalid("`email` must be an e-mail address."))?,
            first: parse_name(first).ok_or_else(|| invalid(&format!("`firstName` {name}.")))?,
            last: match last.trim() {
                // Many people have one name only.
                "" => String::new(),
                last => parse_name(last).ok_or_else(|| invalid(&format!("`lastName` {name}.")))?,
            },
        })
    }

    /// The words that a password must not be made of.
    pub(super) fn personal(&self) -> Vec<String> {
        vec![
            self.email.as_str().to_owned(),
            self.first.clone(),
            self.last.clone(),
        ]
    }
}

/// An account that is to be made.
pub(super) struct NewUser {
    pub(super) names: Names,
    pub(super) roles: Roles,
    pub(super) must_enrol: bool,
}

impl NewUser {
    /// Writes the account, if the address is free.
    pub(super) fn add(
        &self,
        write: &mut Write<'_>,
        password: Option<&PasswordHash>,
        now: Now,
    ) -> Decision<User> {
        if write.user_id_by_email(&self.names.email)?.is_some() {
            return Ok(Err(Error::AlreadyExists("e-mail address")));
        }
        let user = User {
            id: UserId(write.next_id(Counter::User)?),
            email: self.names.email.clone(),
            first_name: self.names.first.clone(),
            last_name: self.names.last.clone(),
            roles: self.roles.clone(),
            created_at: now.unix_seconds,
            archived_at: None,
            impersonation_allowed: true,
            must_change_password: false,
            must_enrol: self.must_enrol,
            factor_demanded_at: None,
        };
        write.add_user(&user)?;
        if let Some(password) = password {
            write.put_password(user.id, password)?;
        }
        Ok(Ok(user))
    }
}

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

impl Services {
    /// Accounts in the order of their ids, and whether there are more.
    ///
    /// # Errors
    /// If the store fails.
    pub fn list_users(&self, query: &UserQuery) -> Result<(Vec<UserSummary>, bool), Error> {
        let search = query.search.as_deref().map(str::to_lowercase);
        Ok(self.store.read(|read| {
            let mut found = Vec::new();
            for user in read.users_after(UserId(query.after))? {
                let user = user?;
                let text = format!(
                    "{} {} {}",
                    user.email.as_str(),
                    user.first_name,
                    user.last_name
                );
                let wanted = search
                    .as_deref()
                    .is_none_or(|search| text.to_lowercase().contains(search))
                    && query.role.is_none_or(|role| user.roles.has(role))
                    && query
                        .archived
                        .is_none_or(|wanted| wanted == user.is_archived());
                if !wanted {
                    continue;
                }
                let summary = summary(read, user)?;
                if query
                    .has_factor
                    .is_some_and(|wanted| wanted != summary.has_factor)
                {
                    continue;
                }
                if found.len() == query.limit {
                    return Ok((found, true));
                }
                found.push(summary);
            }
            Ok((found, false))
        })?)
    }

    /// One account.
    ///
    /// # Errors
    /// [`Error::UserNotFound`].
    pub fn show_user(&self, id: UserId) -> Result<UserSummary, Error> {
        let found = self.store.read(|read| match read.user(id)? {
            Some(user) => summary(read, user).map(Some),
            None => Ok(None),
        })?;
        found.ok_or(Error::UserNotFound)
    }

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
        let hash = self.hash_new_password(password, names.personal()).await?;
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let actor = Actor::Operator(operator.to_owned());
        let job = move |write: &mut Write<'_>| {
            let new = NewUser {
                names: names.clone(),
                roles: roles.clone(),
                must_enrol: false,
            };
            let user = match new.add(write, Some(&hash), now)? {
                Ok(user) => user,
                Err(error) => return Ok(Err(error)),
            };
            if user.roles.has(Role::SuperAdmin) {
                let mut set_up = write.set_up()?.unwrap_or_default();
                let member = (!set_up.claimed).then_some(user.id);
                set_up.claimed = true;
                set_up.link = None;
                write.put_set_up(&set_up)?;
                super::set_up::ensure_support_team(write, member, now.unix_seconds)?;
            }
            let detail = user.roles.names().join(", ");
            let event = managed(Action::UserCreated, &actor, user.id, now, &detail);
            foundation.audit(write, &event)?;
            Ok(Ok(user.id))
        };
        let id = self.decide(job).await?;
        self.show_user(id)
    }

    /// Sets an account's roles.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::LastSuperAdmin`].
    pub async fn set_roles(&self, operator: &str, id: UserId, roles: Roles) -> Result<(), Error> {
        let act = move |write: &mut Write<'_>, user: &mut User, _: Now| {
            let demotes = user.roles.has(Role::SuperAdmin) && !roles.has(Role::SuperAdmin);
            if demotes && !user.is_archived() && !write.another_super_admin(&[user.id])? {
                return Ok(Err(Error::LastSuperAdmin));
            }
            user.roles = roles.clone();
            Ok(Ok(roles.names().join(", ")))
        };
        self.manage(operator, id, Action::RolesSet, act).await
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
        let hash = self.hash_new_password(password, personal).await?;
        let act = move |write: &mut Write<'_>, user: &mut User, now: Now| {
            write.put_password(user.id, &hash)?;
            user.must_change_password = false;
            write.notify(user.id, NoticeKind::PasswordSet, now.unix_seconds)?;
            let ended = write.end_sessions(user.id, None)?;
            Ok(Ok(format!("{ended} sessions ended")))
        };
        self.manage(operator, id, Action::PasswordSet, act).await
    }

    /// Lifts the lock, and any wait, of an account's second factor. If it was locked, the password
    /// must be changed: somebody else knows it.
    ///
    /// # Errors
    /// [`Error::UserNotFound`].
    pub async fn unlock(&self, operator: &str, id: UserId) -> Result<(), Error> {
        let act = |write: &mut Write<'_>, user: &mut User, now: Now| {
            let mut lockout = write.lockout(user.id)?.unwrap_or_default();
            let lifted = lockout.clear();
            write.keep_lockout(user.id, &lockout)?;
            if lifted {
                user.must_change_password = true;
                write.notify(user.id, NoticeKind::SecondFactorUnlocked, now.unix_seconds)?;
            }
            let detail = if lifted {
                "lock lifted"
            } else {
                "was not locked"
            };
            Ok(Ok(detail.to_owned()))
        };
        self.manage(operator, id, Action::FactorUnlocked, act).await
    }

    /// Removes an account's second factor with its recovery codes and its lock, **voids the
    /// password**, and ends all sessions: whoever else knew the password gains nothing. The person
    /// at the machine sets a new one.
    ///
    /// # Errors
    /// [`Error::UserNotFound`].
    pub async fn reset_two_factor(&self, operator: &str, id: UserId) -> Result<(), Error> {
        let act = |write: &mut Write<'_>, user: &mut User, now: Now| {
            write.delete_factor(user.id)?;
            write.delete_recovery_codes(user.id)?;
            write.delete_lockout(user.id)?;
            write.delete_password(user.id)?;
            user.must_enrol = true;
            user.must_change_password = false;
            write.notify(user.id, NoticeKind::SecondFactorReset, now.unix_seconds)?;
            let ended = write.end_sessions(user.id, None)?;
            Ok(Ok(format!("password voided, {ended} sessions ended")))
        };
        self.manage(operator, id, Action::FactorReset, act).await
    }

    async fn manage<A>(
        &self,
        operator: &str,
        id: UserId,
        action: Action,
        act: A,
    ) -> Result<(), Error>
    where
        A: Fn(&mut Write<'_>, &mut User, Now) -> Decision<String> + Send + 'static,
    {
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let actor = Actor::Operator(operator.to_owned());
        let job = move |write: &mut Write<'_>| {
            let Some(mut user) = write.user(id)? else {
                return Ok(Err(Error::UserNotFound));
            };
            let detail = match act(write, &mut user, now)? {
                Ok(detail) => detail,
                Err(error) => return Ok(Err(error)),
            };
            write.put_user(id, &user)?;
            foundation.audit(write, &managed(action, &actor, id, now, &detail))?;
            Ok(Ok(()))
        };
        self.decide(job).await
    }
}

fn summary(read: &Read, user: User) -> Result<UserSummary, StoreError> {
    let id = user.id;
    Ok(UserSummary {
        has_factor: read.factor(id)?.is_some(),
        is_locked: read.lockout(id)?.is_some_and(|lockout| lockout.is_locked()),
        recovery_codes_left: read.recovery_codes(id)?.map_or(0, |codes| codes.left()),
        user,
    })
}

/// The event of something that was done to an account from outside it.
pub(super) fn managed(
    action: Action,
    actor: &Actor,
    user: UserId,
    now: Now,
    detail: &str,
) -> Event {
    Event {
        at: now.unix_seconds,
        action,
        actor: actor.clone(),
        user: Some(user),
        session: None,
        address: String::new(),
        detail: detail.to_owned(),
    }
}
