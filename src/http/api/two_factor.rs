//! `/2fa`: the second factor.

use super::{Answer, done, ok, time};
use crate::domain::enrolment::GenerateOptions;
use crate::domain::secret::SecretText;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, Maybe, NoBody, OptionalCode};
use crate::http::principal::{CodeHolder, Enrolling, Member, Present};
use crate::http::routes::Endpoint;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/2fa/authenticate", authenticate),
        Endpoint::new(Method::GET, "/2fa/generate-qr", generate_qr),
        Endpoint::new(Method::POST, "/2fa/enable-two-factor-auth", enable),
        Endpoint::new(Method::POST, "/2fa/disable-two-factor-auth", disable),
        Endpoint::new(Method::GET, "/2fa/status", status),
        Endpoint::new(Method::POST, "/2fa/recovery-codes", recovery_codes),
    ]
}

#[derive(Deserialize)]
struct Code {
    code: SecretText,
}

type Reply = Result<Answer<Value>, ApiError>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Authenticated {
    access_token: String,
    is_two_factor_enable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
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

async fn generate_qr(call: Call, caller: Enrolling, _: NoBody) -> Reply {
    let options = GenerateOptions {
        restart: call.switch("restart")?,
        replace: call.switch("replace")?,
    };
    let client = call.client();
    let enrolment = call
        .services
        .generate_qr(&caller.0.proof, options, &client)
        .await?;
    ok(json!({ "qrCode": enrolment.qr_code, "link": enrolment.link }))
}

async fn enable(call: Call, caller: Enrolling, Json(body): Json<Code>) -> Reply {
    let client = call.client();
    let enabled = call
        .services
        .enable(&caller.0.proof, body.code, &client)
        .await?;
    ok(json!({
        "message": "Two-factor authentication enabled successfully",
        "description": "Two-factor authentication has been enabled for your account.",
        "recoveryCodes": texts(&enabled.recovery_codes),
        "accessToken": enabled.tokens.access,
        "refreshToken": enabled.tokens.refresh,
    }))
}

async fn disable(call: Call, caller: Member, Maybe(body): Maybe<OptionalCode>) -> Reply {
    let client = call.client();
    call.services
        .disable(&caller.0.proof, body.code, &client)
        .await?;
    done(
        "Two-factor authentication disabled successfully",
        "Two-factor authentication has been disabled for your account.",
    )
}

async fn recovery_codes(call: Call, caller: Member, Maybe(body): Maybe<OptionalCode>) -> Reply {
    let client = call.client();
    let codes = call
        .services
        .renew_recovery_codes(&caller.0.proof, body.code, &client)
        .await?;
    ok(json!({
        "message": "New recovery codes made",
        "description": "Keep them in a safe place; the codes you had before are void.",
        "recoveryCodes": texts(&codes),
    }))
}

async fn status(call: Call, caller: Present, _: NoBody) -> Reply {
    let status = call.services.factor_status(&caller.0)?;
    ok(json!({
        "isTwoFactorEnable": status.is_on,
        "pendingUntil": status.pending_until.and_then(time),
        "recoveryCodesLeft": status.recovery_codes_left,
        "required": status.required,
        "enabledAt": status.enabled_at.and_then(time),
        "failedSinceLastSignIn": status.failed_since_sign_in,
    }))
}

fn texts(codes: &[SecretText]) -> Vec<&str> {
    codes.iter().map(SecretText::expose).collect()
}
