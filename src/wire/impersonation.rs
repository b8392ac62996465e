//! `/2fa/impersonate` and `/2fa/desimpersonation`: acting as another user.

use crate::domain::secret::SecretText;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// As whom to act.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Impersonate {
    /// As whom; a number, or its digits as text.
    #[serde(deserialize_with = "number")]
    #[schemars(with = "NumberOrText")]
    pub user_id: u64,
    /// One of that person's teams; a number, or its digits as text.
    #[serde(deserialize_with = "number")]
    #[schemars(with = "NumberOrText")]
    pub team_id: u64,
    /// The caller's own.
    pub code: SecretText,
    /// Why; the person reads it. The configuration may ask for it.
    pub reason: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum NumberOrText {
    Number(u64),
    Text(#[schemars(regex(pattern = "^[0-9]+$"))] String),
}

/// A number, or its digits as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let wrong = || serde::de::Error::custom("expected a number");
    match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => Ok(number),
        // `parse` would take a sign too.
        NumberOrText::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map_err(|_| wrong())
        }
        NumberOrText::Text(_) => Err(wrong()),
    }
}

/// An impersonation that began.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Impersonated {
    pub access_token: String,
    /// `false`: no code was given as that person.
    pub is_two_factor_enable: bool,
}

/// The caller's own session, with new tokens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Returned {
    pub access_token: String,
    pub refresh_token: String,
}
