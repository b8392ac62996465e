//! `/2fa/impersonate` and `/2fa/desimpersonation`: the support team acting as another user.

use super::two_factor::CODE_REFUSALS;
use super::{Answer, ok};
use crate::domain::id::{TeamId, UserId};
use crate::domain::impersonation::{MAX_REASON_CHARACTERS, parse_reason};
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::{Impersonating, Member};
use crate::http::error::{
    ACCESS_DENIED, ApiError, IMPERSONATION_REFUSED, TEAM_NOT_FOUND, USER_NOT_FOUND,
};
use crate::service::support::impersonate::ImpersonationRequest;
use crate::wire::impersonation::{Impersonate, Impersonated, Returned};
use crate::wire::paths;
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, paths::IMPERSONATE, impersonate)
            .summary("Lets an Admin of the support team act as another person for thirty minutes.")
            .refuses(CODE_REFUSALS)
            .refuses(&[ACCESS_DENIED, USER_NOT_FOUND])
            .refuses(&[TEAM_NOT_FOUND, IMPERSONATION_REFUSED]),
        Endpoint::new(Method::POST, paths::DESIMPERSONATION, desimpersonate)
            .summary("Ends an impersonation; the answer is the caller's own session again."),
    ]
}

async fn impersonate(
    call: Call,
    caller: Member,
    Json(body): Json<Impersonate>,
) -> Result<Answer<Impersonated>, ApiError> {
    let reason = parse_reason(body.reason.as_deref().unwrap_or_default()).ok_or_else(|| {
        ApiError::invalid_request(format!(
            "`reason` must be at most {MAX_REASON_CHARACTERS} characters without invisible characters."
        ))
    })?;
    let policy = call.services.settings().policy;
    if reason.is_empty() && policy.impersonation_reason_required {
        return Err(ApiError::invalid_request("The field `reason` is missing."));
    }
    let request = ImpersonationRequest {
        target: UserId(body.user_id),
        team: TeamId(body.team_id),
        reason,
    };
    let client = call.client();
    let access_token = call
        .services
        .support
        .impersonate(caller.proof(), request, body.code, &client)
        .await?;
    ok(Impersonated {
        access_token,
        is_two_factor_enable: false,
    })
}

async fn desimpersonate(
    call: Call,
    caller: Impersonating,
    _: NoBody,
) -> Result<Answer<Returned>, ApiError> {
    let tokens = call.services.support.desimpersonate(caller.proof()).await?;
    ok(Returned {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })
}
