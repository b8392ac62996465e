//! `/auth` over HTTP: the password's door, the caller's own account, and the way out.

mod algorithms;
mod tokens;

use super::{another, claims, fields, locks, takes_recovery_code};
use crate::harness::person::PASSWORD;
use crate::harness::{Person, Server, ServerOptions};
use serde_json::{Value, json};
use vestibule::domain::policy::RequireTwoFactor;

const SIGN_IN: &str = "/auth/sign-in";
const CHANGE: &str = "/auth/change-password";
const DISMISS: &str = "/auth/me/notices/dismiss";
const NEW_PASSWORD: &str = "seven lamps burn at noon";

#[test]
fn both_forms_of_sign_in_answer_alike() {
    let server = Server::start();
    let grace = Person::added(&server, "grace@example.com", &["User"]);
    for email in ["grace@example.com", " Grace@Example.COM "] {
        let credentials = json!({ "email": email, "password": PASSWORD });
        for body in [
            credentials.clone(),
            json!({ "credentials": credentials.clone() }),
        ] {
            let answer = server.http.post(SIGN_IN, "", body).expect(200);
            assert_eq!(
                fields(&answer.json),
                ["accessToken", "isTwoFactorEnable", "refreshToken", "stage"]
            );
            assert_eq!(answer.json["stage"], "full");
            assert_eq!(answer.json["isTwoFactorEnable"], false);
            let token = claims(&answer.text_field("accessToken"));
            assert_eq!(token["sub"], grace.id.to_string());
        }
    }
}

#[test]
fn pending_and_enrolment_tokens_are_opaque_and_have_no_refresh_token() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let mut adam = Person::added(&server, "adam@example.com", &["Admin"]);
    for (person, stage, is_on) in [
        (&mut grace, "pending", true),
        (&mut adam, "enrolment", false),
    ] {
        let answer = person.signs_in(&server).expect(200);
        assert_eq!(answer.json["stage"], stage);
        assert_eq!(answer.json["isTwoFactorEnable"], is_on);
        assert_eq!(answer.json["refreshToken"], "");
        assert!(!answer.text_field("accessToken").contains('.'));
    }
}

#[test]
fn a_wrong_password_an_unknown_and_an_archived_account_read_the_same() {
    let server = Server::start();
    let grace = Person::added(&server, "grace@example.com", &["User"]);
    let gone = Person::added(&server, "gone@example.com", &["User"]);
    let ids = json!({ "ids": [gone.id] });
    server
        .operator("PATCH", "/users/archive", Some(ids))
        .expect(200);
    let mut texts = Vec::new();
    for (email, password) in [
        (grace.email.as_str(), "not her password"),
        ("nobody@example.com", PASSWORD),
        (gone.email.as_str(), PASSWORD),
        ("no address", PASSWORD),
    ] {
        let body = json!({ "email": email, "password": password });
        let answer = server
            .http
            .post(SIGN_IN, "", body)
            .refused(400, "INVALID_CREDENTIALS");
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
}

#[test]
fn a_sign_in_without_a_field_is_told_which() {
    let server = Server::start();
    for (body, field) in [
        (json!({ "password": PASSWORD }), "`email`"),
        (json!({ "email": "grace@example.com" }), "`password`"),
        (json!({ "credentials": { "email": "a@b" } }), "`password`"),
        (json!({ "email": 1, "password": PASSWORD }), "`email`"),
    ] {
        let answer = server
            .http
            .post(SIGN_IN, "", body)
            .refused(400, "INVALID_REQUEST");
        let description = answer.text_field("description");
        assert!(description.contains(field), "{description}");
    }
}

#[test]
fn me_tells_about_the_account() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let me = ada.gets(&server, "/auth/me").expect(200);
    let expected = json!({
        "id": 1,
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "King",
        "roles": ["Super Admin"],
        "teams": [{ "id": 1, "name": "Support", "role": "Owner", "support": true }],
        "isTwoFactorEnable": true,
        "photo": Value::Null,
        "impersonationAllowed": true,
        "recoveryCodesLeft": 10,
        "notices": [],
    });
    assert_eq!(me.json, expected);
}

#[test]
fn notices_stay_until_dismissed() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    for _ in 0..2 {
        takes_recovery_code(&mut grace, &server).expect(200);
    }
    let me = grace.gets(&server, "/auth/me").expect(200);
    let notices = me.json["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 2);
    assert_eq!(fields(&notices[0]), ["at", "id", "kind", "message"]);
    assert_eq!(notices[0]["at"], "2026-06-01T12:00:00Z");
    // Another person's word counts for nothing, and neither do numbers that do not exist.
    let ids = json!({ "ids": [notices[0]["id"], 9999] });
    let stranger = Person::user(&server, "eve@example.com");
    stranger.posts(&server, DISMISS, ids.clone()).expect(200);
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["notices"].as_array().unwrap().len(), 2);
    let answer = grace.posts(&server, DISMISS, ids).expect(200);
    assert_eq!(fields(&answer.json), ["description", "message"]);
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["notices"], json!([notices[1]]));
    grace
        .posts(&server, DISMISS, json!({ "ids": ["1"] }))
        .refused(400, "INVALID_REQUEST");
}

#[test]
fn a_new_password_rotates_the_tokens_and_ends_other_sessions() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let other = another(&grace, &server);
    let before = grace.clone();
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let answer = grace.posts(&server, CHANGE, body).expect(200);
    let names = ["accessToken", "description", "message", "refreshToken"];
    assert_eq!(fields(&answer.json), names);
    grace.takes(&answer);
    assert_ne!(grace.refresh, before.refresh);
    grace.gets(&server, "/auth/me").expect(200);
    other.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    grace.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    grace.password = NEW_PASSWORD.into();
    grace.signs_in(&server).expect(200);
}

#[test]
fn a_wrong_or_weak_password_changes_nothing() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let long = "a long way to nowhere ".repeat(6);
    for (current, new, code) in [
        ("not her password", NEW_PASSWORD, "INVALID_CREDENTIALS"),
        (PASSWORD, "short", "WEAK_PASSWORD"),
        (PASSWORD, "password1", "WEAK_PASSWORD"),
        (PASSWORD, "grace@example.com", "WEAK_PASSWORD"),
        (PASSWORD, long.as_str(), "WEAK_PASSWORD"),
    ] {
        let body = json!({ "currentPassword": current, "newPassword": new });
        grace.posts(&server, CHANGE, body).refused(400, code);
    }
    let body = json!({ "currentPassword": PASSWORD });
    let answer = grace
        .posts(&server, CHANGE, body)
        .refused(400, "INVALID_REQUEST");
    assert!(answer.text_field("description").contains("`newPassword`"));
    grace.gets(&server, "/auth/me").expect(200);
    grace.signs_in(&server).expect(200);
}

#[test]
fn with_a_second_factor_a_new_password_needs_a_fresh_code() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    server.clock.advance(300);
    let wrong = grace.wrong_code(&server);
    let (current, new) = ("currentPassword", "newPassword");
    for (body, status, refusal) in [
        (
            json!({ current: PASSWORD, new: NEW_PASSWORD }),
            403,
            "FRESH_CODE_REQUIRED",
        ),
        (
            json!({ current: PASSWORD, new: NEW_PASSWORD, "code": wrong }),
            400,
            "INVALID_TWO_FACTOR_AUTH_CODE",
        ),
    ] {
        grace.posts(&server, CHANGE, body).refused(status, refusal);
    }
    // A wrong password uses no code up.
    let code = grace.code(&server);
    let body = json!({ current: "not it", new: NEW_PASSWORD, "code": code });
    grace
        .posts(&server, CHANGE, body)
        .refused(400, "INVALID_CREDENTIALS");
    let body = json!({ current: PASSWORD, new: NEW_PASSWORD, "code": code });
    let answer = grace.posts(&server, CHANGE, body).expect(200);
    grace.takes(&answer);
    // It was used up, and made the session fresh.
    grace
        .clone()
        .authenticates(&server, &code)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    grace
        .posts(&server, "/2fa/recovery-codes", json!({}))
        .expect(200);
}

#[test]
fn somebody_who_is_to_enrol_may_change_the_password() {
    let server = Server::start();
    let mut ada = Person::claims(&server);
    let before = ada.access.clone();
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let answer = ada.posts(&server, CHANGE, body).expect(200);
    assert_eq!(answer.json["refreshToken"], "");
    ada.takes(&answer);
    assert_ne!(ada.access, before);
    server
        .http
        .get("/auth/me", &before)
        .refused(401, "UNAUTHORIZED");
    ada.gets(&server, "/users")
        .refused(403, "ENROLMENT_REQUIRED");
    ada.enrols(&server);
    ada.gets(&server, "/users").expect(200);
}

#[test]
fn signing_out_ends_this_session_or_all() {
    let server = Server::start();
    let grace = Person::user(&server, "grace@example.com");
    let others = [another(&grace, &server), another(&grace, &server)];
    let stranger = Person::user(&server, "eve@example.com");
    let answer = server.http.post_nothing("/auth/sign-out", &grace.access);
    assert_eq!(fields(&answer.expect(200).json), ["description", "message"]);
    grace.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    let body = json!({ "refreshToken": grace.refresh });
    server
        .http
        .post("/auth/refresh-token", "", body)
        .refused(401, "UNAUTHORIZED");
    others[1].gets(&server, "/auth/me").expect(200);
    let everywhere = json!({ "everywhere": true });
    others[0]
        .posts(&server, "/auth/sign-out", everywhere)
        .expect(200);
    for other in &others {
        other.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    }
    stranger.gets(&server, "/auth/me").expect(200);
}

#[test]
fn everywhere_needs_a_full_session() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let full = grace.clone();
    grace.signs_in(&server).expect(200);
    let mut adam = Person::added(&server, "adam@example.com", &["Admin"]);
    adam.signs_in(&server).expect(200);
    let everywhere = json!({ "everywhere": true });
    grace
        .posts(&server, "/auth/sign-out", everywhere.clone())
        .refused(401, "SECOND_FACTOR_REQUIRED");
    adam.posts(&server, "/auth/sign-out", everywhere)
        .refused(403, "ENROLMENT_REQUIRED");
    full.gets(&server, "/auth/me").expect(200);
    adam.gets(&server, "/auth/me").expect(200);
    // Its own session ends with any token.
    for person in [&grace, &adam] {
        server
            .http
            .post_nothing("/auth/sign-out", &person.access)
            .expect(200);
    }
    adam.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    full.gets(&server, "/auth/me").expect(200);
}

#[test]
fn a_lock_lifted_at_the_machine_demands_a_new_password_too() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    locks(&mut grace, &server);
    let path = format!("/operator/users/{}/unlock", grace.id);
    server.operator("POST", &path, None).expect(200);
    grace.comes_in(&server);
    grace
        .gets(&server, "/2fa/generate-qr?replace=true")
        .refused(403, "PASSWORD_CHANGE_REQUIRED");
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let answer = grace.posts(&server, CHANGE, body).expect(200);
    grace.takes(&answer);
    grace
        .gets(&server, "/2fa/generate-qr?replace=true")
        .expect(200);
    let me = grace.gets(&server, "/auth/me").expect(200);
    let kinds: Vec<&Value> = me.json["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| &notice["kind"])
        .collect();
    assert_eq!(kinds, ["second_factor_unlocked", "failed_codes"]);
}

#[test]
fn grace_days_let_a_password_suffice_for_a_while() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            config.policy.require_two_factor = RequireTwoFactor::Everybody;
            config.policy.grace_days = 2;
        }),
    });
    let mut grace = Person::added(&server, "grace@example.com", &["User"]);
    // Counted from the day it was first demanded, not from that of the account.
    server.clock.advance(10 * 86_400);
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "full");
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["notices"][0]["kind"], "second_factor_due");
    let status = grace.gets(&server, "/2fa/status").expect(200);
    assert_eq!(status.json["required"], true);
    let path = format!("/users/{}", grace.id);
    let seen = server.operator("GET", &path, None).expect(200);
    assert_eq!(seen.json["graceUntil"], "2026-06-13T12:00:00Z");
    server.clock.advance(2 * 86_400 - 1);
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "full");
    server.clock.advance(1);
    let seen = server.operator("GET", &path, None).expect(200);
    assert_eq!(seen.json["graceUntil"], json!(null));
    let refused = super::refreshes(&mut grace, &server);
    refused.refused(403, "ENROLMENT_REQUIRED");
    grace
        .posts(&server, "/2fa/disable-two-factor-auth", json!({}))
        .refused(403, "ENROLMENT_REQUIRED");
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "enrolment");
    // Never after set-up.
    let ada = Person::claims(&server);
    ada.gets(&server, "/users")
        .refused(403, "ENROLMENT_REQUIRED");
}
