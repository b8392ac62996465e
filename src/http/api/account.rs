//! `/auth` beyond signing in: the caller's profile, sessions and history, and accounts that people make
//! or recover themselves.

use super::auth::{self, OwnAccount, SignInAnswer};
use super::{Answer, Created, Done, LIMIT, Time, created, done, limit_of, ok, time};
use crate::domain::id::SessionId;
use crate::domain::impersonation::Past;
use crate::domain::secret::SecretText;
use crate::http::endpoint::{Endpoint, Parameter};
use crate::http::error::{
    ALREADY_EXISTS, ApiError, INVALID_TOKEN, NOT_FOUND, REGISTRATION_CLOSED, SIGN_INS_PAUSED,
    WEAK_PASSWORD,
};
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::{Anybody, Member};
use crate::service::Error;
use crate::service::me::ProfileChange;
use crate::service::sessions::OwnSession;
use crate::service::users::Names;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use warp::http::Method;

const SESSION: Parameter = Parameter::text("id", "A session, as the list names it.");

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::PATCH, "/auth/me", change_profile)
            .summary("Changes the caller's names, or whether the support team may act as them."),
        Endpoint::new(Method::GET, "/auth/me/impersonations", impersonations)
            .summary("Tells who acted in the caller's name, newest first.")
            .query(&[LIMIT]),
        Endpoint::new(Method::GET, "/auth/sessions", sessions)
            .summary("Lists the caller's living sessions, and those in the caller's name."),
        Endpoint::new(Method::DELETE, "/auth/sessions/{id}", end_session)
            .summary("Ends one of the caller's sessions, or one in the caller's name.")
            .path_parameters(&[SESSION])
            .refuses(&[NOT_FOUND]),
        Endpoint::new(Method::POST, "/auth/sign-up", sign_up)
            .summary("Makes an account for whoever asks, where the configuration allows it.")
            .refuses(&[
                REGISTRATION_CLOSED,
                ALREADY_EXISTS,
                WEAK_PASSWORD,
                SIGN_INS_PAUSED,
            ]),
        Endpoint::new(Method::POST, "/auth/restore-password", restore_password)
            .summary("Sets the password of whoever holds a one-time link; all sessions end.")
            .refuses(&[INVALID_TOKEN, WEAK_PASSWORD]),
    ]
}

/// What is to change; what is left out stays.
#[derive(Deserialize, JsonSchema)]
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
) -> Result<Answer<OwnAccount>, ApiError> {
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
    ok(auth::profile(&call, call.services.identify(token)?)?)
}

/// Who acted in the caller's name, newest first.
#[derive(Serialize, JsonSchema)]
struct Impersonations {
    impersonations: Vec<Impersonation>,
}

/// One time that somebody acted in the caller's name.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Impersonation {
    /// The same in its token and in the audit log.
    code: String,
    by: Person,
    team: String,
    reason: String,
    started_at: Option<Time>,
    /// Until when it may last.
    until: Option<Time>,
    /// `null` while it lasts.
    ended_at: Option<Time>,
    /// What ended it: `returned`, `signed_out`, `lapsed`, `ended_by_target` or `revoked`.
    how: Option<&'static str>,
}

/// A person, by the name at that time.
#[derive(Serialize, JsonSchema)]
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
    let limit = limit_of(&call)?;
    let past = call.services.past_impersonations(&caller.0, limit)?;
    ok(Impersonations {
        impersonations: past.into_iter().map(Impersonation::from).collect(),
    })
}

/// The caller's living sessions, the last used first.
#[derive(Serialize, JsonSchema)]
struct Sessions {
    sessions: Vec<Session>,
}

/// A living session.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Session {
    id: String,
    device: String,
    address: String,
    created_at: Option<Time>,
    /// The last refresh or code.
    last_used_at: Option<Time>,
    /// How the person proved who they are (RFC 8176); empty while somebody else acts.
    amr: Vec<&'static str>,
    /// Whether it is the calling one.
    current: bool,
    impersonator: Option<Impersonator>,
}

/// Who acts in the caller's name.
#[derive(Serialize, JsonSchema)]
struct Impersonator {
    id: u64,
    name: String,
    reason: String,
    until: Option<Time>,
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

async fn end_session(call: Call, caller: Member, _: NoBody) -> Result<Answer<Done>, ApiError> {
    let id = call.parameters.first().and_then(|id| SessionId::parse(id));
    let id = id.ok_or(Error::NotFound)?;
    let client = call.client();
    call.services
        .end_own_session(&caller.0.proof, id, &client)
        .await?;
    done("Session ended", "Whoever used it must sign in again.")
}

#[derive(Deserialize, JsonSchema)]
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
) -> Result<Created<SignInAnswer>, ApiError> {
    let names = Names::parse(&body.email, &body.first_name, &body.last_name)?;
    let client = call.client();
    let tokens = call.services.sign_up(names, body.password, &client).await?;
    created(auth::signed_in(tokens))
}

#[derive(Deserialize, JsonSchema)]
struct Restore {
    token: SecretText,
    password: SecretText,
}

async fn restore_password(
    call: Call,
    _: Anybody,
    Json(body): Json<Restore>,
) -> Result<Answer<Done>, ApiError> {
    let client = call.client();
    call.services
        .restore_password(&body.token, body.password, &client)
        .await?;
    done("Password set", "All sessions have ended: sign in with it.")
}
