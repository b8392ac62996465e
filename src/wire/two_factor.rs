//! `/2fa`: the second factor. For `/2fa/impersonate` see `impersonation.rs`.

use super::{Text, Time, exposed};
use crate::domain::secret::SecretText;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A code for the second factor.
#[derive(Deserialize, JsonSchema)]
pub struct Code {
    /// What the authenticator app shows, or where a sign-in is finished, a recovery code.
    pub code: SecretText,
}

/// The first code of a new factor.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enable {
    /// What the authenticator app shows for the new secret.
    pub code: SecretText,
    /// Where a factor is replaced: a code, or a recovery code, of the one that is in force.
    pub current_code: Option<SecretText>,
}

/// A code that may come with a request.
#[derive(Default, Deserialize, JsonSchema)]
pub struct OptionalCode {
    /// What the authenticator app shows; makes the session fresh.
    pub code: Option<SecretText>,
}

/// A finished sign-in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Authenticated {
    pub access_token: String,
    pub is_two_factor_enable: bool,
    /// Told when a recovery code was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub recovery_codes_left: Option<u32>,
    pub refresh_token: String,
}

/// A secret for the authenticator app.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// A picture of the link, as a `data:` URL.
    pub qr_code: String,
    /// The `otpauth:` link.
    pub link: String,
}

/// A second factor that is on, with its recovery codes, and the session's new tokens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enabled {
    pub message: Text,
    pub description: Text,
    #[serde(serialize_with = "exposed")]
    pub recovery_codes: Vec<SecretText>,
    pub access_token: String,
    pub refresh_token: String,
}

/// New recovery codes; each works once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewRecoveryCodes {
    pub message: Text,
    pub description: Text,
    #[serde(serialize_with = "exposed")]
    pub recovery_codes: Vec<SecretText>,
}

/// Where a second factor stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactorStatus {
    pub is_two_factor_enable: bool,
    /// Until when the secret that this session generated can be confirmed.
    pub pending_until: Option<Time>,
    pub recovery_codes_left: u32,
    /// Whether the policy demands a second factor.
    pub required: bool,
    pub enabled_at: Option<Time>,
    pub failed_since_last_sign_in: u32,
}
