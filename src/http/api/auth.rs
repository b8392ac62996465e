//! `/auth`: the password's door, tokens, and the caller's own account.

use super::two_factor::CODE_REFUSALS;
use super::{Answer, done, ok};
use crate::domain::notice::Notice;
use crate::domain::session::Stage;
use crate::domain::team::{Membership, Team};
use crate::http::endpoint::Endpoint;
use crate::http::error::{
    ApiError, ENROLMENT_REQUIRED, FRESH_CODE_REQUIRED, INVALID_CREDENTIALS,
    NOT_WHILE_IMPERSONATING, SECOND_FACTOR_REQUIRED, SIGN_INS_PAUSED, TOO_MANY_ATTEMPTS,
    UNAUTHORIZED, WEAK_PASSWORD,
};
use crate::http::filters::{Call, Json, Maybe, NoBody};
use crate::http::principal::{AnySession, Anybody, Member, Present, SignedIn};
use crate::service::Caller;
use crate::service::Error;
use crate::service::sessions::tokens::Tokens;
use crate::wire::account::{Dismiss, ImpersonatedBy, OwnAccount, OwnNotice, OwnTeam};
use crate::wire::auth::{
    ChangePassword, PasswordChanged, Refresh, Refreshed, SignIn, SignInAnswer, SignOut,
};
use crate::wire::object::Object;
use crate::wire::{Done, Time, paths};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, paths::SIGN_IN, sign_in)
            .summary("Opens a session with e-mail and password; `stage` says what it still needs.")
            .refuses(&[INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, SIGN_INS_PAUSED]),
        Endpoint::new(Method::POST, paths::REFRESH_TOKEN, refresh)
            .summary("Renews the tokens of a full session; each refresh token works once.")
            .refuses(&[UNAUTHORIZED, SECOND_FACTOR_REQUIRED, ENROLMENT_REQUIRED]),
        Endpoint::new(Method::POST, paths::SIGN_OUT, sign_out)
            .summary("Ends this session, or all sessions of the caller.")
            .refuses(&[
                SECOND_FACTOR_REQUIRED,
                ENROLMENT_REQUIRED,
                NOT_WHILE_IMPERSONATING,
            ]),
        Endpoint::new(Method::GET, paths::ME, me).summary("Shows the caller's own account."),
        Endpoint::new(Method::POST, paths::DISMISS_NOTICES, dismiss_notices)
            .summary("Dismisses notices of the caller's account."),
        Endpoint::new(Method::POST, paths::CHANGE_PASSWORD, change_password)
            .summary("Changes the caller's password, with a fresh code; other sessions end.")
            .refuses(CODE_REFUSALS)
            .refuses(&[INVALID_CREDENTIALS, WEAK_PASSWORD, FRESH_CODE_REQUIRED]),
    ]
}

async fn sign_in(
    call: Call,
    _: Anybody,
    Json(body): Json<SignIn>,
) -> Result<Answer<SignInAnswer>, ApiError> {
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
    let tokens = call
        .services
        .entry
        .sign_in(&email, password, &client)
        .await?;
    ok(signed_in(tokens))
}

/// The answer to a sign-in of any kind.
pub(super) fn signed_in(tokens: Tokens) -> SignInAnswer {
    SignInAnswer {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
        is_two_factor_enable: tokens.is_two_factor_enable,
        stage: tokens.stage.name().into(),
    }
}

async fn refresh(
    call: Call,
    _: Anybody,
    Json(body): Json<Refresh>,
) -> Result<Answer<Refreshed>, ApiError> {
    let client = call.client();
    let tokens = call
        .services
        .sessions
        .refresh(&body.refresh_token, &client)
        .await?;
    ok(Refreshed {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
        is_two_factor_enable: tokens.is_two_factor_enable,
    })
}

async fn sign_out(
    call: Call,
    caller: AnySession,
    Maybe(body): Maybe<SignOut>,
) -> Result<Answer<Done>, ApiError> {
    if body.everywhere {
        match caller.caller().stage {
            Stage::Pending => return Err(Error::SecondFactorRequired.into()),
            Stage::Enrolment => return Err(Error::EnrolmentRequired.into()),
            Stage::Impersonation => return Err(Error::NotWhileImpersonating.into()),
            Stage::Full => {}
        }
    }
    let client = call.client();
    call.services
        .sessions
        .sign_out(caller.proof(), body.everywhere, &client)
        .await?;
    if body.everywhere {
        done("Signed out everywhere", "All your sessions have ended.")
    } else {
        done("Signed out", "This session has ended.")
    }
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

async fn me(call: Call, caller: Present, _: NoBody) -> Result<Answer<OwnAccount>, ApiError> {
    ok(profile(&call, caller.into_caller())?)
}

/// The account of whoever calls, as they see it.
pub(super) fn profile(call: &Call, caller: Caller) -> Result<OwnAccount, ApiError> {
    let profile = call.services.account.profile(&caller)?;
    let user = caller.user;
    Ok(OwnAccount {
        id: user.id,
        email: user.email.as_str().to_owned(),
        roles: super::texts(user.roles.names()),
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

async fn change_password(
    call: Call,
    caller: SignedIn,
    Json(body): Json<ChangePassword>,
) -> Result<Answer<PasswordChanged>, ApiError> {
    let client = call.client();
    let tokens = call
        .services
        .account
        .change_password(
            caller.caller(),
            body.current_password,
            body.new_password,
            body.code,
            &client,
        )
        .await?;
    ok(PasswordChanged {
        message: "Password changed".into(),
        description: "Your other sessions have ended.".into(),
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })
}
