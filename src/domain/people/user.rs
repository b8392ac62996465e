//! A person with an account.

use crate::domain::id::UserId;
use crate::domain::text::has_hidden;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A global role. The names on the wire are `User`, `Admin` and `Super Admin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Every user.
    User,
    /// Customer support: manages users and teams.
    Admin,
    /// May do everything, also to Admins.
    SuperAdmin,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 3] = [Self::User, Self::Admin, Self::SuperAdmin];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Admin => "Admin",
            Self::SuperAdmin => "Super Admin",
        }
    }

    /// Reads a role as the API or the command line spells it (`Super Admin`, `super-admin`).
    pub fn parse(text: &str) -> Option<Self> {
        let folded = text.trim().to_ascii_lowercase().replace(['-', '_'], " ");
        Self::ALL
            .into_iter()
            .find(|role| role.name().to_ascii_lowercase() == folded)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The roles of one person: at least one, sorted, none twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// Sorts `roles` and drops repetitions; an empty list becomes `User`.
    pub fn new(mut roles: Vec<Role>) -> Self {
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() {
            roles.push(Role::User);
        }
        Self(roles)
    }

    /// Whether the role is among them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Admin or Super Admin.
    pub fn is_admin(&self) -> bool {
        self.has(Role::Admin) || self.has(Role::SuperAdmin)
    }

    /// The names on the wire.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|role| role.name()).collect()
    }
}

/// An e-mail address as it was given, trimmed; compared by [`Email::key`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email(String);

impl Email {
    /// Longest address taken, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Takes an address with one `@`, something on both sides, no white space and no character
    /// that is not seen; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let fits = text.len() <= Self::MAX_BYTES && !local.is_empty() && !domain.is_empty();
        let clean = !text.chars().any(char::is_whitespace) && !has_hidden(text);
        (fits && clean && !local.contains('@')).then(|| Self(text.to_owned()))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one address have in common: case is folded.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// An account, without its password and its second factor, which have records of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Counted from 1, never given twice.
    pub id: UserId,
    /// Where the person is reached; unique within the instance.
    pub email: Email,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Global roles.
    pub roles: Roles,
    /// Unix seconds of the account's making.
    pub created_at: u64,
    /// Unix seconds since which the account is archived.
    pub archived_at: Option<u64>,
    /// Whether the support team may act as this person.
    pub impersonation_allowed: bool,
    /// Set when a lock of the second factor was lifted: another person knew the password.
    pub must_change_password: bool,
    /// Set at set-up and by a reset: no session without a second factor, whatever the policy says.
    pub must_enrol: bool,
    /// Unix seconds since which the policy demands a factor: of a new role, or of the first sign-in
    /// that found it demanded. Grace counts from it.
    pub factor_demanded_at: Option<u64>,
}

impl User {
    /// Longest first or last name, in characters.
    pub const MAX_NAME_CHARACTERS: usize = 100;

    /// The words that this person's password must not be made of.
    pub fn personal_words(&self) -> Vec<String> {
        vec![
            self.email.as_str().to_owned(),
            self.first_name.clone(),
            self.last_name.clone(),
        ]
    }

    /// Given and family name, as people are called.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned()
    }

    /// Whether the account may not be used.
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }
}

/// Trims a first or last name; `None` if it is empty, too long or holds a character that
/// is not seen.
pub fn parse_name(text: &str) -> Option<String> {
    let text = text.trim();
    let characters = text.chars().count();
    let fits = (1..=User::MAX_NAME_CHARACTERS).contains(&characters);
    (fits && !has_hidden(text)).then(|| text.to_owned())
}
