//! `/users`: accounts, as administrators see them.

use super::{Text, Time};
use crate::domain::id::UserId;
use crate::domain::secret::SecretText;
use crate::domain::user::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of accounts.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accounts {
    pub users: Vec<Account>,
    /// For the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// An account as administrators see it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub id: UserId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    #[schemars(with = "Vec<Role>")]
    pub roles: Vec<Text>,
    #[schemars(extend("enum" = ["active", "archived"]))]
    pub status: Text,
    pub is_two_factor_enable: bool,
    pub is_two_factor_locked: bool,
    pub recovery_codes_left: u32,
    pub must_change_password: bool,
    pub impersonation_allowed: bool,
    /// Until when a password is enough although a second factor is demanded; `null` where no grace runs.
    pub grace_until: Option<Time>,
    pub created_at: Option<Time>,
    pub archived_at: Option<Time>,
}

/// What is to change; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountChange {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub roles: Option<Vec<String>>,
    /// The caller's own, where roles are changed and the last code is older than five minutes.
    pub code: Option<SecretText>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct AccountIds {
    pub ids: Vec<UserId>,
    /// The caller's own, where the last code is older than five minutes.
    #[serde(default, skip_serializing)]
    pub code: Option<SecretText>,
}

/// A link that is good once.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneTimeLink {
    pub url: String,
    /// A picture of the link, as a `data:` URL; left out for the operator, whose terminal draws its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub qr_code: Option<String>,
    pub expires_at: Option<Time>,
}
