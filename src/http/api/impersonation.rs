//! `/2fa/impersonate` and `/2fa/desimpersonation`: the support team acting as somebody else.

use super::two_factor::CODE_REFUSALS;
use super::{Answer, ok};
use crate::domain::id::{TeamId, UserId};
use crate::domain::impersonation::{MAX_REASON_CHARACTERS, parse_reason};
use crate::domain::secret::SecretText;
use crate::http::endpoint::Endpoint;
use crate::http::error::{
    ACCESS_DENIED, ApiError, IMPERSONATION_REFUSED, TEAM_NOT_FOUND, USER_NOT_FOUND,
};
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::{Impersonating, Member};
use crate::service::Wish;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/2fa/impersonate", impersonate)
            .summary("Lets an Admin of the support team act as somebody else for thirty minutes.")
            .refuses(CODE_REFUSALS)
            .refuses(&[ACCESS_DENIED, USER_NOT_FOUND])
            .refuses(&[TEAM_NOT_FOUND, IMPERSONATION_REFUSED]),
        Endpoint::new(Method::POST, "/2fa/desimpersonation", desimpersonate)
            .summary("Ends an impersonation; the answer is the caller's own session again."),
    ]
}

/// As whom to act.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Impersonate {
    /// As whom; a number, or its digits as text.
    #[serde(deserialize_with = "number")]
    #[schemars(with = "NumberOrText")]
    user_id: u64,
    /// One of that person's teams; a number, or its digits as text.
    #[serde(deserialize_with = "number")]
    #[schemars(with = "NumberOrText")]
    team_id: u64,
    /// The caller's own.
    code: SecretText,
    /// Why; the person reads it. The configuration may ask for it.
    reason: Option<String>,
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
struct Impersonated {
    access_token: String,
    /// `false`: no code was given as that person.
    is_two_factor_enable: bool,
}

async fn impersonate(
    call: Call,
    caller: Member,
    Json(body): Json<Impersonate>,
) -> Result<Answer<Impersonated>, ApiError> {
    let reason = parse_reason(body.reason.as_deref().unwrap_or_default()).ok_or_else(|| {
        ApiError::invalid_request(format!(
            "`reason` must be at most {MAX_REASON_CHARACTERS} characters without control characters."
        ))
    })?;
    let policy = call.services.settings().policy;
    if reason.is_empty() && policy.impersonation_reason_required {
        return Err(ApiError::invalid_request("The field `reason` is missing."));
    }
    let wish = Wish {
        target: UserId(body.user_id),
        team: TeamId(body.team_id),
        reason,
    };
    let client = call.client();
    let access_token = call
        .services
        .impersonate(&caller.0.proof, wish, body.code, &client)
        .await?;
    ok(Impersonated {
        access_token,
        is_two_factor_enable: false,
    })
}

/// The caller's own session, with new tokens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Returned {
    access_token: String,
    refresh_token: String,
}

async fn desimpersonate(
    call: Call,
    caller: Impersonating,
    _: NoBody,
) -> Result<Answer<Returned>, ApiError> {
    let tokens = call.services.desimpersonate(&caller.0.proof).await?;
    ok(Returned {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })
}
