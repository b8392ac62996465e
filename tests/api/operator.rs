//! `/operator`: acts of the person at the machine, which do not exist over TCP.

use super::{fields, locks};
use crate::harness::person::PASSWORD;
use crate::harness::{Person, Server};
use serde_json::{Value, json};

fn new_user() -> Value {
    json!({
        "email": "grace@example.com",
        "password": PASSWORD,
        "firstName": "Grace",
        "lastName": "Murray",
        "roles": ["User"],
    })
}

/// The path of an act on this account.
fn act(person: &Person, act: &str) -> String {
    format!("/operator/users/{}/{act}", person.id)
}

#[test]
fn over_tcp_there_are_no_such_paths() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let table = vestibule::http::routes::operator_table();
    assert!(!table.is_empty());
    for endpoint in table {
        let path = endpoint.path.replace("{id}", "1");
        for token in ["", ada.access.as_str()] {
            for method in [endpoint.method.as_str(), "OPTIONS"] {
                server
                    .http
                    .send(method, &path, token, Some(&json!({})))
                    .refused(404, "NOT_FOUND");
            }
        }
    }
}

#[test]
fn the_person_at_the_machine_makes_accounts() {
    let server = Server::start();
    let answer = server
        .operator("POST", "/operator/users", Some(new_user()))
        .expect(201);
    let shown = server.operator("GET", "/users/1", None).expect(200);
    assert_eq!(answer.json, shown.json);
    assert_eq!(answer.json["email"], "grace@example.com");
    for (field, value, status, code) in [
        ("email", json!("GRACE@example.com"), 409, "ALREADY_EXISTS"),
        ("email", json!("nowhere"), 400, "INVALID_REQUEST"),
        ("email", json!(1), 400, "INVALID_REQUEST"),
        ("firstName", json!(" "), 400, "INVALID_REQUEST"),
        ("password", json!("short"), 400, "WEAK_PASSWORD"),
        ("roles", json!(["King"]), 400, "INVALID_REQUEST"),
        ("roles", json!("User"), 400, "INVALID_REQUEST"),
    ] {
        let mut body = new_user();
        body[field] = value;
        server
            .operator("POST", "/operator/users", Some(body))
            .refused(status, code);
    }
    let mut body = new_user();
    body["email"] = "mia@example.com".into();
    body.as_object_mut().unwrap().remove("roles");
    let answer = server
        .operator("POST", "/operator/users", Some(body))
        .expect(201);
    assert_eq!(
        (&answer.json["id"], &answer.json["roles"]),
        (&json!(2), &json!(["User"]))
    );
}

#[test]
fn a_password_set_at_the_machine_ends_all_sessions() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let path = act(&grace, "password");
    server
        .operator("POST", &path, Some(json!({ "password": "grace" })))
        .refused(400, "WEAK_PASSWORD");
    grace.gets(&server, "/auth/me").expect(200);
    let new = "seven lamps burn at noon";
    let answer = server
        .operator("POST", &path, Some(json!({ "password": new })))
        .expect(200);
    assert_eq!(fields(&answer.json), ["description", "message"]);
    grace.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    grace.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    grace.password = new.into();
    grace.signs_in(&server).expect(200);
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["notices"][0]["kind"], "password_set");
}

#[test]
fn a_password_set_at_the_machine_leaves_the_lock() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    locks(&mut grace, &server);
    let shown = server
        .operator("GET", &format!("/users/{}", grace.id), None)
        .expect(200);
    assert_eq!(shown.json["isTwoFactorLocked"], true);
    let body = json!({ "password": PASSWORD });
    server
        .operator("POST", &act(&grace, "password"), Some(body))
        .expect(200);
    grace.signs_in(&server).expect(200);
    let code = grace.code(&server);
    grace
        .authenticates(&server, &code)
        .refused(403, "SECOND_FACTOR_LOCKED");
    server
        .operator("POST", &act(&grace, "unlock"), None)
        .expect(200);
    grace.authenticates(&server, &code).expect(200);
    let shown = server
        .operator("GET", &format!("/users/{}", grace.id), None)
        .expect(200);
    assert_eq!(shown.json["isTwoFactorLocked"], false);
    assert_eq!(shown.json["mustChangePassword"], true);
}

#[test]
fn unlocking_what_is_not_locked_lifts_a_wait_and_demands_nothing() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    grace.signs_in(&server).expect(200);
    let wrong = grace.wrong_code(&server);
    for _ in 0..5 {
        grace.authenticates(&server, &wrong).expect(400);
    }
    grace.authenticates(&server, &wrong).expect(429);
    server
        .operator("POST", &act(&grace, "unlock"), None)
        .expect(200);
    let code = grace.code_at(server.clock.unix_seconds() + 30);
    grace.authenticates(&server, &code).expect(200);
    grace
        .gets(&server, "/2fa/generate-qr?replace=true")
        .expect(200);
}

#[test]
fn a_reset_removes_the_factor_and_voids_the_password() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    server
        .operator("POST", &act(&grace, "reset-two-factor"), None)
        .expect(201);
    grace.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    grace.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    let body = json!({ "password": PASSWORD });
    server
        .operator("POST", &act(&grace, "password"), Some(body))
        .expect(200);
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "enrolment");
    grace.enrols(&server);
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["notices"][0]["kind"], "second_factor_reset");
    grace
        .posts(&server, "/2fa/disable-two-factor-auth", json!({}))
        .expect(200);
}

#[test]
fn roles_are_set_but_the_last_super_admin_stays() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let grace = Person::user(&server, "grace@example.com");
    let user = Some(json!({ "roles": ["User"] }));
    server
        .operator("POST", &act(&ada, "roles"), user.clone())
        .refused(409, "LAST_SUPER_ADMIN");
    let both = Some(json!({ "roles": ["super-admin", "User", "User"] }));
    server
        .operator("POST", &act(&grace, "roles"), both)
        .expect(200);
    let shown = server.operator("GET", "/users/2", None).expect(200);
    assert_eq!(shown.json["roles"], json!(["User", "Super Admin"]));
    // The session that was full must enrol now.
    grace
        .gets(&server, "/users")
        .refused(403, "ENROLMENT_REQUIRED");
    server
        .operator("POST", &act(&ada, "roles"), user)
        .expect(200);
    server
        .operator("POST", &act(&ada, "roles"), Some(json!({ "roles": [1] })))
        .refused(400, "INVALID_REQUEST");
}

#[test]
fn acts_on_nobody_are_not_found() {
    let server = Server::start();
    for id in ["7", "0", "grace", "-1"] {
        for (act, body) in [
            ("password", Some(json!({ "password": PASSWORD }))),
            ("roles", Some(json!({ "roles": [] }))),
            ("unlock", None),
            ("reset-two-factor", None),
        ] {
            let path = format!("/operator/users/{id}/{act}");
            server
                .operator("POST", &path, body)
                .refused(404, "USER_NOT_FOUND");
        }
    }
    server
        .operator("GET", "/operator/nothing", None)
        .refused(404, "NOT_FOUND");
    let answer = server.operator("GET", "/operator/users", None);
    assert_eq!(answer.header("allow"), Some("POST"));
    answer.refused(405, "METHOD_NOT_ALLOWED");
}

#[test]
fn the_audit_log_is_verified_against_a_head_kept_elsewhere() {
    let server = Server::start();
    Person::super_admin(&server);
    let path = "/operator/audit/verify";
    let answer = server.operator("POST", path, None).expect(200);
    assert_eq!(
        fields(&answer.json),
        [
            "beginsAfter",
            "brokenAt",
            "containsExpectedHead",
            "head",
            "intact"
        ]
    );
    assert_eq!(answer.json["intact"], true);
    assert_eq!(answer.json["brokenAt"], Value::Null);
    assert_eq!(answer.json["containsExpectedHead"], Value::Null);
    let kept = answer.json["head"].clone();
    Person::user(&server, "grace@example.com");
    let answer = server
        .operator("POST", path, Some(kept.clone()))
        .expect(200);
    assert_eq!(answer.json["containsExpectedHead"], true);
    let mut other = kept.clone();
    other["hash"] = "0".repeat(64).into();
    let answer = server.operator("POST", path, Some(other)).expect(200);
    assert_eq!(answer.json["containsExpectedHead"], false);
    assert_eq!(answer.json["intact"], false);
    for bad in [
        json!({ "number": 1 }),
        json!({ "hash": kept["hash"] }),
        json!({ "number": 1, "hash": "abc" }),
    ] {
        server
            .operator("POST", path, Some(bad))
            .refused(400, "INVALID_REQUEST");
    }
}

#[test]
fn acts_are_audited_with_the_name_at_the_machine() {
    let server = Server::start();
    let grace = Person::user(&server, "grace@example.com");
    server
        .operator("POST", &act(&grace, "unlock"), None)
        .expect(200);
    let page = server
        .operator("GET", "/audit?action=second_factor.unlocked", None)
        .expect(200);
    let event = &page.json["events"][0];
    assert_eq!(
        event["actor"],
        json!({ "kind": "operator", "name": "tester" })
    );
    assert_eq!(event["userId"], grace.id);
}
