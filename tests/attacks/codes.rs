//! Codes: one code one use, and a count that nobody escapes.

use super::at_once;
use crate::harness::{Person, Server};
use serde_json::json;

/// "A code accepted once is refused for the rest of its life, from every session, across restarts,
/// with any spelling."
#[test]
fn a_used_code_is_refused_everywhere_and_after_a_restart() {
    let mut server = Server::start();
    let mut ada = Person::super_admin(&server);
    server.clock.advance(60);
    ada.signs_in(&server).expect(200);
    let code = ada.code(&server);
    ada.authenticates(&server, &code).expect(200);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    for round in 0..2 {
        let mut again = ada.clone();
        again.signs_in(&server).expect(200);
        for spelling in [&code, &spaced] {
            let refused = again.authenticates(&server, spelling);
            let refused = refused.refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
            assert!(refused.text.contains("already used"), "{}", refused.text);
        }
        if round == 0 {
            server.restart();
        }
    }
}

/// "Of N parallel requests with one valid code exactly one succeeds."
#[test]
fn one_code_sent_64_times_at_once_succeeds_once() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    server.clock.advance(60);
    ada.signs_in(&server).expect(200);
    let code = ada.code(&server);
    let send = |_| {
        ada.posts(&server, "/2fa/authenticate", json!({ "code": code }))
            .status
    };
    assert_eq!(at_once(64, send), 1);
    assert!(server.audit_is_intact());
}

/// "Of N parallel requests with one valid recovery code exactly one succeeds", also with a pending
/// token each.
#[test]
fn one_recovery_code_sent_by_30_sessions_at_once_succeeds_once() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let mut sessions = vec![ada.clone(); 30];
    for session in &mut sessions {
        session.signs_in(&server).expect(200);
    }
    let body = json!({ "code": ada.recovery_codes[4] });
    let send = |index: usize| {
        sessions[index]
            .posts(&server, "/2fa/authenticate", body.clone())
            .status
    };
    assert_eq!(at_once(30, send), 1);
}

/// "Failures count per user in the store, across sessions, sign-ins and restarts", "5 free, then
/// waits", "at 20 wrong in a row the second factor is locked"; a recovery code lifts the lock and
/// the password must be changed.
#[test]
fn twenty_wrong_codes_lock_across_sessions_and_restarts() {
    let mut server = Server::start();
    let mut ada = Person::super_admin(&server);
    let wrong = "INVALID_TWO_FACTOR_AUTH_CODE";
    for number in 1..=20 {
        ada.signs_in(&server).expect(200);
        let code = ada.wrong_code(&server);
        ada.authenticates(&server, &code).refused(400, wrong);
        if number == 20 {
            break;
        }
        if number >= 5 {
            let right = ada.code(&server);
            let waits = ada
                .authenticates(&server, &right)
                .refused(429, "TOO_MANY_ATTEMPTS");
            let seconds: u64 = waits.header("retry-after").unwrap().parse().unwrap();
            assert_eq!(seconds, (30 << (number - 5).min(5)).min(900));
            server.clock.jump(1_000);
            ada.authenticates(&server, &right)
                .refused(429, "TOO_MANY_ATTEMPTS");
            server.clock.jump(-1_000);
            server.clock.advance(seconds);
        }
        if number == 12 {
            server.restart();
        }
    }
    server.restart();
    ada.signs_in(&server).expect(200);
    let right = ada.code(&server);
    ada.authenticates(&server, &right)
        .refused(403, "SECOND_FACTOR_LOCKED");
    let recovery = ada.recovery_codes[0].clone();
    let answer = ada.authenticates(&server, &recovery).expect(200);
    assert_eq!(answer.json["recoveryCodesLeft"], 9);
    ada.posts(&server, "/2fa/recovery-codes", json!({}))
        .refused(403, "PASSWORD_CHANGE_REQUIRED");
    let body =
        json!({ "currentPassword": ada.password, "newPassword": "four quiet herons at dusk" });
    let answer = ada
        .posts(&server, "/auth/change-password", body)
        .expect(200);
    ada.takes(&answer);
    ada.posts(&server, "/2fa/recovery-codes", json!({}))
        .expect(200);
}

/// "A code is exactly the configured number of ASCII digits in a JSON string."
#[test]
fn odd_spellings_are_refused() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    server.clock.advance(60);
    ada.signs_in(&server).expect(200);
    let code = ada.code(&server);
    for odd in [
        json!(123_456),
        json!([code]),
        json!(null),
        json!({ "a": code }),
        json!(true),
    ] {
        let answer = ada.posts(&server, "/2fa/authenticate", json!({ "code": odd }));
        answer.refused(400, "INVALID_REQUEST");
    }
    let wide: String = code
        .chars()
        .map(|digit| char::from_u32(digit as u32 - 0x30 + 0xff10).unwrap())
        .collect();
    for odd in [String::new(), wide, format!("+{}", &code[1..])] {
        let answer = ada.authenticates(&server, &odd);
        answer.refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    }
    ada.authenticates(&server, &code).expect(200);
}

/// "Full-width digits, signs and the empty string are refused", and each such text counts as a wrong
/// code does; what is no text is no try.
#[test]
fn odd_texts_count_as_wrong_codes() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    server.clock.advance(60);
    let code = ada.code(&server);
    let wide: String = code
        .chars()
        .map(|digit| char::from_u32(digit as u32 - 0x30 + 0xff10).unwrap())
        .collect();
    let odd = [
        String::new(),
        wide,
        format!("+{}", &code[1..]),
        format!("{code}0"),
        format!("{code}\u{a0}"),
    ];
    let failed = || {
        let status = ada.gets(&server, "/2fa/status").expect(200);
        status.json["failedSinceLastSignIn"].as_u64().unwrap()
    };
    for (number, text) in (1..).zip(&odd) {
        let mut pending = ada.clone();
        pending.signs_in(&server).expect(200);
        for no_text in [json!(code.parse::<u64>().unwrap()), json!([code])] {
            pending
                .posts(&server, "/2fa/authenticate", json!({ "code": no_text }))
                .refused(400, "INVALID_REQUEST");
        }
        assert_eq!(failed(), number - 1, "{text:?}");
        pending
            .authenticates(&server, text)
            .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
        assert_eq!(failed(), number, "{text:?}");
    }
    // The fifth brings the first wait, even for the right code.
    let mut pending = ada.clone();
    pending.signs_in(&server).expect(200);
    pending
        .authenticates(&server, &code)
        .refused(429, "TOO_MANY_ATTEMPTS");
}

/// "If the clock jumps back behind a user's last accepted step, that user's codes stay refused until
/// it has caught up."
#[test]
fn a_clock_set_back_makes_no_code_good_again() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    server.clock.advance(60);
    ada.comes_in(&server);
    server.clock.jump(-300);
    ada.signs_in(&server).expect(200);
    let code = ada.code(&server);
    ada.authenticates(&server, &code)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    server.clock.jump(330);
    let code = ada.code(&server);
    ada.authenticates(&server, &code).expect(200);
}

/// A recovery code belongs to its owner (Gogs CVE-2025-64175).
#[test]
fn another_persons_recovery_code_is_refused() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let mut bob = Person::protected(&server, "bob@example.com");
    bob.signs_in(&server).expect(200);
    bob.authenticates(&server, &ada.recovery_codes[0])
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
}
