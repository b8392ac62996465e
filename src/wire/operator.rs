//! `/operator`: what the operator alone may do. Served on the local socket, and not in the API's document.

use super::audit::AuditHead;
use super::{Text, exposed_one};
use crate::domain::secret::SecretText;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The one-time link to the set-up page.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SetUpLink {
    pub url: String,
}

/// An account with its first password.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub roles: Option<Vec<String>>,
    #[serde(serialize_with = "exposed_one")]
    pub password: SecretText,
}

/// A new password.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Password {
    #[serde(serialize_with = "exposed_one")]
    pub password: SecretText,
}

/// The roles that an account has from now on.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct RoleNames {
    pub roles: Vec<String>,
}

/// A head of the audit log that was kept elsewhere; both fields or none.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedHead {
    pub number: Option<u64>,
    pub hash: Option<String>,
}

/// Whether the audit log is whole.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerified {
    pub intact: bool,
    pub head: AuditHead,
    /// The number of the last row that was cut off behind a checkpoint; 0 if none was.
    pub begins_after: u64,
    pub broken_at: Option<u64>,
    pub contains_expected_head: Option<bool>,
}

/// How the service is, for the tray.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub base_url: String,
    /// Whether there is an administrator.
    pub claimed: bool,
    /// Whether sign-ins are paused.
    pub paused: bool,
    pub store_works: bool,
    pub disk_has_room: bool,
    pub clock_is_sane: bool,
    /// Number of the newest event in the audit log.
    pub newest_event: u64,
}

/// What is wrong, and what the examination read off besides.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Examined {
    pub findings: Vec<Finding>,
    pub facts: Facts,
}

/// Something that is wrong, whence, and what to do about it.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    pub check: Text,
    pub finding: String,
    pub cause: String,
    pub cure: String,
}

impl Finding {
    pub fn new(
        check: &'static str,
        finding: impl Into<String>,
        cause: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            check: check.into(),
            finding: finding.into(),
            cause: cause.into(),
            cure: cure.into(),
        }
    }
}

/// What an examination reads off.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    pub audit_head: AuditHead,
    pub store_bytes: Option<u64>,
    pub store_free_share: Option<f64>,
    pub free_bytes: Option<u64>,
    pub accounts: usize,
}
