//! `/2fa` over HTTP.

mod codes;
mod switch_off;

use super::{another, claims, fields, refreshes};
use crate::harness::person::{code_of, secret_of};
use crate::harness::{Person, Server, ServerOptions};
use data_encoding::BASE64;
use serde_json::json;

use vestibule::domain::totp::{Algorithm, Parameters};

const QR: &str = "/2fa/generate-qr";
const ENABLE: &str = "/2fa/enable-two-factor-auth";
const DISABLE: &str = "/2fa/disable-two-factor-auth";
const RECOVERY: &str = "/2fa/recovery-codes";
const WRONG_CODE: &str = "INVALID_TWO_FACTOR_AUTH_CODE";

#[test]
fn a_person_enrols_and_signs_in_with_both_factors() {
    let mut server = Server::start();
    let mut ada = Person::super_admin(&server);
    assert_eq!(ada.recovery_codes.len(), 10);
    server.clock.advance(30);
    let first = ada.signs_in(&server).expect(200);
    assert_eq!(first.json["stage"], "pending");
    ada.gets(&server, "/auth/me")
        .refused(401, "SECOND_FACTOR_REQUIRED");
    let code = ada.code(&server);
    ada.authenticates(&server, &code).expect(200);
    let me = ada.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["roles"], json!(["Super Admin"]));
    server.restart();
    ada.gets(&server, "/auth/me").expect(200);
    assert!(server.audit_is_intact());
}

#[test]
fn generate_qr_answers_a_picture_and_a_link() {
    let server = Server::start();
    let grace = Person::user(&server, "grace@example.com");
    let answer = grace.gets(&server, QR).expect(200);
    assert_eq!(fields(&answer.json), ["link", "qrCode"]);
    let link = answer.text_field("link");
    let secret = secret_of(&link);
    assert_eq!(secret.len(), 32);
    assert_eq!(
        link,
        format!("otpauth://totp/Vestibule:grace@example.com?secret={secret}&issuer=Vestibule")
    );
    let picture = answer.text_field("qrCode");
    let data = picture.strip_prefix("data:image/png;base64,").unwrap();
    let bytes = BASE64.decode(data.as_bytes()).unwrap();
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    for query in ["?replace=1", "?restart=yes", "?restart="] {
        grace
            .gets(&server, &format!("{QR}{query}"))
            .refused(400, "INVALID_REQUEST");
    }
}

#[test]
fn the_link_names_what_differs_from_the_defaults() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            config.totp.issuer = "Tea & Co".into();
            config.totp.parameters = Parameters {
                algorithm: Algorithm::Sha256,
                digits: 8,
                period_seconds: 60,
            };
        }),
    });
    let grace = Person::user(&server, "grace@example.com");
    let link = grace.gets(&server, QR).expect(200).text_field("link");
    let secret = secret_of(&link);
    assert_eq!(
        link,
        format!(
            "otpauth://totp/Tea%20%26%20Co:grace@example.com?secret={secret}\
             &issuer=Tea%20%26%20Co&algorithm=SHA256&digits=8&period=60"
        )
    );
}

#[test]
fn a_pending_secret_is_repeated_restarted_and_not_shared() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let mut other = another(&grace, &server);
    grace.scans(&server).expect(200);
    let first = grace.secret.clone();
    grace.scans(&server).expect(200);
    assert_eq!(grace.secret, first);
    other.scans(&server).expect(200);
    assert_ne!(other.secret, first);
    // A code for one session's secret confirms nothing in the other.
    let body = json!({ "code": grace.code(&server) });
    other.posts(&server, ENABLE, body).refused(400, WRONG_CODE);
    grace.scans_with(&server, "?restart=true").expect(200);
    assert_ne!(grace.secret, first);
    let old = code_of(&first, server.clock.unix_seconds());
    grace
        .posts(&server, ENABLE, json!({ "code": old }))
        .refused(400, WRONG_CODE);
    let body = json!({ "code": grace.code(&server) });
    grace.posts(&server, ENABLE, body).expect(200);
}

#[test]
fn an_enrolment_waits_ten_minutes_and_begins_within_fifteen_of_the_password() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let mut late = another(&grace, &server);
    grace.scans(&server).expect(200);
    let first = grace.secret.clone();
    server.clock.advance(599);
    let status = grace.gets(&server, "/2fa/status").expect(200);
    assert_eq!(status.json["pendingUntil"], "2026-06-01T12:10:00Z");
    server.clock.advance(1);
    refreshes(&mut grace, &server).expect(200);
    let body = json!({ "code": grace.code(&server) });
    grace
        .posts(&server, ENABLE, body)
        .refused(400, "TWO_FACTOR_NOT_PENDING");
    server.clock.advance(299);
    refreshes(&mut late, &server).expect(200);
    grace.scans(&server).expect(200);
    assert_ne!(grace.secret, first, "what has lapsed is not shown again");
    server.clock.advance(1);
    late.scans(&server).refused(403, "FRESH_SIGN_IN_REQUIRED");
    // Begun in time: the age of the sign-in is not looked at again.
    server.clock.advance(598);
    refreshes(&mut grace, &server).expect(200);
    let body = json!({ "code": grace.code(&server) });
    grace.posts(&server, ENABLE, body).expect(200);
}

#[test]
fn enable_answers_new_tokens_consumes_its_code_and_ends_other_sessions() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let other = another(&grace, &server);
    let before = grace.clone();
    grace.scans(&server).expect(200);
    let code = grace.code(&server);
    let answer = grace.posts(&server, ENABLE, json!({ "code": code }));
    let answer = answer.expect(200);
    let names = [
        "accessToken",
        "description",
        "message",
        "recoveryCodes",
        "refreshToken",
    ];
    assert_eq!(fields(&answer.json), names);
    let said = "Two-factor authentication enabled successfully";
    assert_eq!(answer.json["message"], said);
    let said = "Two-factor authentication has been enabled for your account.";
    assert_eq!(answer.json["description"], said);
    grace.keeps_recovery_codes(&answer);
    assert_eq!(grace.recovery_codes.len(), 10);
    assert_eq!(claims(&grace.access)["amr"], json!(["pwd", "otp"]));
    assert_ne!(grace.refresh, before.refresh);
    other.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    let replayed = grace
        .clone()
        .authenticates(&server, &code)
        .refused(400, WRONG_CODE);
    assert!(
        replayed
            .text
            .contains("already used, wait for the next one")
    );
    // Fresh at once: no code is needed for what needs a fresh one.
    grace.posts(&server, RECOVERY, json!({})).expect(200);
    let body = json!({ "code": grace.code_at(server.clock.unix_seconds() + 30) });
    grace
        .posts(&server, ENABLE, body)
        .refused(400, "TWO_FACTOR_NOT_PENDING");
}

#[test]
fn wrong_codes_at_enable_are_not_counted_and_one_tells_of_the_clock() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    grace
        .posts(&server, ENABLE, json!({ "code": "123456" }))
        .refused(400, "TWO_FACTOR_NOT_PENDING");
    grace.scans(&server).expect(200);
    let wrong = grace.wrong_code(&server);
    for _ in 0..8 {
        grace
            .posts(&server, ENABLE, json!({ "code": wrong }))
            .refused(400, WRONG_CODE);
    }
    let off = grace.code_at(server.clock.unix_seconds() + 300);
    let answer = grace
        .posts(&server, ENABLE, json!({ "code": off }))
        .refused(400, WRONG_CODE);
    let description = answer.text_field("description");
    assert!(description.contains("5 minutes ahead"), "{description}");
    let status = grace.gets(&server, "/2fa/status").expect(200);
    assert_eq!(status.json["failedSinceLastSignIn"], 0);
    let body = json!({ "code": grace.code(&server) });
    grace.posts(&server, ENABLE, body).expect(200);
}

#[test]
fn replacing_keeps_the_old_phone_until_the_new_one_is_confirmed() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    let mut old = grace.clone();
    grace
        .scans(&server)
        .refused(400, "QR_CODE_ALREADY_GENERATED");
    grace
        .scans_with(&server, "?restart=true")
        .refused(400, "QR_CODE_ALREADY_GENERATED");
    grace.scans_with(&server, "?replace=true").expect(200);
    let new_secret = grace.secret.clone();
    assert_ne!(new_secret, old.secret);
    server.clock.advance(300);
    grace.scans_with(&server, "?replace=true").expect(200);
    assert_eq!(grace.secret, new_secret, "a reload needs no fresh code");
    grace
        .scans_with(&server, "?replace=true&restart=true")
        .refused(403, "FRESH_CODE_REQUIRED");
    let code = old.code(&server);
    old.authenticates(&server, &code).expect(200);
    grace.access = old.access.clone();
    let body = json!({ "code": grace.code(&server) });
    grace
        .posts(&server, ENABLE, body)
        .refused(403, "FRESH_CODE_REQUIRED");
    server.clock.advance(30);
    let body = json!({ "code": grace.code(&server), "currentCode": old.code(&server) });
    let answer = grace.posts(&server, ENABLE, body).expect(200);
    grace.keeps_recovery_codes(&answer);
    assert_ne!(grace.recovery_codes, old.recovery_codes);
    server.clock.advance(60);
    for code in [old.code(&server), old.recovery_codes[0].clone()] {
        grace
            .clone()
            .authenticates(&server, &code)
            .refused(400, WRONG_CODE);
    }
    let code = grace.code(&server);
    grace.authenticates(&server, &code).expect(200);
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["notices"][0]["kind"], "second_factor_replaced");
}

#[test]
fn a_stale_session_begins_no_replacement() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    server.clock.advance(300);
    grace
        .scans_with(&server, "?replace=true")
        .refused(403, "FRESH_CODE_REQUIRED");
}
