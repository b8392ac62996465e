//! The order of checks at `/2fa/impersonate`: each request here breaks one check and, as far as they
//! go together, all later ones.

use super::{IMPERSONATE, wish};
use crate::api::{another, takes_recovery_code};
use crate::harness::house::SUPPORT;
use crate::harness::{Answer, House, Person, ServerOptions};
use serde_json::{Value, json};
use vestibule::domain::policy::RequireTwoFactor;

const NOBODY: u64 = 99;

fn body(user: impl Into<Value>, team: u64, code: &str) -> Value {
    json!({ "userId": user.into(), "teamId": team, "code": code })
}

/// Tries so often with what cannot be right: the codes of `person` wait (5) or are locked (20).
fn fails(house: &House, person: &Person, times: usize) {
    for _ in 0..times {
        let wrong = json!({ "code": crate::api::NOBODYS_RECOVERY_CODE });
        person
            .posts(&house.server, "/2fa/authenticate", wrong)
            .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    }
}

/// Asks, and looks for exactly this refusal in the answer and in the audit log.
#[track_caller]
fn refuses(house: &House, actor: &Person, asked: &Value, status: u16, code: &str) -> Answer {
    let before = house.server.events("impersonation.refused").len();
    let answer = actor
        .posts(&house.server, IMPERSONATE, asked.clone())
        .refused(status, code);
    let events = house.server.events("impersonation.refused");
    assert_eq!(events.len(), before + 1, "{asked}");
    let event = events.last().unwrap();
    assert_eq!(event["actor"], json!({ "kind": "user", "id": actor.id }));
    let detail = event["detail"].as_str().unwrap();
    let named = format!("user {}, team {}: ", asked["userId"], asked["teamId"]);
    assert!(detail.starts_with(&named), "{detail}");
    answer
}

#[test]
fn the_stage_comes_first_then_the_body() {
    let house = House::new();
    let running = house.as_tom(&house.adam);
    let waiting = another(&house.adam, &house.server);
    let mut eve = Person::added(&house.server, "eve@example.com", &["Admin"]);
    eve.signs_in(&house.server).expect(200);
    let mut due = another(&house.ada, &house.server);
    fails(&house, &due, 20);
    takes_recovery_code(&mut due, &house.server).expect(200);
    let wrong = json!({ "userId": null });
    for (token, status, code) in [
        ("", 401, "UNAUTHORIZED"),
        (waiting.access.as_str(), 401, "SECOND_FACTOR_REQUIRED"),
        (eve.access.as_str(), 403, "ENROLMENT_REQUIRED"),
        (due.access.as_str(), 403, "PASSWORD_CHANGE_REQUIRED"),
        (running.as_str(), 403, "NOT_WHILE_IMPERSONATING"),
        // Whoever has no right to it is told of the body first.
        (house.tom.access.as_str(), 400, "INVALID_REQUEST"),
    ] {
        house
            .call("POST", IMPERSONATE, token, Some(wrong.clone()))
            .refused(status, code);
    }
    house
        .server
        .operator("POST", IMPERSONATE, Some(wrong))
        .refused(401, "UNAUTHORIZED");
}

#[test]
fn then_the_right_to_it_then_the_own_second_factor() {
    let house = House::with(&ServerOptions {
        configure: Some(|config| config.policy.require_two_factor = RequireTwoFactor::Nobody),
    });
    let server = &house.server;
    let asked = body(NOBODY, NOBODY, "000000");
    // Neither; in the team alone; an administrator alone. None of them has a second factor.
    let una = Person::user(server, "una@example.com");
    let sam = Person::user(server, "sam@example.com");
    house.joins(&sam, SUPPORT, "Owner");
    let mut pat = Person::added(server, "pat@example.com", &["Admin"]);
    pat.signs_in(server).expect(200);
    house.joins(&pat, house.team, "Owner");
    for person in [&una, &sam, &pat] {
        refuses(&house, person, &asked, 403, "ACCESS_DENIED");
    }
    house.joins(&pat, SUPPORT, "Viewer");
    refuses(&house, &pat, &asked, 400, "TWO_FACTOR_NOT_ENABLED");
    let asked = body(pat.id, SUPPORT, "000000");
    refuses(&house, &pat, &asked, 400, "TWO_FACTOR_NOT_ENABLED");
}

#[test]
fn then_the_target_the_team_the_rules_the_lock_and_last_the_code() {
    let house = House::new();
    let server = &house.server;
    let gone = Person::added(server, "gone@example.com", &["Super Admin"]);
    house.joins(&gone, SUPPORT, "Viewer");
    house.sets(&gone, "archive");
    let mut mia = Person::added(server, "mia@example.com", &["User"]);
    mia.signs_in(server).expect(200);
    house.joins(&mia, house.team, "Viewer");
    let patch = json!({ "impersonationAllowed": false });
    house
        .call("PATCH", "/auth/me", &mia.access, Some(patch))
        .expect(200);
    let (adam, ada) = (&house.adam, &house.ada);
    fails(&house, adam, 20);
    let wrong = adam.wrong_code(server);
    for user in [NOBODY, 0, gone.id] {
        let asked = body(user, NOBODY, &wrong);
        refuses(&house, adam, &asked, 404, "USER_NOT_FOUND");
    }
    for (user, team) in [(ada.id, NOBODY), (ada.id, house.team), (mia.id, SUPPORT)] {
        let asked = body(user, team, &wrong);
        refuses(&house, adam, &asked, 404, "TEAM_NOT_FOUND");
    }
    for (user, team) in [(ada.id, SUPPORT), (mia.id, house.team), (adam.id, SUPPORT)] {
        let asked = body(user, team, &wrong);
        refuses(&house, adam, &asked, 403, "IMPERSONATION_REFUSED");
    }
    for code in [wrong.as_str(), &adam.code(server), "nonsense", ""] {
        let asked = body(house.tom.id, house.team, code);
        refuses(&house, adam, &asked, 403, "SECOND_FACTOR_LOCKED");
    }
    fails(&house, ada, 5);
    for code in [ada.wrong_code(server), ada.code(server)] {
        let asked = body(house.tom.id, house.team, &code);
        let refused = refuses(&house, ada, &asked, 429, "TOO_MANY_ATTEMPTS");
        assert_eq!(refused.header("retry-after"), Some("30"));
    }
    assert!(server.events("impersonation.started").is_empty());
    assert!(server.audit_is_intact());
}

#[test]
fn the_rules_have_an_order_too() {
    let house = House::new();
    let server = &house.server;
    let oneself = "Nobody can act as themselves.";
    let super_admin = "Nobody can act as a Super Admin.";
    let admin = "Only a Super Admin can act as an Admin.";
    let forbidden = "This person does not allow it.";
    let mut sue = Person::added(server, "sue@example.com", &["Super Admin", "Admin"]);
    let mut pat = Person::added(server, "pat@example.com", &["User", "Admin"]);
    for person in [&mut sue, &mut pat] {
        person.signs_in(server).expect(200);
        person.enrols(server);
        house.joins(person, house.team, "Viewer");
    }
    for person in [&sue, &pat, &house.ada, &house.adam, &house.tom] {
        let patch = json!({ "impersonationAllowed": false });
        house
            .call("PATCH", "/auth/me", &person.access, Some(patch))
            .expect(200);
    }
    for (actor, target, team, text) in [
        (&house.ada, house.ada.id, SUPPORT, oneself),
        (&house.adam, house.adam.id, SUPPORT, oneself),
        (&house.ada, sue.id, house.team, super_admin),
        (&house.adam, sue.id, house.team, super_admin),
        (&house.adam, pat.id, house.team, admin),
        (&house.ada, pat.id, house.team, forbidden),
        (&house.adam, house.tom.id, house.team, forbidden),
    ] {
        let asked = body(target, team, "000000");
        let refused = refuses(&house, actor, &asked, 403, "IMPERSONATION_REFUSED");
        assert_eq!(refused.json["description"], text);
    }
    // A Super Admin acts as an Admin who allows it.
    let patch = json!({ "impersonationAllowed": true });
    house
        .call("PATCH", "/auth/me", &pat.access, Some(patch))
        .expect(200);
    house
        .ada
        .impersonates(server, pat.id, house.team)
        .expect(200);
}

#[test]
fn a_refusal_burns_no_code_but_a_wrong_code_counts() {
    let house = House::new();
    let (server, adam) = (&house.server, &house.adam);
    let good = wish(&house, adam);
    let code = good["code"].as_str().unwrap();
    for (user, team, status, name) in [
        (NOBODY, house.team, 404, "USER_NOT_FOUND"),
        (house.tom.id, NOBODY, 404, "TEAM_NOT_FOUND"),
        (house.ada.id, SUPPORT, 403, "IMPERSONATION_REFUSED"),
    ] {
        refuses(&house, adam, &body(user, team, code), status, name);
    }
    let failed = || {
        let status = adam.gets(server, "/2fa/status").expect(200);
        status.json["failedSinceLastSignIn"].as_u64().unwrap()
    };
    assert_eq!(failed(), 0);
    // A recovery code is none here.
    for wrong in [adam.wrong_code(server), adam.recovery_codes[0].clone()] {
        let asked = body(house.tom.id, house.team, &wrong);
        refuses(&house, adam, &asked, 400, "INVALID_TWO_FACTOR_AUTH_CODE");
    }
    assert_eq!(failed(), 2);
    adam.posts(server, IMPERSONATE, good.clone()).expect(200);
    let again = refuses(&house, adam, &good, 400, "INVALID_TWO_FACTOR_AUTH_CODE");
    assert!(again.text.contains("already used"));
    assert_eq!(failed(), 2);
    let status = adam.gets(server, "/2fa/status").expect(200);
    assert_eq!(status.json["recoveryCodesLeft"], 10);
}

#[test]
fn a_code_used_here_is_used_up_everywhere_and_the_other_way_round() {
    let mut house = House::new();
    let good = wish(&house, &house.adam);
    let code = good["code"].as_str().unwrap().to_owned();
    house
        .adam
        .posts(&house.server, IMPERSONATE, good)
        .expect(200);
    let spaced = format!(" {}-{} ", &code[..3], &code[3..]);
    for round in 0..2 {
        let waiting = another(&house.adam, &house.server);
        for text in [&code, &spaced] {
            let sent = json!({ "code": text });
            for (person, path) in [
                (&waiting, "/2fa/authenticate"),
                (&house.adam, "/2fa/authenticate"),
                (&house.adam, "/2fa/recovery-codes"),
            ] {
                let refused = person.posts(&house.server, path, sent.clone());
                let refused = refused.refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
                assert!(refused.text.contains("already used"), "{path}");
            }
        }
        if round == 0 {
            house.server.restart();
        }
    }
    let good = wish(&house, &house.adam);
    let sent = json!({ "code": good["code"] });
    house
        .adam
        .posts(&house.server, "/2fa/authenticate", sent)
        .expect(200);
    let refused = refuses(
        &house,
        &house.adam,
        &good,
        400,
        "INVALID_TWO_FACTOR_AUTH_CODE",
    );
    assert!(refused.text.contains("already used"));
}
