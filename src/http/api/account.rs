//! `/auth/me` and `/auth/sessions`: the caller's own account, its sessions, and who acted in its name.

use super::{Answer, LIMIT, done, limit_of, ok, texts};
use crate::domain::id::SessionId;
use crate::domain::impersonation::Past;
use crate::domain::notice::Notice;
use crate::domain::team::{Membership, Team};
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::parameter::Parameter;
use crate::http::endpoint::principal::{Member, Present};
use crate::http::error::{ApiError, NOT_FOUND};
use crate::service::account::me::ProfileChange;
use crate::service::sessions::own::OwnSession;
use crate::service::{Caller, Error};
use crate::wire::account::{
    Dismiss, ImpersonatedBy, Impersonation, Impersonations, Impersonator, OwnAccount, OwnNotice,
    OwnTeam, Person, Profile, Session, Sessions,
};
use crate::wire::{Done, Time, paths};
use warp::http::Method;

const SESSION: Parameter = Parameter::text("id", "A session, as the list names it.");

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::ME, me).summary("Shows the caller's own account."),
        Endpoint::new(Method::PATCH, paths::ME, change_profile)
            .summary("Changes the caller's names, or whether the support team may act as them."),
        Endpoint::new(Method::POST, paths::DISMISS_NOTICES, dismiss_notices)
            .summary("Dismisses notices of the caller's account."),
        Endpoint::new(Method::GET, paths::MY_IMPERSONATIONS, impersonations)
            .summary("Tells who acted in the caller's name, newest first.")
            .query(&[LIMIT]),
        Endpoint::new(Method::GET, paths::SESSIONS, sessions)
            .summary("Lists the caller's living sessions, and those in the caller's name."),
        Endpoint::new(Method::DELETE, paths::SESSION, end_session)
            .summary("Ends one of the caller's sessions, or one in the caller's name.")
            .path_parameters(&[SESSION])
            .refuses(&[NOT_FOUND]),
    ]
}

async fn me(call: Call, caller: Present, _: NoBody) -> Result<Answer<OwnAccount>, ApiError> {
    ok(profile(&call, caller.into_caller())?)
}

/// The caller's own account, as it is now.
fn profile(call: &Call, caller: Caller) -> Result<OwnAccount, ApiError> {
    let profile = call.services.account.profile(&caller)?;
    let user = caller.user;
    Ok(OwnAccount {
        id: user.id,
        email: user.email.as_str().to_owned(),
        roles: texts(user.roles.names()),
        first_name: user.first_name,
        last_name: user.last_name,
        teams: profile.teams.into_iter().map(OwnTeam::from).collect(),
        is_two_factor_enable: caller.has_factor,
        photo: (),
        impersonation_allowed: user.impersonation_allowed,
        recovery_codes_left: profile.recovery_codes_left,
        impersonated_by: profile.impersonation.map(|past| ImpersonatedBy {
            id: past.actor,
            name: past.actor_name,
            until: Time::of(past.until),
        }),
        notices: profile.notices.iter().map(OwnNotice::from).collect(),
    })
}

impl From<(Team, Membership)> for OwnTeam {
    fn from((team, membership): (Team, Membership)) -> Self {
        Self {
            id: team.id,
            name: team.name,
            role: membership.role.name().into(),
            support: team.support,
        }
    }
}

impl From<&Notice> for OwnNotice {
    fn from(notice: &Notice) -> Self {
        Self {
            id: notice.id,
            at: Time::of(notice.at),
            kind: notice.kind.name().into(),
            message: notice.kind.message(),
        }
    }
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
    ok(profile(&call, call.services.identify(token)?)?)
}

async fn dismiss_notices(
    call: Call,
    caller: Member,
    Json(body): Json<Dismiss>,
) -> Result<Answer<Done>, ApiError> {
    call.services
        .account
        .dismiss_notices(caller.proof(), body.ids)
        .await?;
    done("Notices dismissed", "They will not be shown again.")
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
    done("Session ended", "Its user must sign in again.")
}
