//! Changes of an account by an administrator: address, names, roles.

use super::People;
use super::names::{parse_email, parse_first_name, parse_last_name};
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::notice::NoticeKind;
use crate::domain::secret::SecretText;
use crate::domain::user::{Email, Role, Roles, User};
use crate::service::core::acting::{Acting, Requester};
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
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
        if holder.is_some_and(|holder| holder != user.id) {
            Err(Error::AlreadyExists("an account with this e-mail address"))?;
        }
        Ok(())
    }

    /// Whether it changes who the account belongs to, or what it may do.
    fn is_powerful(&self, user: &User) -> bool {
        self.roles.is_some()
            || self
                .email
                .as_ref()
                .is_some_and(|email| *email != user.email)
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

impl People {
    /// Sets an account's roles, with a fresh code.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`] for anybody but a Super Admin,
    /// [`Error::FreshCodeRequired`], [`Error::LastSuperAdmin`].
    pub async fn set_roles(
        &self,
        requester: &Requester,
        id: UserId,
        roles: Roles,
        client: &Client,
    ) -> Result<(), Error> {
        let change = UserChange {
            roles: Some(roles),
            ..UserChange::default()
        };
        self.change_user(requester, id, change, None, client).await
    }

    /// Changes an account's address, names or roles. Roles are a Super Admin's to give; roles and a
    /// new address take a fresh code.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`], [`Error::FreshCodeRequired`],
    /// [`Error::AlreadyExists`], [`Error::LastSuperAdmin`].
    pub async fn change_user(
        &self,
        requester: &Requester,
        id: UserId,
        change: UserChange,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<(), Error> {
        let act = move |acting: &mut Acting<'_>, write: &mut Write<'_>, mut user: User| {
            let before = user.clone();
            change.has_free_address(write, &user)?;
            if let Some(roles) = &change.roles {
                may_give_roles(acting, write, &user, roles)?;
            }
            if change.is_powerful(&user) {
                acting.require_fresh(write, code.as_ref())?;
            }
            if let Some(roles) = &change.roles {
                give_roles(acting, write, &mut user, roles)?;
            }
            change.apply(acting, write, &mut user)?;
            if user != before && !acting.is(user.id) {
                let at = acting.context.now.unix_seconds;
                write.notify(user.id, NoticeKind::AccountChanged, at)?;
            }
            Ok(())
        };
        self.core.act_on(requester, id, client, act).await
    }
}

/// Whether these roles may be given; nothing is written here.
fn may_give_roles(
    acting: &Acting<'_>,
    write: &Write<'_>,
    user: &User,
    roles: &Roles,
) -> Decision<()> {
    acting.require_super_admin()?;
    let is_super_admin = user.roles.has(Role::SuperAdmin) && !user.is_archived();
    let stays = roles.has(Role::SuperAdmin);
    if is_super_admin && !stays && !write.another_super_admin(&[user.id])? {
        Err(Error::LastSuperAdmin)?;
    }
    Ok(())
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
        acting.context.begin_grace(write, user, has_factor)?;
    }
    Ok(())
}
