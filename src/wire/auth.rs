//! `/auth`: signing in, and the tokens of sessions.

use super::Text;
use super::shape::object::Object;
use crate::domain::secret::SecretText;
use crate::domain::session::Stage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// E-mail and password, in either of the forms that the public API family takes.
#[derive(Deserialize, JsonSchema)]
pub struct SignIn {
    pub credentials: Option<Object<Credentials>>,
    pub email: Option<String>,
    pub password: Option<SecretText>,
}

#[derive(Deserialize, JsonSchema)]
pub struct Credentials {
    pub email: String,
    pub password: SecretText,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignUp {
    pub email: String,
    pub password: SecretText,
    pub first_name: String,
    pub last_name: String,
}

/// A session that was opened.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInAnswer {
    pub access_token: String,
    /// Empty for a session that is not full.
    pub refresh_token: String,
    pub is_two_factor_enable: bool,
    /// `full`, or what the session still needs: its code, or an enrolment.
    #[schemars(with = "Stage")]
    pub stage: Text,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    pub refresh_token: SecretText,
}

/// The renewed tokens of a full session.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refreshed {
    pub access_token: String,
    pub refresh_token: String,
    pub is_two_factor_enable: bool,
}

#[derive(Default, Deserialize, JsonSchema)]
pub struct SignOut {
    /// All of the caller's sessions; needs a full one.
    #[serde(default)]
    pub everywhere: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangePassword {
    pub current_password: SecretText,
    pub new_password: SecretText,
    /// What the authenticator app shows, where the last code is older than five minutes.
    pub code: Option<SecretText>,
}

/// A changed password, and the session's new tokens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasswordChanged {
    pub message: Text,
    pub description: Text,
    pub access_token: String,
    pub refresh_token: String,
}

#[derive(Deserialize, JsonSchema)]
pub struct Restore {
    pub token: SecretText,
    pub password: SecretText,
}
