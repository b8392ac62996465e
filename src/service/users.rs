//! Accounts, as administrators and the person at the machine manage them.

use super::error::{Decision, granted};
use super::manager::Manager;
use super::{Client, Error, Services};
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::notice::NoticeKind;
use crate::domain::password::PasswordHash;
use crate::domain::secret::SecretText;
use crate::domain::time::Now;
use crate::domain::user::{Email, Role, Roles, User, parse_name};
use crate::store::{Counter, Read, StoreError, Write};

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
        Ok(Self {
            email: parse_email(email)?,
            first: parse_first_name(first)?,
            last: parse_last_name(last)?,
        })
    }

    pub(super) fn into_parts(self) -> (Email, String, String) {
        (self.email, self.first, self.last)
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
    /// Unix seconds until which a password is enough although a factor is demanded; `None` where no
    /// grace runs.
    pub grace_until: Option<u64>,
}

pub(super) fn parse_email(email: &str) -> Result<Email, Error> {
    let text = "`email` must be an e-mail address.";
    Email::parse(email).ok_or_else(|| Error::InvalidRequest(text.to_owned()))
}

const NAME_RULE: &str = "must be 1 to 100 characters without control characters";

pub(super) fn parse_first_name(name: &str) -> Result<String, Error> {
    let text = || format!("`firstName` {NAME_RULE}.");
    parse_name(name).ok_or_else(|| Error::InvalidRequest(text()))
}

/// Many people have one name only: the family name may be empty.
pub(super) fn parse_last_name(name: &str) -> Result<String, Error> {
    let text = || format!("`lastName` {NAME_RULE}.");
    if name.trim().is_empty() {
        return Ok(String::new());
    }
    parse_name(name).ok_or_else(|| Error::InvalidRequest(text()))
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

impl Services {
    /// Accounts in the order of their ids, and whether there are more.
    ///
    /// # Errors
    /// If the store fails.
    pub fn list_users(&self, query: &UserQuery) -> Result<(Vec<UserSummary>, bool), Error> {
        let search = query.search.as_deref().map(str::to_lowercase);
        Ok(self.store.read(|read| {
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
        let found = self.store.read(|read| match read.user(id)? {
            Some(user) => self.summary(read, user).map(Some),
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
        let manager = Manager::Operator(operator.to_owned());
        let client = Client::of_operator();
        let created = self.act(manager, &client, move |acting, write| {
            let now = acting.now;
            let new = NewUser {
                names: names.clone(),
                roles: roles.clone(),
                must_enrol: false,
            };
            let user = granted!(new.add(write, Some(&hash), now));
            if user.roles.has(Role::SuperAdmin) {
                let mut set_up = write.set_up()?.unwrap_or_default();
                let member = (!set_up.claimed).then_some(user.id);
                set_up.claimed = true;
                set_up.link = None;
                write.put_set_up(&set_up)?;
                super::set_up::ensure_support_team(write, member, now.unix_seconds)?;
            }
            let detail = user.roles.names().join(", ");
            acting.log(write, Action::UserCreated, Some(user.id), &detail)?;
            Ok(Ok(user.id))
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
        let hash = self.hash_new_password(password, personal).await?;
        let manager = Manager::Operator(operator.to_owned());
        let client = Client::of_operator();
        self.act_on(manager, id, &client, move |acting, write, user| {
            let ended = acting.replace_password(write, user, &hash)?;
            write.notify(user.id, NoticeKind::PasswordSet, acting.now.unix_seconds)?;
            let detail = format!("{ended} sessions ended");
            acting.log(write, Action::PasswordSet, Some(user.id), &detail)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Lifts the lock, and any wait, of an account's second factor. If it was locked, the password
    /// must be changed: somebody else knows it.
    ///
    /// # Errors
    /// [`Error::UserNotFound`].
    pub async fn unlock(&self, operator: &str, id: UserId) -> Result<(), Error> {
        let manager = Manager::Operator(operator.to_owned());
        let client = Client::of_operator();
        self.act_on(manager, id, &client, |acting, write, user| {
            let mut lockout = write.lockout(user.id)?.unwrap_or_default();
            let lifted = lockout.clear();
            write.keep_lockout(user.id, &lockout)?;
            let at = acting.now.unix_seconds;
            if lifted {
                user.must_change_password = true;
                write.put_user(user.id, user)?;
                write.notify(user.id, NoticeKind::SecondFactorUnlocked, at)?;
            }
            let detail = if lifted {
                "lock lifted"
            } else {
                "was not locked"
            };
            acting.log(write, Action::FactorUnlocked, Some(user.id), detail)?;
            Ok(Ok(()))
        })
        .await
    }

    fn summary(&self, read: &Read, user: User) -> Result<UserSummary, StoreError> {
        let id = user.id;
        let has_factor = read.factor(id)?.is_some();
        let policy = self.settings().policy;
        let in_grace = !has_factor && user.factor_demanded_at.is_some() && policy.demands_of(&user);
        let grace_until = if in_grace {
            policy.grace_until(&user, self.now())
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
