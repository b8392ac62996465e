//! `/2fa`: the second factor.

use super::{Answer, done, ok};
use crate::domain::enrolment::GenerateOptions;
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, Maybe, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::parameter::Parameter;
use crate::http::endpoint::principal::{CodeHolder, Enrolling, Member, Present};
use crate::http::error::{
    ApiError, FRESH_CODE_REQUIRED, FRESH_SIGN_IN_REQUIRED, INVALID_TWO_FACTOR_AUTH_CODE,
    QR_CODE_ALREADY_GENERATED, Refusal, SECOND_FACTOR_LOCKED, SIGN_INS_PAUSED, TOO_MANY_ATTEMPTS,
    TWO_FACTOR_NOT_ENABLED, TWO_FACTOR_NOT_PENDING, TWO_FACTOR_REQUIRED,
};
use crate::wire::two_factor::{
    Authenticated, Code, Enable, Enabled, FactorStatus, NewRecoveryCodes, OptionalCode, QrCode,
};
use crate::wire::{Done, Time, paths};
use warp::http::Method;

const RESTART: Parameter = Parameter::switch("restart", "Replaces a secret that is pending.");
const REPLACE: Parameter = Parameter::switch(
    "replace",
    "Moves a second factor that is on to another phone; needs a fresh code.",
);

/// What an endpoint may refuse that checks a code of an active factor.
pub(super) const CODE_REFUSALS: &[&Refusal] = &[
    INVALID_TWO_FACTOR_AUTH_CODE,
    TWO_FACTOR_NOT_ENABLED,
    SECOND_FACTOR_LOCKED,
    TOO_MANY_ATTEMPTS,
];

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, paths::AUTHENTICATE, authenticate)
            .summary("Finishes a sign-in with its code, or makes a full session fresh.")
            .refuses(CODE_REFUSALS)
            .refuses(&[SIGN_INS_PAUSED]),
        Endpoint::new(Method::GET, paths::GENERATE_QR, generate_qr)
            .summary("Makes a secret for the authenticator app, or shows the pending one again.")
            .query(&[RESTART, REPLACE])
            .refuses(&[
                QR_CODE_ALREADY_GENERATED,
                FRESH_SIGN_IN_REQUIRED,
                FRESH_CODE_REQUIRED,
            ]),
        Endpoint::new(Method::POST, paths::ENABLE_TWO_FACTOR, enable)
            .summary("Switches the second factor on with the first code of the pending secret.")
            .refuses(CODE_REFUSALS)
            .refuses(&[TWO_FACTOR_NOT_PENDING, FRESH_CODE_REQUIRED, SIGN_INS_PAUSED]),
        Endpoint::new(Method::POST, paths::DISABLE_TWO_FACTOR, disable)
            .summary("Switches the second factor off, with a fresh code.")
            .refuses(CODE_REFUSALS)
            .refuses(&[FRESH_CODE_REQUIRED, TWO_FACTOR_REQUIRED]),
        Endpoint::new(Method::GET, paths::TWO_FACTOR_STATUS, status)
            .summary("Tells where the caller's second factor stands."),
        Endpoint::new(Method::POST, paths::RECOVERY_CODES, recovery_codes)
            .summary("Makes ten new recovery codes, with a fresh code; the old ones are void.")
            .refuses(CODE_REFUSALS)
            .refuses(&[FRESH_CODE_REQUIRED]),
    ]
}

async fn authenticate(
    call: Call,
    caller: CodeHolder,
    Json(body): Json<Code>,
) -> Result<Answer<Authenticated>, ApiError> {
    let proof = caller.proof();
    let client = call.client();
    let answer = call
        .services
        .entry
        .authenticate(proof, body.code, &client)
        .await?;
    ok(Authenticated {
        access_token: answer.tokens.access,
        is_two_factor_enable: answer.tokens.is_two_factor_enable,
        recovery_codes_left: answer.recovery_codes_left,
        refresh_token: answer.tokens.refresh,
    })
}

async fn generate_qr(call: Call, caller: Enrolling, _: NoBody) -> Result<Answer<QrCode>, ApiError> {
    let options = GenerateOptions {
        restart: call.switch(RESTART)?,
        replace: call.switch(REPLACE)?,
    };
    let client = call.client();
    let enrolment = call
        .services
        .account
        .generate_qr(caller.proof(), options, &client)
        .await?;
    ok(QrCode {
        qr_code: enrolment.qr_code,
        link: enrolment.link,
    })
}

async fn enable(
    call: Call,
    caller: Enrolling,
    Json(body): Json<Enable>,
) -> Result<Answer<Enabled>, ApiError> {
    let client = call.client();
    let enabled = call
        .services
        .account
        .enable(caller.proof(), body.code, body.current_code, &client)
        .await?;
    ok(Enabled {
        message: "Two-factor authentication enabled successfully".into(),
        description: "Two-factor authentication has been enabled for your account.".into(),
        recovery_codes: enabled.recovery_codes,
        access_token: enabled.tokens.access,
        refresh_token: enabled.tokens.refresh,
    })
}

async fn disable(
    call: Call,
    caller: Member,
    Maybe(body): Maybe<OptionalCode>,
) -> Result<Answer<Done>, ApiError> {
    let client = call.client();
    call.services
        .account
        .disable(caller.proof(), body.code, &client)
        .await?;
    done(
        "Two-factor authentication disabled successfully",
        "Two-factor authentication has been disabled for your account.",
    )
}

async fn recovery_codes(
    call: Call,
    caller: Member,
    Maybe(body): Maybe<OptionalCode>,
) -> Result<Answer<NewRecoveryCodes>, ApiError> {
    let client = call.client();
    let recovery_codes = call
        .services
        .account
        .renew_recovery_codes(caller.proof(), body.code, &client)
        .await?;
    ok(NewRecoveryCodes {
        message: "New recovery codes made".into(),
        description: "Keep them in a safe place; the codes you had before are void.".into(),
        recovery_codes,
    })
}

async fn status(call: Call, caller: Present, _: NoBody) -> Result<Answer<FactorStatus>, ApiError> {
    let status = call.services.account.factor_status(caller.caller())?;
    ok(FactorStatus {
        is_two_factor_enable: status.is_on,
        pending_until: status.pending_until.and_then(Time::of),
        recovery_codes_left: status.recovery_codes_left,
        required: status.required,
        enabled_at: status.enabled_at.and_then(Time::of),
        failed_since_last_sign_in: status.failed_since_sign_in,
    })
}
