//! Switching the second factor off, new recovery codes, and the state that `/2fa/status` tells.

use super::{DISABLE, ENABLE, RECOVERY, WRONG_CODE};
use crate::api::{another, fields};
use crate::harness::{Person, Server, ServerOptions};
use serde_json::{Value, json};
use vestibule::domain::policy::RequireTwoFactor;

#[test]
fn an_ordinary_user_switches_off_while_fresh() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    grace.comes_in(&server);
    let mut other = another(&grace, &server);
    server.clock.advance(30);
    let code = other.code(&server);
    other.authenticates(&server, &code).expect(200);
    server.clock.advance(269);
    let answer = grace.posts(&server, DISABLE, json!({})).expect(200);
    let expected = json!({
        "message": "Two-factor authentication disabled successfully",
        "description": "Two-factor authentication has been disabled for your account.",
    });
    assert_eq!(answer.json, expected);
    other.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["isTwoFactorEnable"], false);
    assert_eq!(me.json["recoveryCodesLeft"], 0);
    for path in [DISABLE, RECOVERY] {
        server
            .http
            .post_nothing(path, &grace.access)
            .refused(400, "TWO_FACTOR_NOT_ENABLED");
    }
    let code = grace.code(&server);
    let recovery = grace.recovery_codes[0].clone();
    for code in [code, recovery] {
        grace
            .clone()
            .authenticates(&server, &code)
            .refused(400, "TWO_FACTOR_NOT_ENABLED");
    }
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "full");
}

#[test]
fn a_stale_session_needs_a_code_and_a_code_sent_is_always_checked() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let wrong = grace.wrong_code(&server);
    grace
        .posts(&server, DISABLE, json!({ "code": wrong }))
        .refused(400, WRONG_CODE);
    // Recovery codes are taken at authenticate alone.
    let recovery = grace.recovery_codes[0].clone();
    grace
        .posts(&server, DISABLE, json!({ "code": recovery }))
        .refused(400, WRONG_CODE);
    server.clock.advance(300);
    for path in [DISABLE, RECOVERY] {
        server
            .http
            .post_nothing(path, &grace.access)
            .refused(403, "FRESH_CODE_REQUIRED");
    }
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["isTwoFactorEnable"], true);
    let code = grace.code(&server);
    grace
        .posts(&server, RECOVERY, json!({ "code": code }))
        .expect(200);
    grace
        .posts(&server, DISABLE, json!({ "code": code }))
        .refused(400, WRONG_CODE);
    server.clock.advance(30);
    let code = grace.code(&server);
    grace
        .posts(&server, DISABLE, json!({ "code": code }))
        .expect(200);
    grace.signs_in(&server).expect(200);
}

#[test]
fn an_administrator_hears_of_the_policy_before_freshness_is_asked_for() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let mut adam = Person::added(&server, "adam@example.com", &["Admin"]);
    adam.signs_in(&server).expect(200);
    adam.enrols(&server);
    for _ in 0..2 {
        for person in [&ada, &adam] {
            person
                .posts(&server, DISABLE, json!({}))
                .refused(403, "TWO_FACTOR_REQUIRED");
        }
        server.clock.advance(300);
    }
}

#[test]
fn the_policy_decides_who_may_switch_off() {
    let everybody = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            config.policy.require_two_factor = RequireTwoFactor::Everybody;
        }),
    });
    let grace = Person::protected(&everybody, "grace@example.com");
    grace
        .posts(&everybody, DISABLE, json!({}))
        .refused(403, "TWO_FACTOR_REQUIRED");
    let nobody = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            config.policy.require_two_factor = RequireTwoFactor::Nobody;
        }),
    });
    let ada = Person::super_admin(&nobody);
    ada.posts(&nobody, DISABLE, json!({})).expect(200);
}

#[test]
fn new_recovery_codes_void_the_old_ones() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let old = grace.recovery_codes.clone();
    let answer = server
        .http
        .post_nothing(RECOVERY, &grace.access)
        .expect(200);
    assert_eq!(
        fields(&answer.json),
        ["description", "message", "recoveryCodes"]
    );
    grace.keeps_recovery_codes(&answer);
    let mut all: Vec<&String> = grace.recovery_codes.iter().chain(&old).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 20);
    grace
        .clone()
        .authenticates(&server, &old[0])
        .refused(400, WRONG_CODE);
    let code = grace.recovery_codes[0].clone();
    grace.authenticates(&server, &code).expect(200);
}

#[test]
fn status_tells_where_the_second_factor_stands() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let off = grace.gets(&server, "/2fa/status").expect(200);
    let expected = json!({
        "isTwoFactorEnable": false,
        "pendingUntil": Value::Null,
        "recoveryCodesLeft": 0,
        "required": false,
        "enabledAt": Value::Null,
        "failedSinceLastSignIn": 0,
    });
    assert_eq!(off.json, expected);
    grace.enrols(&server);
    let wrong = grace.wrong_code(&server);
    grace.clone().authenticates(&server, &wrong).expect(400);
    let on = grace.gets(&server, "/2fa/status").expect(200);
    let expected = json!({
        "isTwoFactorEnable": true,
        "pendingUntil": Value::Null,
        "recoveryCodesLeft": 10,
        "required": false,
        "enabledAt": "2026-06-01T12:00:00Z",
        "failedSinceLastSignIn": 1,
    });
    assert_eq!(on.json, expected);
    let claimed = Person::claims(&server);
    let status = claimed.gets(&server, "/2fa/status").expect(200);
    assert_eq!(status.json["required"], true);
    claimed
        .posts(&server, ENABLE, json!({ "code": "123456" }))
        .refused(400, "TWO_FACTOR_NOT_PENDING");
}
