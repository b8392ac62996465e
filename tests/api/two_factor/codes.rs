//! `/2fa/authenticate`: codes, recovery codes, waits, the lock, and phones whose clock is off.

use super::{DISABLE, WRONG_CODE};
use crate::api::{
    NOBODYS_RECOVERY_CODE, another, claims, fields, locks, refreshes, takes_recovery_code,
};
use crate::harness::person::PASSWORD;
use crate::harness::{Person, Server};
use serde_json::json;

#[test]
fn a_code_finishes_a_sign_in_once() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let mut other = another(&grace, &server);
    grace.signs_in(&server).expect(200);
    let pending = grace.access.clone();
    server.clock.advance(30);
    let code = grace.code(&server);
    let spaced = format!(" {} - {} ", &code[..3], &code[3..]);
    let answer = grace.authenticates(&server, &spaced).expect(200);
    assert_eq!(
        fields(&answer.json),
        ["accessToken", "isTwoFactorEnable", "refreshToken"]
    );
    assert_eq!(answer.json["isTwoFactorEnable"], true);
    assert_eq!(claims(&grace.access)["amr"], json!(["pwd", "otp"]));
    grace.gets(&server, "/auth/me").expect(200);
    server.clock.advance(30);
    let now = grace.code(&server);
    let ahead = grace.code_at(server.clock.unix_seconds() + 30);
    server
        .http
        .post("/2fa/authenticate", &pending, json!({ "code": now }))
        .refused(401, "UNAUTHORIZED");
    // Used in one session is used in all; so is the step before the last one used.
    grace.authenticates(&server, &ahead).expect(200);
    for code in [code, now] {
        let answer = other.authenticates(&server, &code).refused(400, WRONG_CODE);
        assert!(answer.text.contains("already used, wait for the next one"));
    }
    let status = grace.gets(&server, "/2fa/status").expect(200);
    assert_eq!(status.json["failedSinceLastSignIn"], 0);
}

#[test]
fn a_pending_token_lives_five_minutes() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let mut late = another(&grace, &server);
    grace.signs_in(&server).expect(200);
    server.clock.advance(299);
    let code = grace.code(&server);
    grace.authenticates(&server, &code).expect(200);
    server.clock.advance(1);
    let code = late.code_at(server.clock.unix_seconds() + 30);
    late.authenticates(&server, &code)
        .refused(401, "UNAUTHORIZED");
}

#[test]
fn the_window_is_one_step_on_each_side() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    server.clock.advance(120);
    let now = server.clock.unix_seconds();
    grace.signs_in(&server).expect(200);
    for far in [now - 60, now + 60] {
        let code = grace.code_at(far);
        grace.authenticates(&server, &code).refused(400, WRONG_CODE);
    }
    let mut other = another(&grace, &server);
    let code = grace.code_at(now - 30);
    grace.authenticates(&server, &code).expect(200);
    let code = grace.code_at(now + 30);
    other.authenticates(&server, &code).expect(200);
}

#[test]
fn a_step_up_makes_fresh_and_rotates_the_tokens() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    server.clock.advance(300);
    grace
        .posts(&server, DISABLE, json!({}))
        .refused(403, "FRESH_CODE_REQUIRED");
    let before = grace.clone();
    let code = grace.code(&server);
    grace.authenticates(&server, &code).expect(200);
    assert_ne!(grace.refresh, before.refresh);
    assert_eq!(claims(&grace.access)["sid"], claims(&before.access)["sid"]);
    let time = server.clock.unix_seconds();
    assert_eq!(claims(&grace.access)["auth_time"], time);
    grace.posts(&server, DISABLE, json!({})).expect(200);
}

#[test]
fn without_a_second_factor_there_is_nothing_to_authenticate() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    grace
        .authenticates(&server, "123456")
        .refused(400, "TWO_FACTOR_NOT_ENABLED");
}

#[test]
fn a_recovery_code_works_once_and_is_told() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    grace.signs_in(&server).expect(200);
    let code = grace.recovery_codes[0].to_lowercase().replace('-', " ");
    let answer = grace.authenticates(&server, &code).expect(200);
    assert_eq!(answer.json["recoveryCodesLeft"], 9);
    assert_eq!(
        fields(&answer.json),
        [
            "accessToken",
            "isTwoFactorEnable",
            "recoveryCodesLeft",
            "refreshToken"
        ]
    );
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["recoveryCodesLeft"], 9);
    assert_eq!(me.json["notices"][0]["kind"], "recovery_code_used");
    assert!(
        server
            .audit_actions()
            .contains(&"recovery_code.used".to_owned())
    );
    grace
        .clone()
        .authenticates(&server, &code)
        .refused(400, WRONG_CODE);
    // It counts as fresh.
    grace.posts(&server, DISABLE, json!({})).expect(200);
}

#[test]
fn after_five_wrong_codes_come_waits_that_double() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    grace.signs_in(&server).expect(200);
    server.clock.advance(30);
    let (right, wrong) = (grace.code(&server), grace.wrong_code(&server));
    // No string is no try.
    for _ in 0..8 {
        grace
            .posts(&server, "/2fa/authenticate", json!({ "code": 123_456 }))
            .refused(400, "INVALID_REQUEST");
    }
    for code in [&wrong, "12345", "", NOBODYS_RECOVERY_CODE, &wrong] {
        grace.authenticates(&server, code).refused(400, WRONG_CODE);
    }
    for code in [&right, &wrong] {
        let answer = grace
            .authenticates(&server, code)
            .refused(429, "TOO_MANY_ATTEMPTS");
        assert_eq!(answer.header("retry-after"), Some("30"));
    }
    server.clock.advance(29);
    let answer = grace
        .authenticates(&server, &right)
        .refused(429, "TOO_MANY_ATTEMPTS");
    assert_eq!(answer.header("retry-after"), Some("1"));
    server.clock.advance(1);
    let wrong = grace.wrong_code(&server);
    grace
        .authenticates(&server, &wrong)
        .refused(400, WRONG_CODE);
    let answer = grace
        .authenticates(&server, &wrong)
        .refused(429, "TOO_MANY_ATTEMPTS");
    assert_eq!(answer.header("retry-after"), Some("60"));
    server.clock.advance(60);
    let code = grace.code(&server);
    grace.authenticates(&server, &code).expect(200);
    let me = grace.gets(&server, "/auth/me").expect(200);
    let notice = &me.json["notices"][0];
    assert_eq!(notice["kind"], "failed_codes");
    assert!(notice["message"].as_str().unwrap().starts_with("6 wrong"));
}

#[test]
fn a_recovery_code_works_during_a_wait() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    grace.signs_in(&server).expect(200);
    let wrong = grace.wrong_code(&server);
    for _ in 0..5 {
        grace
            .authenticates(&server, &wrong)
            .refused(400, WRONG_CODE);
    }
    grace
        .authenticates(&server, &wrong)
        .refused(429, "TOO_MANY_ATTEMPTS");
    takes_recovery_code(&mut grace, &server).expect(200);
    // No lock was lifted: the password may stay.
    grace.posts(&server, DISABLE, json!({})).expect(200);
}

#[test]
fn twenty_wrong_codes_lock_and_a_recovery_code_lifts_the_lock() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let mut working = grace.clone();
    locks(&mut grace, &server);
    refreshes(&mut working, &server).expect(200);
    working.gets(&server, "/auth/me").expect(200);
    let code = working.code(&server);
    working
        .posts(&server, DISABLE, json!({ "code": code }))
        .refused(403, "SECOND_FACTOR_LOCKED");
    server.clock.advance(86_400);
    grace.signs_in(&server).expect(200);
    let code = grace.code(&server);
    grace
        .authenticates(&server, &code)
        .refused(403, "SECOND_FACTOR_LOCKED");
    // While locked, a wrong recovery code costs half a minute.
    grace
        .authenticates(&server, NOBODYS_RECOVERY_CODE)
        .refused(400, WRONG_CODE);
    let recovery = grace.recovery_codes[0].clone();
    let answer = grace
        .authenticates(&server, &recovery)
        .refused(429, "TOO_MANY_ATTEMPTS");
    assert_eq!(answer.header("retry-after"), Some("30"));
    server.clock.advance(30);
    grace.authenticates(&server, &recovery).expect(200);
    password_must_change(&server, &mut grace);
}

fn password_must_change(server: &Server, grace: &mut Person) {
    for path in ["/2fa/generate-qr?replace=true", "/users", "/audit"] {
        grace
            .gets(server, path)
            .refused(403, "PASSWORD_CHANGE_REQUIRED");
    }
    grace
        .posts(server, DISABLE, json!({}))
        .refused(403, "PASSWORD_CHANGE_REQUIRED");
    grace.gets(server, "/auth/me").expect(200);
    grace.gets(server, "/2fa/status").expect(200);
    refreshes(grace, server).expect(200);
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "seven lamps burn at noon" });
    let answer = grace.posts(server, "/auth/change-password", body);
    grace.takes(&answer.expect(200));
    grace.posts(server, DISABLE, json!({})).expect(200);
}

#[test]
fn two_codes_that_agree_tell_that_the_phone_is_off() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    grace.signs_in(&server).expect(200);
    let mut told = Vec::new();
    for _ in 0..2 {
        server.clock.advance(30);
        let code = grace.code_at(server.clock.unix_seconds() - 300);
        let answer = grace.authenticates(&server, &code).refused(400, WRONG_CODE);
        told.push(answer.text_field("description").contains("clock"));
        if told.len() == 2 {
            let description = answer.text_field("description");
            assert!(description.contains("5 minutes behind"), "{description}");
        }
    }
    assert_eq!(told, [false, true]);
    // Eleven minutes off is just a wrong code.
    for _ in 0..2 {
        server.clock.advance(30);
        let code = grace.code_at(server.clock.unix_seconds() - 660);
        let answer = grace.authenticates(&server, &code).refused(400, WRONG_CODE);
        assert!(!answer.text_field("description").contains("clock"));
    }
}
