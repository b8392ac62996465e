//! `PATCH /users/{id}`: address, names and roles, changed by somebody else.

use super::super::fields;
use super::house;
use crate::harness::{Answer, Person, Server, ServerOptions};
use serde_json::{Value, json};
use vestibule::domain::policy::RequireTwoFactor;

fn changes(server: &Server, by: &Person, id: u64, body: Value) -> Answer {
    by.patches(server, &format!("/users/{id}"), body)
}

fn with_roles(roles: &[&str]) -> Value {
    json!({ "roles": roles })
}

#[test]
fn address_and_names_change_and_the_person_is_told() {
    let (server, [ada, adam, mut grace, _]) = house();
    let body = json!({
        "email": " Grace.Hopper@Example.com ",
        "firstName": " Amazing ",
        "lastName": "",
    });
    let answer = changes(&server, &adam, grace.id, body).expect(200);
    let shown = ada.gets(&server, "/users/3").expect(200);
    assert_eq!(answer.json, shown.json);
    assert_eq!(shown.json["email"], "Grace.Hopper@Example.com");
    assert_eq!(shown.json["firstName"], "Amazing");
    assert_eq!(shown.json["lastName"], "");
    assert_eq!(grace.notices(&server), ["account_changed"]);
    // The session goes on; the old address opens nothing any more.
    grace.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    grace.email = "grace.hopper@example.com".into();
    grace.signs_in(&server).expect(200);
    // The old address is free.
    Person::added(&server, "grace@example.com", &["User"]);
    let path = format!("/audit?action=user.changed&user={}", grace.id);
    let page = ada.gets(&server, &path).expect(200);
    assert_eq!(page.json["events"].as_array().unwrap().len(), 1);
    assert_eq!(page.json["events"][0]["actor"]["id"], adam.id);
}

#[test]
fn one_field_alone_leaves_the_others() {
    let (server, [_, adam, grace, _]) = house();
    let before = server.shows(grace.id);
    for (field, value) in [
        ("firstName", json!("Joan")),
        ("lastName", json!("Clarke")),
        ("email", json!("joan@example.com")),
    ] {
        let mut expected = server.shows(grace.id);
        let answer = changes(&server, &adam, grace.id, json!({ field: value }));
        expected[field] = value;
        assert_eq!(answer.expect(200).json, expected);
    }
    assert_eq!(server.shows(grace.id)["roles"], before["roles"]);
}

#[test]
fn an_address_belongs_to_one_account_in_any_case() {
    let (server, [_, adam, grace, mia]) = house();
    server.archives(mia.id);
    for taken in ["mia@example.com", " MIA@example.com", "Adam@Example.Com"] {
        changes(&server, &adam, grace.id, json!({ "email": taken })).refused(409, "ALREADY_EXISTS");
    }
    assert_eq!(server.shows(grace.id)["email"], "grace@example.com");
    assert_eq!(grace.notices(&server), [""; 0]);
    // One's own address in another case is free.
    changes(
        &server,
        &adam,
        grace.id,
        json!({ "email": "GRACE@example.com" }),
    )
    .expect(200);
    let mut grace = grace;
    grace.signs_in(&server).expect(200);
    for bad in [
        json!({ "email": "nowhere" }),
        json!({ "email": 5 }),
        json!({ "firstName": " " }),
        json!({ "lastName": "a\u{0}b" }),
        json!({ "firstName": "x".repeat(101) }),
        json!({ "roles": "User" }),
        json!({ "roles": ["King"] }),
        json!({ "code": 123_456 }),
    ] {
        changes(&server, &adam, grace.id, bad).refused(400, "INVALID_REQUEST");
    }
    for gone in ["99", "0", "-1", "grace", "18446744073709551616"] {
        adam.patches(&server, &format!("/users/{gone}"), json!({}))
            .refused(404, "USER_NOT_FOUND");
    }
}

#[test]
fn an_admin_touches_no_admin_and_gives_no_roles() {
    let (server, [ada, adam, grace, mia]) = house();
    let eve = Person::admin(&server, "eve@example.com");
    let name = || json!({ "firstName": "Joan" });
    for (by, target, body, expected) in [
        (&adam, mia.id, name(), (200, "")),
        (&adam, eve.id, name(), (403, "ACCESS_DENIED")),
        (&adam, ada.id, name(), (403, "ACCESS_DENIED")),
        (&adam, adam.id, name(), (403, "ACCESS_DENIED")),
        (
            &adam,
            mia.id,
            with_roles(&["Admin"]),
            (403, "ACCESS_DENIED"),
        ),
        (&adam, mia.id, with_roles(&["User"]), (403, "ACCESS_DENIED")),
        (
            &adam,
            adam.id,
            with_roles(&["Super Admin"]),
            (403, "ACCESS_DENIED"),
        ),
        (&grace, mia.id, name(), (403, "ACCESS_DENIED")),
        (&grace, grace.id, name(), (403, "ACCESS_DENIED")),
        (
            &grace,
            grace.id,
            with_roles(&["Admin"]),
            (403, "ACCESS_DENIED"),
        ),
        (&ada, eve.id, name(), (200, "")),
        (&ada, ada.id, name(), (200, "")),
        (&ada, mia.id, with_roles(&["Admin", "User"]), (200, "")),
        (&adam, mia.id, name(), (403, "ACCESS_DENIED")),
        (&ada, mia.id, with_roles(&[]), (200, "")),
        (&adam, mia.id, name(), (200, "")),
    ] {
        let found = changes(&server, by, target, body.clone());
        let found = (found.status, found.code().to_owned());
        let expected = (expected.0, expected.1.to_owned());
        assert_eq!(found, expected, "{} gives {target} {body}", by.email);
    }
    assert_eq!(server.shows(mia.id)["roles"], json!(["User"]));
}

#[test]
fn roles_need_a_fresh_code() {
    let (server, [ada, _, grace, _]) = house();
    server.clock.advance(300);
    let with_code = |code: &str| json!({ "roles": ["Admin"], "code": code });
    changes(&server, &ada, grace.id, with_roles(&["Admin"])).refused(403, "FRESH_CODE_REQUIRED");
    let wrong = ada.wrong_code(&server);
    changes(&server, &ada, grace.id, with_code(&wrong))
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    assert_eq!(server.shows(grace.id)["roles"], json!(["User"]));
    let status = ada.gets(&server, "/2fa/status").expect(200);
    assert_eq!(status.json["failedSinceLastSignIn"], 1);
    // Names need none.
    let name = json!({ "firstName": "Joan" });
    changes(&server, &ada, grace.id, name).expect(200);
    let code = ada.code(&server);
    let answer = changes(&server, &ada, grace.id, with_code(&code)).expect(200);
    assert_eq!(answer.json["roles"], json!(["Admin"]));
    changes(&server, &ada, grace.id, with_code(&code)).refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    assert_eq!(grace.notices(&server), ["account_changed"; 2]);
    grace.gets(&server, "/users").expect(200);
}

#[test]
fn the_last_super_admin_keeps_the_role() {
    let (server, [ada, _, grace, mia]) = house();
    let less = || with_roles(&["Admin"]);
    changes(&server, &ada, ada.id, less()).refused(409, "LAST_SUPER_ADMIN");
    let path = format!("/users/{}", ada.id);
    server
        .operator("PATCH", &path, Some(less()))
        .refused(409, "LAST_SUPER_ADMIN");
    changes(&server, &ada, grace.id, with_roles(&["Super Admin"])).expect(200);
    // One who is archived does not count.
    server.archives(grace.id);
    changes(&server, &ada, ada.id, less()).refused(409, "LAST_SUPER_ADMIN");
    let answer = changes(&server, &ada, mia.id, with_roles(&["user", "super-admin"])).expect(200);
    assert_eq!(answer.json["roles"], json!(["User", "Super Admin"]));
    changes(&server, &ada, ada.id, less()).expect(200);
    changes(&server, &ada, mia.id, less()).refused(403, "ACCESS_DENIED");
    assert_eq!(ada.notices(&server), [""; 0]);
}

#[test]
fn the_person_at_the_machine_changes_everything_without_a_code() {
    let (server, [_, adam, grace, _]) = house();
    let body = json!({ "firstName": "Joan", "roles": ["Admin"] });
    let path = format!("/users/{}", grace.id);
    let answer = server.operator("PATCH", &path, Some(body)).expect(200);
    assert_eq!(answer.json["roles"], json!(["Admin"]));
    assert_eq!(grace.notices(&server), ["account_changed"]);
    changes(&server, &adam, grace.id, json!({})).refused(403, "ACCESS_DENIED");
}

#[test]
fn a_role_that_demands_a_second_factor_demands_it_at_once() {
    for (roles, required) in [
        (["Admin"], true),
        (["Super Admin"], true),
        (["User"], false),
    ] {
        let (server, [ada, _, _, mut mia]) = house();
        changes(&server, &ada, mia.id, with_roles(&roles)).expect(200);
        let status = mia.gets(&server, "/2fa/status").expect(200);
        assert_eq!(status.json["required"], required);
        assert_eq!(status.json["isTwoFactorEnable"], false);
        if !required {
            mia.gets(&server, "/teams").expect(200);
            continue;
        }
        for path in ["/users", "/teams", "/auth/sessions", "/audit"] {
            mia.gets(&server, path).refused(403, "ENROLMENT_REQUIRED");
        }
        let me = mia.gets(&server, "/auth/me").expect(200);
        assert_eq!(me.json["roles"], json!(roles));
        assert!(fields(&me.json).contains(&"notices"));
        super::refreshes(&mut mia, &server).refused(403, "ENROLMENT_REQUIRED");
        mia.enrols(&server);
        mia.gets(&server, "/users").expect(200);
        let off = mia.posts(&server, "/2fa/disable-two-factor-auth", json!({}));
        off.refused(403, "TWO_FACTOR_REQUIRED");
        // Taken back, the role demands it no more.
        changes(&server, &ada, mia.id, with_roles(&["User"])).expect(200);
        mia.posts(&server, "/2fa/disable-two-factor-auth", json!({}))
            .expect(200);
    }
}

#[test]
fn the_policy_says_who_must_have_a_second_factor() {
    type Row = (RequireTwoFactor, [(&'static str, &'static str); 3]);
    let rows: [Row; 3] = [
        (
            RequireTwoFactor::Nobody,
            [("User", "full"), ("Admin", "full"), ("Super Admin", "full")],
        ),
        (
            RequireTwoFactor::Admins,
            [
                ("User", "full"),
                ("Admin", "enrolment"),
                ("Super Admin", "enrolment"),
            ],
        ),
        (
            RequireTwoFactor::Everybody,
            [
                ("User", "enrolment"),
                ("Admin", "enrolment"),
                ("Super Admin", "enrolment"),
            ],
        ),
    ];
    let configure: [fn(&mut vestibule::config::Config); 3] = [
        |config| config.policy.require_two_factor = RequireTwoFactor::Nobody,
        |config| config.policy.require_two_factor = RequireTwoFactor::Admins,
        |config| config.policy.require_two_factor = RequireTwoFactor::Everybody,
    ];
    let mut server = Server::start();
    let mut people = ["User", "Admin", "Super Admin"].map(|role| {
        let email = format!("{}@example.com", role.replace(' ', "-"));
        (role, Person::added(&server, &email, &[role]))
    });
    for ((policy, expected), configure) in rows.into_iter().zip(configure) {
        server.restart_configured(configure);
        for ((role, person), (_, stage)) in people.iter_mut().zip(expected) {
            let answer = person.signs_in(&server).expect(200);
            assert_eq!(answer.json["stage"], stage, "{role}, {policy:?}");
        }
    }
}

#[test]
fn grace_counts_from_the_first_demand() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| config.policy.grace_days = 2),
    });
    let _ada = Person::super_admin(&server);
    let mut adam = Person::added(&server, "adam@example.com", &["Admin"]);
    // Nothing is demanded of anybody who does not sign in.
    server.clock.advance(10 * 86_400);
    assert_eq!(adam.signs_in(&server).json["stage"], "full");
    assert_eq!(adam.notices(&server), ["second_factor_due"]);
    server.clock.advance(2 * 86_400 - 1);
    assert_eq!(adam.signs_in(&server).json["stage"], "full");
    assert_eq!(adam.notices(&server), ["second_factor_due"]);
    adam.gets(&server, "/users").expect(200);
    server.clock.advance(1);
    adam.gets(&server, "/users")
        .refused(403, "ENROLMENT_REQUIRED");
    assert_eq!(adam.signs_in(&server).json["stage"], "enrolment");
}

/// "Nothing was half written": with an address that is taken, names and roles stay too.
#[test]
fn what_is_refused_changes_nothing() {
    let (server, [ada, _, grace, mia]) = house();
    let before = server.shows(grace.id);
    let body = json!({
        "roles": ["Admin"],
        "firstName": "Joan",
        "email": mia.email,
    });
    changes(&server, &ada, grace.id, body.clone()).refused(409, "ALREADY_EXISTS");
    let path = format!("/users/{}", grace.id);
    server
        .operator("PATCH", &path, Some(body))
        .refused(409, "ALREADY_EXISTS");
    assert_eq!(server.shows(grace.id), before);
    assert_eq!(grace.notices(&server), [""; 0]);
    let actions = server.audit_actions();
    assert!(!actions.contains(&"user.roles_set".to_owned()));
}

/// A notice tells of what happened; where nothing did, there is none.
#[test]
fn a_change_of_nothing_is_told_to_nobody() {
    let (server, [ada, adam, grace, _]) = house();
    let same = json!({
        "email": grace.email,
        "firstName": "Grace",
        "lastName": "Murray",
        "roles": ["User"],
    });
    changes(&server, &ada, grace.id, same).expect(200);
    changes(&server, &adam, grace.id, json!({})).expect(200);
    server.gives_roles(grace.id, &["User"]);
    assert_eq!(grace.notices(&server), [""; 0]);
    let actions = server.audit_actions();
    for action in ["user.changed", "user.roles_set"] {
        assert!(!actions.contains(&action.to_owned()), "{action}");
    }
}

/// "Grace counts from the day the policy first demanded a factor of this person": the day on which a
/// role demanded it, not the day of the next sign-in.
#[test]
fn grace_counts_from_the_day_of_the_role() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| config.policy.grace_days = 1),
    });
    let mut ada = Person::super_admin(&server);
    let mut mia = Person::user(&server, "mia@example.com");
    changes(&server, &ada, mia.id, with_roles(&["Admin"])).expect(200);
    mia.gets(&server, "/users").expect(200);
    assert!(
        mia.notices(&server)
            .contains(&"second_factor_due".to_owned())
    );
    for _ in 0..4 {
        server.clock.advance(6 * 3600);
        super::refreshes(&mut ada, &server).expect(200);
        if mia.gets(&server, "/auth/me").status == 401 {
            let _ = super::refreshes(&mut mia, &server);
        }
    }
    super::refreshes(&mut mia, &server).refused(403, "ENROLMENT_REQUIRED");
    assert_eq!(mia.signs_in(&server).json["stage"], "enrolment");
}
