//! Changes of an account by somebody else: address, names, roles.

use super::error::{Decision, granted};
use super::manager::{Acting, Manager};
use super::users::{parse_email, parse_first_name, parse_last_name};
use super::{Client, Error, Services};
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::notice::NoticeKind;
use crate::domain::secret::SecretText;
use crate::domain::user::{Email, Role, Roles, User};
use crate::store::{StoreError, Write};

/// What is to change in an account; `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct UserChange {
    /// The address.
    pub email: Option<Email>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Global roles.
    pub roles: Option<Roles>,
}

impl UserChange {
    /// Parses what a request says; `roles` are parsed already.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] naming the field.
    pub fn parse(
        email: Option<&str>,
        first: Option<&str>,
        last: Option<&str>,
        roles: Option<Roles>,
    ) -> Result<Self, Error> {
        Ok(Self {
            email: email.map(parse_email).transpose()?,
            first_name: first.map(parse_first_name).transpose()?,
            last_name: last.map(parse_last_name).transpose()?,
            roles,
        })
    }

    /// Whether the address is free; nothing is written here.
    fn has_free_address(&self, write: &Write<'_>, user: &User) -> Decision<()> {
        let holder = match &self.email {
            Some(email) => write.user_id_by_email(email)?,
            None => None,
        };
        Ok(if holder.is_some_and(|holder| holder != user.id) {
            Err(Error::AlreadyExists("e-mail address"))
        } else {
            Ok(())
        })
    }

    /// Writes address and names.
    fn apply(
        &self,
        acting: &Acting<'_>,
        write: &mut Write<'_>,
        user: &mut User,
    ) -> Result<(), StoreError> {
        let before = user.clone();
        if let Some(first) = &self.first_name {
            user.first_name.clone_from(first);
        }
        if let Some(last) = &self.last_name {
            user.last_name.clone_from(last);
        }
        match self.email.clone().filter(|email| *email != user.email) {
            Some(email) => write.move_user(user, email)?,
            None => write.put_user(user.id, user)?,
        }
        if *user != before {
            let detail = format!("{} {}", user.email.as_str(), user.full_name());
            acting.log(write, Action::UserChanged, Some(user.id), &detail)?;
        }
        Ok(())
    }
}

impl Services {
    /// Sets an account's roles, with a fresh code.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`] for anybody but a Super Admin,
    /// [`Error::FreshCodeRequired`], [`Error::LastSuperAdmin`].
    pub async fn set_roles(
        &self,
        manager: Manager,
        id: UserId,
        roles: Roles,
        client: &Client,
    ) -> Result<(), Error> {
        let change = UserChange {
            roles: Some(roles),
            ..UserChange::default()
        };
        self.change_user(manager, id, change, None, client).await
    }

    /// Changes an account's address, names or roles. Roles are a Super Admin's to give, with a fresh
    /// code.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`], [`Error::FreshCodeRequired`],
    /// [`Error::AlreadyExists`], [`Error::LastSuperAdmin`].
    pub async fn change_user(
        &self,
        manager: Manager,
        id: UserId,
        change: UserChange,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<(), Error> {
        self.act_on(manager, id, client, move |acting, write, user| {
            let before = user.clone();
            if let Some(roles) = &change.roles {
                granted!(may_give_roles(acting, write, user, roles, code.as_ref()));
            }
            granted!(change.has_free_address(write, user));
            if let Some(roles) = &change.roles {
                give_roles(acting, write, user, roles)?;
            }
            change.apply(acting, write, user)?;
            if *user != before && !acting.is(user.id) {
                write.notify(user.id, NoticeKind::AccountChanged, acting.now.unix_seconds)?;
            }
            Ok(Ok(()))
        })
        .await
    }
}

/// Whether these roles may be given; a code that was sent is checked and used up.
fn may_give_roles(
    acting: &mut Acting<'_>,
    write: &mut Write<'_>,
    user: &User,
    roles: &Roles,
    code: Option<&SecretText>,
) -> Decision<()> {
    if let Err(error) = acting.require_super_admin() {
        return Ok(Err(error));
    }
    granted!(acting.require_fresh(write, code));
    if loses_last_super_admin(write, user, roles.has(Role::SuperAdmin))? {
        return Ok(Err(Error::LastSuperAdmin));
    }
    Ok(Ok(()))
}

fn give_roles(
    acting: &Acting<'_>,
    write: &mut Write<'_>,
    user: &mut User,
    roles: &Roles,
) -> Result<(), StoreError> {
    if user.roles != *roles {
        user.roles = roles.clone();
        write.put_user(user.id, user)?;
        let detail = roles.names().join(", ");
        acting.log(write, Action::RolesSet, Some(user.id), &detail)?;
        // A session that runs would put it off to the next sign-in.
        let has_factor = write.factor(user.id)?.is_some();
        let foundation = acting.foundation;
        foundation.begin_grace(write, user, has_factor, acting.now)?;
    }
    Ok(())
}

/// Whether giving these roles takes the last Super Admin away.
fn loses_last_super_admin(
    write: &Write<'_>,
    user: &User,
    stays_super_admin: bool,
) -> Result<bool, StoreError> {
    let is_one = user.roles.has(Role::SuperAdmin) && !user.is_archived();
    Ok(is_one && !stays_super_admin && !write.another_super_admin(&[user.id])?)
}
