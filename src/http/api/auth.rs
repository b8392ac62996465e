//! `/auth`: passwords and tokens. For `/auth/me` and `/auth/sessions` see `account.rs`.

use super::two_factor::CODE_REFUSALS;
use super::{Answer, Created, created, done, ok};
use crate::domain::session::Stage;
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, Maybe};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::{AnySession, Anybody, SignedIn};
use crate::http::error::{
    ApiError, ENROLMENT_REQUIRED, FRESH_CODE_REQUIRED, INVALID_CREDENTIALS, INVALID_TOKEN,
    NOT_WHILE_IMPERSONATING, REGISTRATION_CLOSED, SECOND_FACTOR_REQUIRED, SIGN_INS_PAUSED,
    TOO_MANY_ATTEMPTS, UNAUTHORIZED, WEAK_PASSWORD,
};
use crate::service::Error;
use crate::service::people::names::Names;
use crate::service::sessions::tokens::Tokens;
use crate::wire::auth::{
    ChangePassword, PasswordChanged, Refresh, Refreshed, Restore, SignIn, SignInAnswer, SignOut,
    SignUp,
};
use crate::wire::shape::object::Object;
use crate::wire::{Done, paths};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, paths::SIGN_IN, sign_in)
            .summary("Opens a session with e-mail and password; `stage` says what it still needs.")
            .refuses(&[INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, SIGN_INS_PAUSED]),
        Endpoint::new(Method::POST, paths::SIGN_UP, sign_up)
            .summary("Makes an account for anybody, where the configuration allows it; does not tell of a taken address.")
            .refuses(&[
                REGISTRATION_CLOSED,
                TOO_MANY_ATTEMPTS,
                WEAK_PASSWORD,
                SIGN_INS_PAUSED,
            ]),
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
        Endpoint::new(Method::POST, paths::CHANGE_PASSWORD, change_password)
            .summary("Changes the caller's password, with a fresh code; other sessions end.")
            .refuses(CODE_REFUSALS)
            .refuses(&[INVALID_CREDENTIALS, WEAK_PASSWORD, FRESH_CODE_REQUIRED]),
        Endpoint::new(Method::POST, paths::RESTORE_PASSWORD, restore_password)
            .summary("Sets the password of the holder of a one-time link; all sessions end.")
            .refuses(&[INVALID_TOKEN, TOO_MANY_ATTEMPTS, WEAK_PASSWORD]),
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
    created(signed_in(tokens))
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
