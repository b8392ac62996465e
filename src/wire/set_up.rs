//! `/setup`: the claim of a new instance.

use crate::domain::secret::SecretText;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Of the one-time link.
    pub token: SecretText,
    pub email: String,
    pub password: SecretText,
    pub first_name: String,
    pub last_name: String,
}
