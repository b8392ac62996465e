//! `/sign-ins`: whether people may sign in.

use super::{Time, exposed_option};
use crate::domain::secret::SecretText;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether people may sign in.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SignIns {
    pub paused: bool,
    /// `null` while they are not paused.
    pub since: Option<Time>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Change {
    pub paused: bool,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "exposed_option"
    )]
    pub code: Option<SecretText>,
}
