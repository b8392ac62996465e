//! `/auth`: the password's door, tokens, and the caller's own account.

use super::two_factor::CODE_REFUSALS;
use super::{Answer, Done, Time, done, ok, time};
use crate::domain::id::{NoticeId, TeamId, UserId};
use crate::domain::notice::Notice;
use crate::domain::secret::SecretText;
use crate::domain::session::Stage;
use crate::domain::team::{Membership, Team, TeamRole};
use crate::domain::user::Role;
use crate::http::endpoint::Endpoint;
use crate::http::error::{
    ApiError, ENROLMENT_REQUIRED, FRESH_CODE_REQUIRED, INVALID_CREDENTIALS,
    NOT_WHILE_IMPERSONATING, SECOND_FACTOR_REQUIRED, SIGN_INS_PAUSED, TOO_MANY_ATTEMPTS,
    UNAUTHORIZED, WEAK_PASSWORD,
};
use crate::http::filters::{Call, Json, Maybe, NoBody, Object};
use crate::http::principal::{AnySession, Anybody, Member, Present, SignedIn};
use crate::service::Error;
use crate::service::identify::Caller;
use crate::service::tokens::Tokens;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/auth/sign-in", sign_in)
            .summary("Opens a session with e-mail and password; `stage` says what it still needs.")
            .refuses(&[INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, SIGN_INS_PAUSED]),
        Endpoint::new(Method::POST, "/auth/refresh-token", refresh)
            .summary("Renews the tokens of a full session; each refresh token works once.")
            .refuses(&[UNAUTHORIZED, SECOND_FACTOR_REQUIRED, ENROLMENT_REQUIRED]),
        Endpoint::new(Method::POST, "/auth/sign-out", sign_out)
            .summary("Ends this session, or all sessions of the caller.")
            .refuses(&[
                SECOND_FACTOR_REQUIRED,
                ENROLMENT_REQUIRED,
                NOT_WHILE_IMPERSONATING,
            ]),
        Endpoint::new(Method::GET, "/auth/me", me).summary("Shows the caller's own account."),
        Endpoint::new(Method::POST, "/auth/me/notices/dismiss", dismiss_notices)
            .summary("Dismisses notices of the caller's account."),
        Endpoint::new(Method::POST, "/auth/change-password", change_password)
            .summary("Changes the caller's password, with a fresh code; other sessions end.")
            .refuses(CODE_REFUSALS)
            .refuses(&[INVALID_CREDENTIALS, WEAK_PASSWORD, FRESH_CODE_REQUIRED]),
    ]
}

#[derive(Deserialize, JsonSchema)]
struct Credentials {
    email: String,
    password: SecretText,
}

/// E-mail and password, in either of the forms that the public API family takes.
#[derive(Deserialize, JsonSchema)]
struct SignIn {
    credentials: Option<Object<Credentials>>,
    email: Option<String>,
    password: Option<SecretText>,
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
    let tokens = call.services.sign_in(&email, password, &client).await?;
    ok(signed_in(tokens))
}

/// A session that was opened.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignInAnswer {
    access_token: String,
    /// Empty for a session that is not full.
    refresh_token: String,
    is_two_factor_enable: bool,
    /// `full`, or what the session still needs: its code, or an enrolment.
    #[schemars(with = "Stage")]
    stage: &'static str,
}

/// The answer to a sign-in of any kind.
pub(super) fn signed_in(tokens: Tokens) -> SignInAnswer {
    SignInAnswer {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
        is_two_factor_enable: tokens.is_two_factor_enable,
        stage: tokens.stage.name(),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Refresh {
    refresh_token: SecretText,
}

/// The renewed tokens of a full session.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Refreshed {
    access_token: String,
    refresh_token: String,
    is_two_factor_enable: bool,
}

async fn refresh(
    call: Call,
    _: Anybody,
    Json(body): Json<Refresh>,
) -> Result<Answer<Refreshed>, ApiError> {
    let client = call.client();
    let tokens = call.services.refresh(&body.refresh_token, &client).await?;
    ok(Refreshed {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
        is_two_factor_enable: tokens.is_two_factor_enable,
    })
}

#[derive(Default, Deserialize, JsonSchema)]
struct SignOut {
    /// All of the caller's sessions; needs a full one.
    #[serde(default)]
    everywhere: bool,
}

async fn sign_out(
    call: Call,
    caller: AnySession,
    Maybe(body): Maybe<SignOut>,
) -> Result<Answer<Done>, ApiError> {
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

/// The caller's own account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnAccount {
    id: UserId,
    email: String,
    first_name: String,
    last_name: String,
    #[schemars(with = "Vec<Role>")]
    roles: Vec<&'static str>,
    teams: Vec<OwnTeam>,
    is_two_factor_enable: bool,
    /// There are no pictures; kept for the public API family.
    photo: (),
    impersonation_allowed: bool,
    recovery_codes_left: u32,
    /// Who acts in the person's name, where the token is of an impersonation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ImpersonatedBy")]
    impersonated_by: Option<ImpersonatedBy>,
    notices: Vec<OwnNotice>,
}

/// Who acts in the person's name, and until when at most.
#[derive(Serialize, JsonSchema)]
struct ImpersonatedBy {
    id: UserId,
    name: String,
    until: Option<Time>,
}

/// A team that the caller is in.
#[derive(Serialize, JsonSchema)]
struct OwnTeam {
    id: TeamId,
    name: String,
    #[schemars(with = "TeamRole")]
    role: &'static str,
    support: bool,
}

impl OwnTeam {
    fn new((team, membership): (Team, Membership)) -> Self {
        Self {
            id: team.id,
            name: team.name,
            role: membership.role.name(),
            support: team.support,
        }
    }
}

/// What happened to the account.
#[derive(Serialize, JsonSchema)]
struct OwnNotice {
    id: NoticeId,
    at: Option<Time>,
    kind: &'static str,
    message: String,
}

impl OwnNotice {
    fn new(notice: &Notice) -> Self {
        Self {
            id: notice.id,
            at: time(notice.at),
            kind: notice.kind.name(),
            message: notice.kind.message(),
        }
    }
}

async fn me(call: Call, caller: Present, _: NoBody) -> Result<Answer<OwnAccount>, ApiError> {
    ok(profile(&call, caller.0)?)
}

/// The account of whoever calls, as they see it.
pub(super) fn profile(call: &Call, caller: Caller) -> Result<OwnAccount, ApiError> {
    let profile = call.services.profile(&caller)?;
    let user = caller.user;
    Ok(OwnAccount {
        id: user.id,
        email: user.email.as_str().to_owned(),
        roles: user.roles.names(),
        first_name: user.first_name,
        last_name: user.last_name,
        teams: profile.teams.into_iter().map(OwnTeam::new).collect(),
        is_two_factor_enable: caller.has_factor,
        photo: (),
        impersonation_allowed: user.impersonation_allowed,
        recovery_codes_left: profile.recovery_codes_left,
        impersonated_by: profile.impersonation.map(|past| ImpersonatedBy {
            id: past.actor,
            name: past.actor_name,
            until: time(past.until),
        }),
        notices: profile.notices.iter().map(OwnNotice::new).collect(),
    })
}

#[derive(Deserialize, JsonSchema)]
struct Dismiss {
    ids: Vec<NoticeId>,
}

async fn dismiss_notices(
    call: Call,
    caller: Member,
    Json(body): Json<Dismiss>,
) -> Result<Answer<Done>, ApiError> {
    call.services
        .dismiss_notices(&caller.0.proof, body.ids)
        .await?;
    done("Notices dismissed", "They will not be shown again.")
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangePassword {
    current_password: SecretText,
    new_password: SecretText,
    /// What the authenticator app shows, where the last code is older than five minutes.
    code: Option<SecretText>,
}

/// A changed password, and the session's new tokens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PasswordChanged {
    message: &'static str,
    description: &'static str,
    access_token: String,
    refresh_token: String,
}

async fn change_password(
    call: Call,
    caller: SignedIn,
    Json(body): Json<ChangePassword>,
) -> Result<Answer<PasswordChanged>, ApiError> {
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
    ok(PasswordChanged {
        message: "Password changed",
        description: "Your other sessions have ended.",
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })
}
