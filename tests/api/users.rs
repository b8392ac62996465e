//! `/users` over HTTP: lists, filters, archiving.

mod changes;

use super::{fields, refreshes};
use crate::harness::{Person, Server};
use serde_json::{Value, json};

const ARCHIVE: &str = "/users/archive";
const RESTORE: &str = "/users/restore";

/// Ada (1, Super Admin), Adam (2, Admin), Grace (3) with both factors, Mia (4) without.
fn house() -> (Server, [Person; 4]) {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let mut adam = Person::added(&server, "adam@example.com", &["Admin"]);
    adam.signs_in(&server).expect(200);
    adam.enrols(&server);
    let grace = Person::protected(&server, "grace@example.com");
    let mia = Person::user(&server, "mia@example.com");
    (server, [ada, adam, grace, mia])
}

fn ids(server: &Server, person: &Person, query: &str) -> Vec<u64> {
    let answer = person.gets(server, &format!("/users{query}")).expect(200);
    let users = answer.json["users"].as_array().unwrap();
    users
        .iter()
        .map(|user| user["id"].as_u64().unwrap())
        .collect()
}

/// Archives or restores these accounts.
fn set(server: &Server, person: &Person, path: &str, ids: &[u64]) -> crate::harness::Answer {
    let body = json!({ "ids": ids });
    server.http.send("PATCH", path, &person.access, Some(&body))
}

#[test]
fn a_list_shows_accounts_in_this_shape() {
    let (server, [ada, ..]) = house();
    let answer = ada.gets(&server, "/users").expect(200);
    assert_eq!(fields(&answer.json), ["nextCursor", "users"]);
    assert_eq!(answer.json["nextCursor"], Value::Null);
    let expected = json!({
        "id": 3,
        "email": "grace@example.com",
        "firstName": "Grace",
        "lastName": "Murray",
        "roles": ["User"],
        "status": "active",
        "isTwoFactorEnable": true,
        "isTwoFactorLocked": false,
        "recoveryCodesLeft": 10,
        "mustChangePassword": false,
        "impersonationAllowed": true,
        "graceUntil": Value::Null,
        "createdAt": "2026-06-01T12:00:00Z",
        "archivedAt": Value::Null,
    });
    assert_eq!(answer.json["users"][2], expected);
    let one = ada.gets(&server, "/users/3").expect(200);
    assert_eq!(one.json, expected);
    for missing in ["/users/99", "/users/0", "/users/-1", "/users/grace"] {
        ada.gets(&server, missing).refused(404, "USER_NOT_FOUND");
    }
}

#[test]
fn filters_choose() {
    let (server, [ada, adam, ..]) = house();
    set(&server, &ada, ARCHIVE, &[4]).expect(200);
    for (query, expected) in [
        ("", vec![1, 2, 3, 4]),
        ("?search=GRACE", vec![2, 3, 4]),
        ("?search=mia%40example.com", vec![4]),
        ("?search=nobody", vec![]),
        ("?role=Super+Admin", vec![1]),
        ("?role=Admin", vec![2]),
        ("?role=User", vec![3, 4]),
        ("?status=archived", vec![4]),
        ("?status=active", vec![1, 2, 3]),
        ("?twoFactor=on", vec![1, 2, 3]),
        ("?twoFactor=off", vec![4]),
        (
            "?role=User&status=active&twoFactor=on&search=grace",
            vec![3],
        ),
        ("?search=&role=&status=&twoFactor=", vec![1, 2, 3, 4]),
    ] {
        assert_eq!(ids(&server, &adam, query), expected, "{query}");
    }
    for bad in [
        "?role=King",
        "?status=gone",
        "?twoFactor=perhaps",
        "?cursor=one",
        "?limit=many",
        "?limit=-1",
        "?limit=%2B1",
    ] {
        ada.gets(&server, &format!("/users{bad}"))
            .refused(400, "INVALID_REQUEST");
    }
}

#[test]
fn a_cursor_leads_through_all_pages() {
    let (server, [ada, ..]) = house();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    for page in 0..3 {
        let path = format!("/users?limit=2{cursor}");
        let answer = ada.gets(&server, &path).expect(200);
        let users = answer.json["users"].as_array().unwrap();
        seen.extend(users.iter().map(|user| user["id"].as_u64().unwrap()));
        match answer.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(page, 1, "two pages of two");
                break;
            }
        }
    }
    assert_eq!(seen, [1, 2, 3, 4]);
    assert_eq!(ids(&server, &ada, "?limit=0").len(), 1);
    assert_eq!(ids(&server, &ada, "?limit=99999999").len(), 4);
    assert_eq!(ids(&server, &ada, "?limit=1&cursor=2"), [3]);
}

#[test]
fn archiving_ends_sessions_and_restoring_lets_in_again() {
    let (server, [ada, _, mut grace, mut mia]) = house();
    let answer = set(&server, &ada, ARCHIVE, &[3, 4, 4]).expect(200);
    assert_eq!(fields(&answer.json), ["description", "message"]);
    for person in [&mut grace, &mut mia] {
        person
            .gets(&server, "/auth/me")
            .refused(401, "UNAUTHORIZED");
        refreshes(person, &server).refused(401, "UNAUTHORIZED");
        person.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    }
    let shown = ada.gets(&server, "/users/4").expect(200);
    assert_eq!(shown.json["status"], "archived");
    assert_eq!(shown.json["archivedAt"], "2026-06-01T12:00:00Z");
    // Once more changes nothing.
    set(&server, &ada, ARCHIVE, &[4]).expect(200);
    set(&server, &ada, RESTORE, &[3, 4]).expect(200);
    mia.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    mia.signs_in(&server).expect(200);
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "pending");
    let archived = |action: &&String| action.as_str() == "user.archived";
    let actions = server.audit_actions();
    assert_eq!(actions.iter().filter(archived).count(), 2);
}

#[test]
fn archiving_takes_all_that_were_named_or_none() {
    let (server, [ada, adam, _, mia]) = house();
    for (person, ids, status, code) in [
        (&ada, vec![4, 99], 404, "USER_NOT_FOUND"),
        (&ada, vec![4, 1], 403, "ACCESS_DENIED"),
        (&adam, vec![4, 2], 403, "ACCESS_DENIED"),
        (&adam, vec![4, 1], 403, "ACCESS_DENIED"),
        (&mia, vec![3], 403, "ACCESS_DENIED"),
    ] {
        set(&server, person, ARCHIVE, &ids).refused(status, code);
    }
    mia.gets(&server, "/auth/me").expect(200);
    set(&server, &ada, RESTORE, &[99]).refused(404, "USER_NOT_FOUND");
    set(&server, &adam, ARCHIVE, &[4]).expect(200);
    set(&server, &ada, ARCHIVE, &[2]).expect(200);
    set(&server, &ada, ARCHIVE, &[]).expect(200);
    let body = json!({ "ids": [1] });
    server
        .operator("PATCH", ARCHIVE, Some(body))
        .refused(409, "LAST_SUPER_ADMIN");
    ada.gets(&server, "/auth/me").expect(200);
    for body in [json!({}), json!({ "ids": 4 }), json!({ "ids": ["4"] })] {
        server
            .http
            .send("PATCH", ARCHIVE, &ada.access, Some(&body))
            .refused(400, "INVALID_REQUEST");
    }
}

#[test]
fn roles_count_at_once_whatever_the_token_says() {
    let (server, [_, adam, grace, _]) = house();
    adam.gets(&server, "/users").expect(200);
    for (person, roles) in [(&adam, json!(["User"])), (&grace, json!(["Admin"]))] {
        let path = format!("/operator/users/{}/roles", person.id);
        server
            .operator("POST", &path, Some(json!({ "roles": roles })))
            .expect(200);
    }
    adam.gets(&server, "/users").refused(403, "ACCESS_DENIED");
    adam.gets(&server, "/audit").refused(403, "ACCESS_DENIED");
    grace.gets(&server, "/users").expect(200);
}
