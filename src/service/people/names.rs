//! Address and names as a request says them, and the account that is made of them.

use crate::domain::id::UserId;
use crate::domain::password::NewPassword;
use crate::domain::user::{Email, Roles, User, parse_name};
use crate::service::core::context::Context;
use crate::service::core::error::{Decision, Error};
use crate::store::{Counter, Write};

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
        context: Context<'_>,
        write: &mut Write<'_>,
        password: Option<&NewPassword>,
    ) -> Decision<User> {
        if write.user_id_by_email(&self.names.email)?.is_some() {
            Err(Error::AlreadyExists("an account with this e-mail address"))?;
        }
        let user = User {
            id: UserId(write.next_id(Counter::User)?),
            email: self.names.email.clone(),
            first_name: self.names.first.clone(),
            last_name: self.names.last.clone(),
            roles: self.roles.clone(),
            created_at: context.now.unix_seconds,
            archived_at: None,
            impersonation_allowed: true,
            must_change_password: false,
            must_enrol: self.must_enrol,
            factor_demanded_at: None,
        };
        write.add_user(&user)?;
        if let Some(password) = password {
            let pepper = &context.foundation.pepper;
            write.put_password(user.id, &password.bind(user.id, pepper))?;
        }
        Ok(user)
    }
}

pub(in crate::service) fn parse_email(email: &str) -> Result<Email, Error> {
    let text = "`email` must be an e-mail address.";
    Email::parse(email).ok_or_else(|| Error::InvalidRequest(text.to_owned()))
}

const NAME_RULE: &str = "must be 1 to 100 characters without invisible characters";

pub(in crate::service) fn parse_first_name(name: &str) -> Result<String, Error> {
    let text = || format!("`firstName` {NAME_RULE}.");
    parse_name(name).ok_or_else(|| Error::InvalidRequest(text()))
}

/// Many people have one name only: the family name may be empty.
pub(in crate::service) fn parse_last_name(name: &str) -> Result<String, Error> {
    let text = || format!("`lastName` {NAME_RULE}.");
    if name.trim().is_empty() {
        return Ok(String::new());
    }
    parse_name(name).ok_or_else(|| Error::InvalidRequest(text()))
}
