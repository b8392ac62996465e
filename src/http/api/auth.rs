//! `/auth`: the password's door, tokens, and the caller's own account.

use super::{Answer, done, ok, time};
use crate::domain::id::NoticeId;
use crate::domain::notice::Notice;
use crate::domain::secret::SecretText;
use crate::domain::session::Stage;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, Maybe, NoBody, Object};
use crate::http::principal::{AnySession, Anybody, Member, Present, SignedIn};
use crate::http::routes::Endpoint;
use crate::service::Error;
use crate::service::identify::Caller;
use crate::service::tokens::Tokens;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/auth/sign-in", sign_in),
        Endpoint::new(Method::POST, "/auth/refresh-token", refresh),
        Endpoint::new(Method::POST, "/auth/sign-out", sign_out),
        Endpoint::new(Method::GET, "/auth/me", me),
        Endpoint::new(Method::POST, "/auth/me/notices/dismiss", dismiss_notices),
        Endpoint::new(Method::POST, "/auth/change-password", change_password),
    ]
}

type Reply = Result<Answer<Value>, ApiError>;

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: SecretText,
}

/// Both forms that the public API family takes.
#[derive(Deserialize)]
struct SignIn {
    credentials: Option<Object<Credentials>>,
    email: Option<String>,
    password: Option<SecretText>,
}

async fn sign_in(call: Call, _: Anybody, Json(body): Json<SignIn>) -> Reply {
    let missing =
        |field: &str| ApiError::invalid_request(format!("The field `{field}` is missing."));
    let (email, password) = match body.credentials {
        Some(Object(credentials)) => (credentials.email, credentials.password),
        None => (
            body.email.ok_or_else(|| missing("email"))?,
            body.password.ok_or_else(|| missing("password"))?,
        ),
    };
    let client = call.client();
    let tokens = call.services.sign_in(&email, password, &client).await?;
    ok(signed_in(&tokens))
}

/// The answer to a sign-in of any kind.
pub(super) fn signed_in(tokens: &Tokens) -> Value {
    json!({
        "accessToken": tokens.access,
        "refreshToken": tokens.refresh,
        "isTwoFactorEnable": tokens.is_two_factor_enable,
        "stage": tokens.stage.name(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refresh {
    refresh_token: SecretText,
}

async fn refresh(call: Call, _: Anybody, Json(body): Json<Refresh>) -> Reply {
    let client = call.client();
    let tokens = call.services.refresh(&body.refresh_token, &client).await?;
    ok(json!({
        "accessToken": tokens.access,
        "refreshToken": tokens.refresh,
        "isTwoFactorEnable": tokens.is_two_factor_enable,
    }))
}

#[derive(Default, Deserialize)]
struct SignOut {
    #[serde(default)]
    everywhere: bool,
}

async fn sign_out(call: Call, caller: AnySession, Maybe(body): Maybe<SignOut>) -> Reply {
    if body.everywhere {
        match caller.0.stage {
            Stage::Pending => return Err(Error::SecondFactorRequired.into()),
            Stage::Enrolment => return Err(Error::EnrolmentRequired.into()),
            Stage::Impersonation => return Err(Error::NotWhileImpersonating.into()),
            Stage::Full => {}
        }
    }
    let client = call.client();
    call.services
        .sign_out(&caller.0.proof, body.everywhere, &client)
        .await?;
    if body.everywhere {
        done("Signed out everywhere", "All your sessions have ended.")
    } else {
        done("Signed out", "This session has ended.")
    }
}

async fn me(call: Call, caller: Present, _: NoBody) -> Reply {
    ok(profile(&call, &caller.0)?)
}

/// The account of whoever calls, as they see it.
pub(super) fn profile(call: &Call, caller: &Caller) -> Result<Value, ApiError> {
    let profile = call.services.profile(caller)?;
    let teams = profile.teams.iter().map(|(team, membership)| {
        json!({
            "id": team.id,
            "name": team.name,
            "role": membership.role.name(),
            "support": team.support,
        })
    });
    let user = &caller.user;
    let mut described = json!({
        "id": user.id,
        "email": user.email.as_str(),
        "firstName": user.first_name,
        "lastName": user.last_name,
        "roles": user.roles.names(),
        "teams": teams.collect::<Vec<_>>(),
        "isTwoFactorEnable": caller.has_factor,
        "photo": null,
        "impersonationAllowed": user.impersonation_allowed,
        "recoveryCodesLeft": profile.recovery_codes_left,
        "notices": profile.notices.iter().map(notice).collect::<Vec<_>>(),
    });
    if let Some(past) = &profile.impersonation {
        described["impersonatedBy"] =
            json!({ "id": past.actor, "name": past.actor_name, "until": time(past.until) });
    }
    Ok(described)
}

fn notice(notice: &Notice) -> Value {
    json!({
        "id": notice.id,
        "at": time(notice.at),
        "kind": notice.kind.name(),
        "message": notice.kind.message(),
    })
}

#[derive(Deserialize)]
struct Dismiss {
    ids: Vec<NoticeId>,
}

async fn dismiss_notices(call: Call, caller: Member, Json(body): Json<Dismiss>) -> Reply {
    call.services
        .dismiss_notices(&caller.0.proof, body.ids)
        .await?;
    done("Notices dismissed", "They will not be shown again.")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangePassword {
    current_password: SecretText,
    new_password: SecretText,
    code: Option<SecretText>,
}

async fn change_password(call: Call, caller: SignedIn, Json(body): Json<ChangePassword>) -> Reply {
    let client = call.client();
    let tokens = call
        .services
        .change_password(
            &caller.0,
            body.current_password,
            body.new_password,
            body.code,
            &client,
        )
        .await?;
    ok(json!({
        "message": "Password changed",
        "description": "Your other sessions have ended.",
        "accessToken": tokens.access,
        "refreshToken": tokens.refresh,
    }))
}
