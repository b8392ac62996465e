//! `/2fa`: the second factor.

use super::{Answer, Done, Time, done, exposed, ok, time};
use crate::domain::enrolment::GenerateOptions;
use crate::domain::secret::SecretText;
use crate::http::endpoint::{Endpoint, Parameter};
use crate::http::error::{
    ApiError, FRESH_CODE_REQUIRED, FRESH_SIGN_IN_REQUIRED, INVALID_TWO_FACTOR_AUTH_CODE,
    QR_CODE_ALREADY_GENERATED, Refusal, SECOND_FACTOR_LOCKED, SIGN_INS_PAUSED, TOO_MANY_ATTEMPTS,
    TWO_FACTOR_NOT_ENABLED, TWO_FACTOR_NOT_PENDING, TWO_FACTOR_REQUIRED,
};
use crate::http::filters::{Call, Json, Maybe, NoBody, OptionalCode};
use crate::http::principal::{CodeHolder, Enrolling, Member, Present};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use warp::http::Method;

const RESTART: Parameter = Parameter::switch("restart", "Replaces a secret that is pending.");
const REPLACE: Parameter = Parameter::switch(
    "replace",
    "Moves a second factor that is on to another phone; needs a fresh code.",
);

/// What an endpoint refuses that checks a code of an active factor.
pub(super) const CODE_REFUSALS: &[&Refusal] = &[
    INVALID_TWO_FACTOR_AUTH_CODE,
    TWO_FACTOR_NOT_ENABLED,
    SECOND_FACTOR_LOCKED,
    TOO_MANY_ATTEMPTS,
];

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/2fa/authenticate", authenticate)
            .summary("Finishes a sign-in with its code, or makes a full session fresh.")
            .refuses(CODE_REFUSALS)
            .refuses(&[SIGN_INS_PAUSED]),
        Endpoint::new(Method::GET, "/2fa/generate-qr", generate_qr)
            .summary("Makes a secret for the authenticator app, or shows the pending one again.")
            .query(&[RESTART, REPLACE])
            .refuses(&[
                QR_CODE_ALREADY_GENERATED,
                FRESH_SIGN_IN_REQUIRED,
                FRESH_CODE_REQUIRED,
            ]),
        Endpoint::new(Method::POST, "/2fa/enable-two-factor-auth", enable)
            .summary("Switches the second factor on with the first code of the pending secret.")
            .refuses(&[
                INVALID_TWO_FACTOR_AUTH_CODE,
                TWO_FACTOR_NOT_PENDING,
                SIGN_INS_PAUSED,
            ]),
        Endpoint::new(Method::POST, "/2fa/disable-two-factor-auth", disable)
            .summary("Switches the second factor off, with a fresh code.")
            .refuses(CODE_REFUSALS)
            .refuses(&[FRESH_CODE_REQUIRED, TWO_FACTOR_REQUIRED]),
        Endpoint::new(Method::GET, "/2fa/status", status)
            .summary("Tells where the caller's second factor stands."),
        Endpoint::new(Method::POST, "/2fa/recovery-codes", recovery_codes)
            .summary("Makes ten new recovery codes, with a fresh code; the old ones are void.")
            .refuses(CODE_REFUSALS)
            .refuses(&[FRESH_CODE_REQUIRED]),
    ]
}

/// A code for the second factor.
#[derive(Deserialize, JsonSchema)]
struct Code {
    /// What the authenticator app shows, or where a sign-in is finished, a recovery code.
    code: SecretText,
}

/// A finished sign-in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Authenticated {
    access_token: String,
    is_two_factor_enable: bool,
    /// Told when a recovery code was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    recovery_codes_left: Option<u32>,
    refresh_token: String,
}

async fn authenticate(
    call: Call,
    caller: CodeHolder,
    Json(body): Json<Code>,
) -> Result<Answer<Authenticated>, ApiError> {
    let proof = &caller.0.proof;
    let client = call.client();
    let answer = call
        .services
        .authenticate(proof, body.code, &client)
        .await?;
    ok(Authenticated {
        access_token: answer.tokens.access,
        is_two_factor_enable: answer.tokens.is_two_factor_enable,
        recovery_codes_left: answer.recovery_codes_left,
        refresh_token: answer.tokens.refresh,
    })
}

/// A secret for the authenticator app.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct QrCode {
    /// A picture of the link, as a `data:` URL.
    qr_code: String,
    /// The `otpauth:` link.
    link: String,
}

async fn generate_qr(call: Call, caller: Enrolling, _: NoBody) -> Result<Answer<QrCode>, ApiError> {
    let options = GenerateOptions {
        restart: call.switch(RESTART)?,
        replace: call.switch(REPLACE)?,
    };
    let client = call.client();
    let enrolment = call
        .services
        .generate_qr(&caller.0.proof, options, &client)
        .await?;
    ok(QrCode {
        qr_code: enrolment.qr_code,
        link: enrolment.link,
    })
}

/// A second factor that is on, with its recovery codes, and the session's new tokens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Enabled {
    message: &'static str,
    description: &'static str,
    #[serde(serialize_with = "exposed")]
    recovery_codes: Vec<SecretText>,
    access_token: String,
    refresh_token: String,
}

async fn enable(
    call: Call,
    caller: Enrolling,
    Json(body): Json<Code>,
) -> Result<Answer<Enabled>, ApiError> {
    let client = call.client();
    let enabled = call
        .services
        .enable(&caller.0.proof, body.code, &client)
        .await?;
    ok(Enabled {
        message: "Two-factor authentication enabled successfully",
        description: "Two-factor authentication has been enabled for your account.",
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
        .disable(&caller.0.proof, body.code, &client)
        .await?;
    done(
        "Two-factor authentication disabled successfully",
        "Two-factor authentication has been disabled for your account.",
    )
}

/// New recovery codes; each works once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewRecoveryCodes {
    message: &'static str,
    description: &'static str,
    #[serde(serialize_with = "exposed")]
    recovery_codes: Vec<SecretText>,
}

async fn recovery_codes(
    call: Call,
    caller: Member,
    Maybe(body): Maybe<OptionalCode>,
) -> Result<Answer<NewRecoveryCodes>, ApiError> {
    let client = call.client();
    let recovery_codes = call
        .services
        .renew_recovery_codes(&caller.0.proof, body.code, &client)
        .await?;
    ok(NewRecoveryCodes {
        message: "New recovery codes made",
        description: "Keep them in a safe place; the codes you had before are void.",
        recovery_codes,
    })
}

/// Where a second factor stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FactorStatus {
    is_two_factor_enable: bool,
    /// Until when the secret that this session generated can be confirmed.
    pending_until: Option<Time>,
    recovery_codes_left: u32,
    /// Whether the policy demands a second factor.
    required: bool,
    enabled_at: Option<Time>,
    failed_since_last_sign_in: u32,
}

async fn status(call: Call, caller: Present, _: NoBody) -> Result<Answer<FactorStatus>, ApiError> {
    let status = call.services.factor_status(&caller.0)?;
    ok(FactorStatus {
        is_two_factor_enable: status.is_on,
        pending_until: status.pending_until.and_then(time),
        recovery_codes_left: status.recovery_codes_left,
        required: status.required,
        enabled_at: status.enabled_at.and_then(time),
        failed_since_last_sign_in: status.failed_since_sign_in,
    })
}
