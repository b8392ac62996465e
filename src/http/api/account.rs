//! `/auth` beyond signing in: the caller's profile, sessions and history, and accounts that people make
//! or recover themselves.

use super::auth;
use super::{Answer, Created, LIMIT, created, done, limit_of, ok};
use crate::domain::id::SessionId;
use crate::domain::impersonation::Past;
use crate::http::endpoint::{Endpoint, Parameter};
use crate::http::error::{
    ALREADY_EXISTS, ApiError, INVALID_TOKEN, NOT_FOUND, REGISTRATION_CLOSED, SIGN_INS_PAUSED,
    WEAK_PASSWORD,
};
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::{Anybody, Member};
use crate::service::Error;
use crate::service::account::me::ProfileChange;
use crate::service::people::names::Names;
use crate::service::sessions::own::OwnSession;
use crate::wire::account::{
    Impersonation, Impersonations, Impersonator, OwnAccount, Person, Profile, Session, Sessions,
};
use crate::wire::auth::{Restore, SignInAnswer, SignUp};
use crate::wire::{Done, Time, paths};
use warp::http::Method;

const SESSION: Parameter = Parameter::text("id", "A session, as the list names it.");

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::PATCH, paths::ME, change_profile)
            .summary("Changes the caller's names, or whether the support team may act as them."),
        Endpoint::new(Method::GET, paths::MY_IMPERSONATIONS, impersonations)
            .summary("Tells who acted in the caller's name, newest first.")
            .query(&[LIMIT]),
        Endpoint::new(Method::GET, paths::SESSIONS, sessions)
            .summary("Lists the caller's living sessions, and those in the caller's name."),
        Endpoint::new(Method::DELETE, paths::SESSION, end_session)
            .summary("Ends one of the caller's sessions, or one in the caller's name.")
            .path_parameters(&[SESSION])
            .refuses(&[NOT_FOUND]),
        Endpoint::new(Method::POST, paths::SIGN_UP, sign_up)
            .summary("Makes an account for whoever asks, where the configuration allows it.")
            .refuses(&[
                REGISTRATION_CLOSED,
                ALREADY_EXISTS,
                WEAK_PASSWORD,
                SIGN_INS_PAUSED,
            ]),
        Endpoint::new(Method::POST, paths::RESTORE_PASSWORD, restore_password)
            .summary("Sets the password of whoever holds a one-time link; all sessions end.")
            .refuses(&[INVALID_TOKEN, WEAK_PASSWORD]),
    ]
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
        .account
        .change_profile(caller.proof(), change, &client)
        .await?;
    // As it is now, not as it was when the request came in.
    let token = call.bearer().ok_or(Error::Unauthorized)?;
    ok(auth::profile(&call, call.services.identify(token)?)?)
}

impl From<Past> for Impersonation {
    fn from(past: Past) -> Self {
        Self {
            code: past.code,
            by: Person {
                id: past.actor,
                name: past.actor_name,
            },
            team: past.team,
            reason: past.reason,
            started_at: Time::of(past.started_at),
            until: Time::of(past.until),
            ended_at: past.ended.and_then(|(at, _)| Time::of(at)),
            how: past.ended.map(|(_, how)| how.name().into()),
        }
    }
}

async fn impersonations(
    call: Call,
    caller: Member,
    _: NoBody,
) -> Result<Answer<Impersonations>, ApiError> {
    let limit = limit_of(&call)?;
    let past = call
        .services
        .sessions
        .past_impersonations(caller.caller(), limit)?;
    ok(Impersonations {
        impersonations: past.into_iter().map(Impersonation::from).collect(),
    })
}

fn describe(own: OwnSession, current: SessionId) -> Session {
    let session = own.session;
    Session {
        id: session.id.to_string(),
        created_at: Time::of(session.password_at.unix_seconds),
        last_used_at: Time::of(session.last_used.unix_seconds),
        amr: session.authentication_methods(),
        current: session.id == current,
        device: session.device,
        address: session.address,
        impersonator: own.impersonation.map(|past| Impersonator {
            id: past.actor,
            name: past.actor_name,
            reason: past.reason,
            until: Time::of(past.until),
            code: past.code,
        }),
    }
}

async fn sessions(call: Call, caller: Member, _: NoBody) -> Result<Answer<Sessions>, ApiError> {
    let current = caller.caller().session.id;
    let own = call.services.sessions.own_sessions(caller.caller())?;
    let sessions = own.into_iter().map(|own| describe(own, current)).collect();
    ok(Sessions { sessions })
}

async fn end_session(call: Call, caller: Member, _: NoBody) -> Result<Answer<Done>, ApiError> {
    let id = call.parameters.first().and_then(|id| SessionId::parse(id));
    let id = id.ok_or(Error::NotFound)?;
    let client = call.client();
    call.services
        .sessions
        .end_own_session(caller.proof(), id, &client)
        .await?;
    done("Session ended", "Whoever used it must sign in again.")
}

async fn sign_up(
    call: Call,
    _: Anybody,
    Json(body): Json<SignUp>,
) -> Result<Created<SignInAnswer>, ApiError> {
    let names = Names::parse(&body.email, &body.first_name, &body.last_name)?;
    let client = call.client();
    let tokens = call
        .services
        .people
        .sign_up(names, body.password, &client)
        .await?;
    created(auth::signed_in(tokens))
}

async fn restore_password(
    call: Call,
    _: Anybody,
    Json(body): Json<Restore>,
) -> Result<Answer<Done>, ApiError> {
    let client = call.client();
    call.services
        .people
        .restore_password(&body.token, body.password, &client)
        .await?;
    done("Password set", "All sessions have ended: sign in with it.")
}
