//! `/auth/sessions` and `PATCH /auth/me`: one's own account, and nobody else's.

use super::{another, claims, fields, refreshes};
use crate::harness::house::SUPPORT;
use crate::harness::{Answer, House, Person, Server};
use serde_json::{Value, json};

const SESSIONS: &str = "/auth/sessions";

fn sessions(server: &Server, person: &Person) -> Vec<Value> {
    let answer = person.gets(server, SESSIONS).expect(200);
    assert_eq!(fields(&answer.json), ["sessions"]);
    answer.json["sessions"].as_array().unwrap().clone()
}

/// The id of the session that a signed token stands for.
fn session_of(token: &str) -> String {
    claims(token)["sid"].as_str().unwrap().to_owned()
}

fn ends(server: &Server, person: &Person, id: &str) -> Answer {
    let path = format!("{SESSIONS}/{id}");
    server.http.send("DELETE", &path, &person.access, None)
}

fn changes(server: &Server, person: &Person, body: &Value) -> Answer {
    server
        .http
        .send("PATCH", "/auth/me", &person.access, Some(body))
}

#[test]
fn a_list_shows_living_sessions_in_this_shape_the_last_used_first() {
    let server = Server::start();
    let tom = Person::protected(&server, "tom@example.com");
    server.clock.advance(60);
    let agent = [
        ("user-agent", "Curl 8"),
        ("content-type", "application/json"),
    ];
    let body = json!({ "email": tom.email, "password": tom.password });
    let body = body.to_string().into_bytes();
    let answer = server
        .http
        .send_raw("POST", "/auth/sign-in", "", &agent, body);
    let mut other = tom.clone();
    other.takes(&answer.expect(200));
    // One that waits for its code is none yet.
    assert_eq!(sessions(&server, &tom).len(), 1);
    let code = other.code(&server);
    other.authenticates(&server, &code).expect(200);
    server.clock.advance(5);
    let list = sessions(&server, &other);
    let expected = json!({
        "id": session_of(&other.access),
        "device": "Curl 8",
        "address": "127.0.0.1",
        "createdAt": "2026-06-01T12:01:00Z",
        "lastUsedAt": "2026-06-01T12:01:00Z",
        "amr": ["pwd", "otp"],
        "current": true,
        "impersonator": Value::Null,
    });
    assert_eq!(list[0], expected);
    assert_eq!(list.len(), 2);
    assert_eq!(list[1]["id"], session_of(&tom.access));
    assert_eq!(list[1]["current"], false);
    assert_eq!(list[1]["createdAt"], "2026-06-01T12:00:00Z");
    // A refresh is a use; the other session sees the same two, and itself as the current one.
    let mut tom = tom;
    refreshes(&mut tom, &server).expect(200);
    let list = sessions(&server, &tom);
    assert_eq!(list[0]["id"], session_of(&tom.access));
    assert_eq!(list[0]["lastUsedAt"], "2026-06-01T12:01:05Z");
    assert_eq!(list[0]["current"], true);
    assert_eq!(list[1]["current"], false);
}

#[test]
fn what_has_ended_is_not_shown() {
    let house = House::new();
    let server = &house.server;
    let mut old = another(&house.tom, server);
    server.clock.advance(30);
    let code = old.code(server);
    old.authenticates(server, &code).expect(200);
    let out = another(&house.tom, server);
    out.posts(server, "/auth/sign-out", json!({})).expect(200);
    let token = house.as_tom(&house.adam);
    assert_eq!(sessions(server, &house.tom).len(), 3);
    house
        .call("POST", "/2fa/desimpersonation", &token, None)
        .expect(200);
    assert_eq!(sessions(server, &house.tom).len(), 2);
    house.as_tom(&house.ada);
    assert_eq!(sessions(server, &house.tom).len(), 3);
    // The impersonation lapses, the unused sessions after twelve hours.
    let mut tom = house.tom.clone();
    server.clock.advance(1800);
    refreshes(&mut tom, server).expect(200);
    assert_eq!(sessions(server, &tom).len(), 2);
    server.clock.advance(11 * 3600);
    refreshes(&mut tom, server).expect(200);
    server.clock.advance(3000);
    refreshes(&mut tom, server).expect(200);
    let list = sessions(server, &tom);
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["id"], session_of(&tom.access));
}

#[test]
fn a_session_is_ended_from_another_one_at_once() {
    let server = Server::start();
    let tom = Person::protected(&server, "tom@example.com");
    let mut other = tom.clone();
    other.comes_in(&server);
    let id = session_of(&other.access);
    let answer = ends(&server, &tom, &id).expect(200);
    assert_eq!(fields(&answer.json), ["description", "message"]);
    other.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    refreshes(&mut other, &server).refused(401, "UNAUTHORIZED");
    ends(&server, &tom, &id).refused(404, "NOT_FOUND");
    let events = server.events("session.ended");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"], json!({ "kind": "user", "id": tom.id }));
    assert_eq!(events[0]["sessionId"], session_of(&tom.access));
    assert_eq!(events[0]["detail"], format!("session {id}"));
    // One's own is one of them.
    ends(&server, &tom, &session_of(&tom.access)).expect(200);
    tom.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
}

#[test]
fn other_peoples_sessions_are_not_there() {
    let house = House::new();
    let server = &house.server;
    let token = house.as_tom(&house.adam);
    let running = session_of(&token);
    // Neither the Admin who acts nor a Super Admin ends what is Tom's, or each other's.
    for person in [&house.adam, &house.ada] {
        let list = sessions(server, person);
        assert_eq!(list.len(), 1);
        assert_eq!(list[0]["id"], session_of(&person.access));
        assert_eq!(list[0]["impersonator"], Value::Null);
        for id in [
            running.clone(),
            session_of(&house.tom.access),
            "0".repeat(32),
            "0".into(),
            "current".into(),
            running.to_uppercase() + "0",
            "%2e%2e".into(),
        ] {
            ends(server, person, &id).refused(404, "NOT_FOUND");
        }
    }
    ends(server, &house.ada, &session_of(&house.adam.access)).refused(404, "NOT_FOUND");
    for token in [&token, &house.tom.access, &house.adam.access] {
        house.call("GET", "/auth/me", token, None).expect(200);
    }
    assert!(server.events("session.ended").is_empty());
}

#[test]
fn names_and_the_leave_to_be_impersonated_are_ones_own_to_change() {
    let house = House::new();
    let server = &house.server;
    let tom = &house.tom;
    let before = tom.gets(server, "/auth/me").expect(200);
    assert_eq!(before.json["impersonationAllowed"], true);
    let patch = json!({ "firstName": " Tom ", "lastName": "", "impersonationAllowed": false });
    let answer = changes(server, tom, &patch).expect(200);
    assert_eq!(answer.json["firstName"], "Tom");
    assert_eq!(answer.json["lastName"], "");
    assert_eq!(answer.json["impersonationAllowed"], false);
    assert_eq!(answer.json, tom.gets(server, "/auth/me").expect(200).json);
    let events = server.events("user.profile_changed");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"], json!({ "kind": "user", "id": tom.id }));
    assert_eq!(events[0]["detail"], "Tom, impersonation forbidden");
    let shown = house.ada.gets(server, "/users/3").expect(200);
    assert_eq!(shown.json["impersonationAllowed"], false);
    // Part of it, nothing of it, and what is not theirs to change.
    changes(server, tom, &json!({ "lastName": "Mast" })).expect(200);
    let foreign = json!({
        "email": "eve@example.com", "roles": ["Super Admin"], "isTwoFactorEnable": false, "id": 1,
    });
    for nothing in [json!({}), foreign, patch_of_nulls()] {
        let same = changes(server, tom, &nothing).expect(200);
        assert_eq!(same.json["email"], "tom@example.com");
        assert_eq!(same.json["roles"], json!(["User"]));
        assert_eq!(same.json["lastName"], "Mast");
        assert_eq!(same.json["impersonationAllowed"], false);
    }
    assert_eq!(server.events("user.profile_changed").len(), 2);
    for (field, odd) in [
        ("firstName", json!("")),
        ("firstName", json!("  ")),
        ("firstName", json!("x".repeat(101))),
        ("firstName", json!("a\u{7}b")),
        ("lastName", json!("x".repeat(101))),
        ("lastName", json!(7)),
        ("impersonationAllowed", json!("no")),
        ("impersonationAllowed", json!(0)),
    ] {
        let refused = changes(server, tom, &json!({ field: odd }));
        let refused = refused.refused(400, "INVALID_REQUEST");
        assert!(refused.text_field("description").contains(field));
    }
}

fn patch_of_nulls() -> Value {
    json!({ "firstName": null, "lastName": null, "impersonationAllowed": null })
}

#[test]
fn forbidding_ends_what_runs_and_allowing_begins_nothing() {
    let house = House::new();
    let server = &house.server;
    let tokens = [house.as_tom(&house.adam), house.as_tom(&house.ada)];
    changes(server, &house.tom, &json!({ "firstName": "Tom" })).expect(200);
    for token in &tokens {
        house.call("GET", "/auth/me", token, None).expect(200);
    }
    for allowed in [false, true] {
        let patch = json!({ "impersonationAllowed": allowed });
        changes(server, &house.tom, &patch).expect(200);
        for token in &tokens {
            house
                .call("GET", "/auth/me", token, None)
                .refused(401, "UNAUTHORIZED");
        }
    }
    let how: Vec<Value> = house.history().iter().map(|p| p["how"].clone()).collect();
    assert_eq!(how, ["ended_by_target", "ended_by_target"]);
    // It is not what keeps an administrator from acting as others.
    changes(
        server,
        &house.ada,
        &json!({ "impersonationAllowed": false }),
    )
    .expect(200);
    let answer = house.ada.impersonates(server, house.adam.id, SUPPORT);
    answer.expect(200);
}
