//! `/users/{id}/reset-two-factor`: factor, lock and password go, and whoever else knew the password
//! gains nothing.

use super::super::{fields, locks};
use super::{NEW_PASSWORD, house, path, resets, restores};
use crate::harness::people::token_of;
use crate::harness::{Answer, Person, Server};
use serde_json::json;

fn resets_factor(server: &Server, by: &Person, id: u64) -> Answer {
    let path = path(id, "reset-two-factor");
    server.http.post_nothing(&path, &by.access)
}

#[test]
fn a_super_admin_resets_everybody_else() {
    let (server, [ada, adam, grace]) = house();
    let eve = Person::admin(&server, "eve@example.com");
    let sue = Person::with_roles(&server, "sue@example.com", &["Super Admin"]);
    for (by, target, expected) in [
        (&adam, grace.id, (403, "ACCESS_DENIED")),
        (&adam, eve.id, (403, "ACCESS_DENIED")),
        (&adam, sue.id, (403, "ACCESS_DENIED")),
        (&adam, adam.id, (403, "ACCESS_DENIED")),
        (&grace, grace.id, (403, "ACCESS_DENIED")),
        (&ada, ada.id, (403, "ACCESS_DENIED")),
        (&ada, 99, (404, "USER_NOT_FOUND")),
        (&ada, grace.id, (201, "")),
        (&ada, eve.id, (201, "")),
        (&ada, sue.id, (201, "")),
    ] {
        let answer = resets_factor(&server, by, target);
        let found = (answer.status, answer.code());
        assert_eq!(found, expected, "{} resets {target}", by.email);
        let is_on = [ada.id, adam.id].contains(&target) || expected.0 != 201;
        if target != 99 {
            let shown = server.shows(target);
            assert_eq!(shown["isTwoFactorEnable"], is_on, "{target}");
        }
    }
    ada.gets(&server, "/auth/me").expect(200);
}

#[test]
fn a_fresh_code_is_asked_for() {
    let (server, [ada, _, grace]) = house();
    server.clock.advance(300);
    let path = path(grace.id, "reset-two-factor");
    resets_factor(&server, &ada, grace.id).refused(403, "FRESH_CODE_REQUIRED");
    let wrong = json!({ "code": ada.wrong_code(&server) });
    ada.posts(&server, &path, wrong)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(server.shows(grace.id)["isTwoFactorEnable"], true);
    let right = json!({ "code": ada.code(&server) });
    ada.posts(&server, &path, right.clone()).expect(201);
    ada.posts(&server, &path, right)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    // A wrong code is refused in a fresh session too.
    let wrong = json!({ "code": ada.wrong_code(&server) });
    ada.posts(&server, &path, wrong)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
}

/// Factor, recovery codes, lock and password are gone; the link sets a new password, and then nothing
/// but an enrolment is possible, whatever the policy says.
fn is_reset(server: &Server, grace: &mut Person, answer: &Answer) {
    grace.gets(server, "/auth/me").refused(401, "UNAUTHORIZED");
    grace.signs_in(server).refused(400, "INVALID_CREDENTIALS");
    let shown = server.shows(grace.id);
    for (field, value) in [
        ("isTwoFactorEnable", json!(false)),
        ("isTwoFactorLocked", json!(false)),
        ("recoveryCodesLeft", json!(0)),
        ("mustChangePassword", json!(false)),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    let token = token_of(answer);
    restores(server, &token, "short").refused(400, "WEAK_PASSWORD");
    restores(server, &token, NEW_PASSWORD).expect(200);
    restores(server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    grace.signs_in(server).refused(400, "INVALID_CREDENTIALS");
    grace.password = NEW_PASSWORD.into();
    let answer = grace.signs_in(server).expect(200);
    assert_eq!(answer.json["stage"], "enrolment");
    for path in ["/teams", "/auth/sessions"] {
        grace.gets(server, path).refused(403, "ENROLMENT_REQUIRED");
    }
    let old_secret = grace.secret.clone();
    grace.enrols(server);
    assert_ne!(grace.secret, old_secret);
    let told = ["second_factor_reset", "password_restored"];
    assert_eq!(grace.notices(server), told);
}

#[test]
fn everything_that_opened_the_account_is_gone() {
    let (server, [ada, _, mut grace]) = house();
    let answer = resets_factor(&server, &ada, grace.id).expect(201);
    assert_eq!(fields(&answer.json), ["expiresAt", "qrCode", "url"]);
    assert_eq!(answer.json["expiresAt"], "2026-06-02T12:00:00Z");
    is_reset(&server, &mut grace, &answer);
}

#[test]
fn a_lock_is_lifted_with_it() {
    let (server, [mut ada, _, mut grace]) = house();
    locks(&mut grace, &server);
    ada.comes_in(&server);
    let answer = resets_factor(&server, &ada, grace.id).expect(201);
    is_reset(&server, &mut grace, &answer);
}

#[test]
fn the_person_at_the_machine_may_too() {
    for act in [
        "/users/{id}/reset-two-factor",
        "/operator/users/{id}/reset-two-factor",
    ] {
        let (server, [ada, _, mut grace]) = house();
        let path = act.replace("{id}", &grace.id.to_string());
        let answer = server.operator("POST", &path, None).expect(201);
        assert_eq!(fields(&answer.json), ["expiresAt", "url"]);
        is_reset(&server, &mut grace, &answer);
        let path = act.replace("{id}", &ada.id.to_string());
        server.operator("POST", &path, None).expect(201);
        ada.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    }
}

#[test]
fn a_link_of_before_is_void_and_one_of_after_takes_its_place() {
    let (server, [ada, adam, mut grace]) = house();
    let before = token_of(&resets(&server, &adam, grace.id).expect(201));
    let reset = token_of(&resets_factor(&server, &ada, grace.id).expect(201));
    restores(&server, &before, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    let after = token_of(&resets(&server, &adam, grace.id).expect(201));
    restores(&server, &reset, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    restores(&server, &after, NEW_PASSWORD).expect(200);
    grace.password = NEW_PASSWORD.into();
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "enrolment");
}
