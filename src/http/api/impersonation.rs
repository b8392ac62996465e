//! `/2fa/impersonate` and `/2fa/desimpersonation`: the support team acting as somebody else.

use super::{Answer, ok};
use crate::domain::id::{TeamId, UserId};
use crate::domain::impersonation::{MAX_REASON_CHARACTERS, parse_reason};
use crate::domain::secret::SecretText;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::{Impersonating, Member};
use crate::http::routes::Endpoint;
use crate::service::Wish;
use serde::{Deserialize, Deserializer, Serialize};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/2fa/impersonate", impersonate),
        Endpoint::new(Method::POST, "/2fa/desimpersonation", desimpersonate),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Impersonate {
    #[serde(deserialize_with = "number")]
    user_id: u64,
    #[serde(deserialize_with = "number")]
    team_id: u64,
    code: SecretText,
    reason: Option<String>,
}

/// A number, or its digits as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    let wrong = || serde::de::Error::custom("expected a number");
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        // `parse` would take a sign too.
        Either::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map_err(|_| wrong())
        }
        Either::Text(_) => Err(wrong()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Impersonated {
    access_token: String,
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
    // No code was given as that person.
    ok(Impersonated {
        access_token,
        is_two_factor_enable: false,
    })
}

#[derive(Serialize)]
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
