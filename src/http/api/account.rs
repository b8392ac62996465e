//! `/auth` beyond signing in: the caller's profile, sessions and history, and accounts that people make
//! or recover themselves.

use super::{Answer, LARGEST_PAGE, auth, created, done, ok, time};
use crate::domain::id::SessionId;
use crate::domain::impersonation::Past;
use crate::domain::secret::SecretText;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::{Anybody, Member};
use crate::http::routes::Endpoint;
use crate::service::Error;
use crate::service::me::ProfileChange;
use crate::service::sessions::OwnSession;
use crate::service::users::Names;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::PATCH, "/auth/me", change_profile),
        Endpoint::new(Method::GET, "/auth/me/impersonations", impersonations),
        Endpoint::new(Method::GET, "/auth/sessions", sessions),
        Endpoint::new(Method::DELETE, "/auth/sessions/{id}", end_session),
        Endpoint::new(Method::POST, "/auth/sign-up", sign_up),
        Endpoint::new(Method::POST, "/auth/restore-password", restore_password),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    first_name: Option<String>,
    last_name: Option<String>,
    impersonation_allowed: Option<bool>,
}

async fn change_profile(
    call: Call,
    caller: Member,
    Json(body): Json<Profile>,
) -> Result<Answer<Value>, ApiError> {
    let change = ProfileChange::parse(
        body.first_name.as_deref(),
        body.last_name.as_deref(),
        body.impersonation_allowed,
    )?;
    let client = call.client();
    call.services
        .change_profile(&caller.0.proof, change, &client)
        .await?;
    // As it is now, not as it was when the request came in.
    let token = call.bearer().ok_or(Error::Unauthorized)?;
    ok(auth::profile(&call, &call.services.identify(token)?)?)
}

#[derive(Serialize)]
struct Impersonations {
    impersonations: Vec<Impersonation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Impersonation {
    code: String,
    by: Person,
    team: String,
    reason: String,
    started_at: Option<String>,
    until: Option<String>,
    ended_at: Option<String>,
    how: Option<&'static str>,
}

#[derive(Serialize)]
struct Person {
    id: u64,
    name: String,
}

impl From<Past> for Impersonation {
    fn from(past: Past) -> Self {
        Self {
            code: past.code,
            by: Person {
                id: past.actor.0,
                name: past.actor_name,
            },
            team: past.team,
            reason: past.reason,
            started_at: time(past.started_at),
            until: time(past.until),
            ended_at: past.ended.and_then(|(at, _)| time(at)),
            how: past.ended.map(|(_, how)| how.name()),
        }
    }
}

async fn impersonations(
    call: Call,
    caller: Member,
    _: NoBody,
) -> Result<Answer<Impersonations>, ApiError> {
    let (_, limit) = super::page_of(&call)?;
    let past = call
        .services
        .past_impersonations(&caller.0, limit.min(LARGEST_PAGE))?;
    ok(Impersonations {
        impersonations: past.into_iter().map(Impersonation::from).collect(),
    })
}

#[derive(Serialize)]
struct Sessions {
    sessions: Vec<Session>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    id: String,
    device: String,
    address: String,
    created_at: Option<String>,
    last_used_at: Option<String>,
    amr: Vec<&'static str>,
    current: bool,
    impersonator: Option<Impersonator>,
}

#[derive(Serialize)]
struct Impersonator {
    id: u64,
    name: String,
    reason: String,
    until: Option<String>,
    code: String,
}

fn describe(own: OwnSession, current: SessionId) -> Session {
    let session = own.session;
    Session {
        id: session.id.to_string(),
        created_at: time(session.password_at.unix_seconds),
        last_used_at: time(session.last_used.unix_seconds),
        amr: session.authentication_methods(),
        current: session.id == current,
        device: session.device,
        address: session.address,
        impersonator: own.impersonation.map(|past| Impersonator {
            id: past.actor.0,
            name: past.actor_name,
            reason: past.reason,
            until: time(past.until),
            code: past.code,
        }),
    }
}

async fn sessions(call: Call, caller: Member, _: NoBody) -> Result<Answer<Sessions>, ApiError> {
    let current = caller.0.session.id;
    let own = call.services.own_sessions(&caller.0)?;
    let sessions = own.into_iter().map(|own| describe(own, current)).collect();
    ok(Sessions { sessions })
}

async fn end_session(call: Call, caller: Member, _: NoBody) -> Result<Answer<Value>, ApiError> {
    let id = call.parameters.first().and_then(|id| SessionId::parse(id));
    let id = id.ok_or(Error::NotFound)?;
    let client = call.client();
    call.services
        .end_own_session(&caller.0.proof, id, &client)
        .await?;
    done("Session ended", "Whoever used it must sign in again.")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignUp {
    email: String,
    password: SecretText,
    first_name: String,
    last_name: String,
}

async fn sign_up(
    call: Call,
    _: Anybody,
    Json(body): Json<SignUp>,
) -> Result<Answer<Value>, ApiError> {
    let names = Names::parse(&body.email, &body.first_name, &body.last_name)?;
    let client = call.client();
    let tokens = call.services.sign_up(names, body.password, &client).await?;
    created(auth::signed_in(&tokens))
}

#[derive(Deserialize)]
struct Restore {
    token: SecretText,
    password: SecretText,
}

async fn restore_password(
    call: Call,
    _: Anybody,
    Json(body): Json<Restore>,
) -> Result<Answer<Value>, ApiError> {
    let client = call.client();
    call.services
        .restore_password(&body.token, body.password, &client)
        .await?;
    done("Password set", "All sessions have ended: sign in with it.")
}
