//! What is written down: both names on every row, the history, the notices.

use super::{RETURN, claims};
use crate::harness::{House, Person};
use serde_json::{Value, json};

/// Everything that changes something and that an impersonation may do to a team, in an order that works;
/// the last one ends it.
fn acts(house: &House, mia: &Person, token: &str) {
    let team = format!("/teams/{}", house.team);
    let members = format!("{team}/members");
    let member = format!("{members}/{}", mia.id);
    let guest = json!({ "email": "new@example.com", "teamId": house.team, "role": "Viewer" });
    for (method, path, body, status) in [
        ("PATCH", &team, Some(json!({ "name": "Quay" })), 200),
        ("PATCH", &member, Some(json!({ "role": "Owner" })), 200),
        ("DELETE", &member, None, 200),
        ("POST", &"/invitations".to_owned(), Some(guest), 201),
        ("DELETE", &"/invitations/1".to_owned(), None, 200),
        ("POST", &"/auth/sign-out".to_owned(), None, 200),
    ] {
        house.call(method, path, token, body).expect(status);
    }
}

/// "Every audit row written under it names both people."
#[test]
fn every_row_names_both() {
    let house = House::new();
    let server = &house.server;
    let mia = Person::added(server, "mia@example.com", &["User"]);
    house.joins(&mia, house.team, "Viewer");
    let token = house.as_tom(&house.adam);
    let head = server.operator("GET", "/audit/head", None).expect(200);
    let head = head.json["number"].as_u64().unwrap();
    acts(&house, &mia, &token);
    let path = format!("/audit?limit=1000&after={head}");
    let rows = server.operator("GET", &path, None).expect(200);
    let rows = rows.json["events"].as_array().unwrap().clone();
    let actions: Vec<&Value> = rows.iter().map(|row| &row["action"]).collect();
    let expected = [
        "team.changed",
        "team.member_changed",
        "team.member_removed",
        "invitation.made",
        "invitation.withdrawn",
        "impersonation.ended",
        "session.signed_out",
    ];
    assert_eq!(actions, expected);
    let claims = claims(&token);
    let actor = json!({
        "kind": "impersonator",
        "id": house.adam.id,
        "as": house.tom.id,
        "code": claims["impersonationCode"],
    });
    for row in &rows {
        assert_eq!(row["actor"], actor, "{row}");
        assert_eq!(row["sessionId"], claims["sid"], "{row}");
    }
    let detail = format!(
        "signed_out, code {}, by user {}",
        claims["impersonationCode"].as_str().unwrap(),
        house.adam.id
    );
    assert_eq!(rows[5]["detail"], detail);
    assert!(server.audit_is_intact());
}

/// "Every audit row names both people": whoever looks for one of them finds it.
#[test]
fn rows_are_found_by_either_name() {
    let house = House::new();
    let server = &house.server;
    let token = house.as_tom(&house.adam);
    let path = format!("/teams/{}", house.team);
    let name = json!({ "name": "Quay" });
    house.call("PATCH", &path, &token, Some(name)).expect(200);
    for (user, count) in [(house.adam.id, 1), (house.tom.id, 1), (house.ada.id, 0)] {
        let path = format!("/audit?action=team.changed&user={user}");
        let found = server.operator("GET", &path, None).expect(200);
        let found = found.json["events"].as_array().unwrap().len();
        assert_eq!(found, count, "user {user}");
    }
}

/// "The target can see it": the history tells every kind of end, newest first.
#[test]
fn the_history_tells_every_end() {
    let house = House::new();
    let server = &house.server;
    let adam = &house.adam;
    let lapsed = house.as_tom(adam);
    server.clock.advance(1800);
    server.tick();
    let mut people = [adam.clone(), house.tom.clone()];
    for person in &mut people {
        person.comes_in(server);
    }
    let [adam, tom] = people;
    let house = House { tom, ..house };
    let server = &house.server;
    let returned = house.as_tom(&adam);
    house.call("POST", RETURN, &returned, None).expect(200);
    let signed_out = house.as_tom(&adam);
    house
        .call("POST", "/auth/sign-out", &signed_out, None)
        .expect(200);
    let ended = house.as_tom(&adam);
    let session = claims(&ended)["sid"].as_str().unwrap().to_owned();
    let path = format!("/auth/sessions/{session}");
    house
        .call("DELETE", &path, &house.tom.access, None)
        .expect(200);
    let revoked = house.as_tom(&adam);
    house.has_roles(&adam, &["User"]);
    house.has_roles(&adam, &["Admin"]);
    let running = house.as_tom(&adam);
    let past = house.history();
    let tokens = [running, revoked, ended, signed_out, returned, lapsed];
    let expected = [
        Value::Null,
        json!("revoked"),
        json!("ended_by_target"),
        json!("signed_out"),
        json!("returned"),
        json!("lapsed"),
    ];
    assert_eq!(past.len(), expected.len());
    for ((entry, token), how) in past.iter().zip(&tokens).zip(&expected) {
        assert_eq!(entry["how"], *how);
        assert_eq!(entry["code"], claims(token)["impersonationCode"]);
        assert_eq!(entry["endedAt"].is_null(), how.is_null());
        assert_eq!(entry["by"], json!({ "id": 2, "name": "Grace Murray" }));
        assert_eq!(entry["team"], "Harbour");
    }
    let oldest = json!({
        "code": claims(&tokens[5])["impersonationCode"],
        "by": { "id": 2, "name": "Grace Murray" },
        "team": "Harbour",
        "reason": "",
        "startedAt": "2026-06-01T12:00:30Z",
        "until": "2026-06-01T12:30:30Z",
        "endedAt": "2026-06-01T12:30:30Z",
        "how": "lapsed",
    });
    assert_eq!(past[5], oldest);
    for (limit, count) in [("0", 1), ("2", 2), ("99999", 6)] {
        let path = format!("/auth/me/impersonations?limit={limit}");
        let page = house.tom.gets(server, &path).expect(200);
        let page = page.json["impersonations"].as_array().unwrap().clone();
        assert_eq!(page, past[..count]);
    }
    // It is Tom's history, and nobody else's.
    let own = adam.gets(server, "/auth/me/impersonations").expect(200);
    assert_eq!(own.json, json!({ "impersonations": [] }));
}

/// "The target can see it": a notice stays until the target dismisses it, whoever acts meanwhile.
#[test]
fn the_target_is_told_once_for_each() {
    let house = House::new();
    let server = &house.server;
    let token = house.as_tom(&house.adam);
    let told = |token: &str| {
        let me = house.call("GET", "/auth/me", token, None).expect(200);
        let notices = me.json["notices"].as_array().unwrap().clone();
        let about = |notice: &Value| notice["kind"] == "impersonated";
        notices.into_iter().filter(about).collect::<Vec<_>>()
    };
    let notices = told(&house.tom.access);
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0]["at"], "2026-06-01T12:00:30Z");
    let ids = json!({ "ids": [notices[0]["id"]] });
    let dismiss = "/auth/me/notices/dismiss";
    house
        .call("POST", dismiss, &token, Some(ids.clone()))
        .refused(403, "NOT_WHILE_IMPERSONATING");
    house
        .call("POST", dismiss, &house.adam.access, Some(ids.clone()))
        .expect(200);
    assert_eq!(told(&house.tom.access).len(), 1);
    house.call("POST", RETURN, &token, None).expect(200);
    house.as_tom(&house.ada);
    assert_eq!(told(&house.tom.access).len(), 2);
    assert!(told(&house.ada.access).is_empty());
    house.tom.posts(server, dismiss, ids).expect(200);
    assert_eq!(told(&house.tom.access).len(), 1);
    // A try that was refused is none.
    house
        .adam
        .impersonates(server, house.tom.id, 99)
        .refused(404, "TEAM_NOT_FOUND");
    assert_eq!(told(&house.tom.access).len(), 1);
}

/// "Ended by expiry": once a minute the service writes down what has lapsed or stands no more.
#[test]
fn the_minute_writes_the_ends() {
    let mut house = House::new();
    house.as_tom(&house.adam);
    house.as_tom(&house.ada);
    let ended = |house: &House| house.server.events("impersonation.ended").len();
    house.server.tick();
    assert_eq!(ended(&house), 0);
    house.server.clock.advance(1770);
    house.server.tick();
    assert_eq!(ended(&house), 1);
    house.server.clock.advance(30);
    // The end of the process writes it too.
    house.server.restart();
    assert_eq!(ended(&house), 2);
    house.server.tick();
    assert_eq!(ended(&house), 2);
    let rows = house.server.events("impersonation.ended");
    for (row, by) in rows.iter().zip([house.adam.id, house.ada.id]) {
        assert_eq!(row["actor"], json!({ "kind": "service" }));
        assert_eq!(row["userId"], house.tom.id);
        let detail = row["detail"].as_str().unwrap();
        assert!(detail.starts_with("lapsed, "), "{detail}");
        assert!(detail.ends_with(&format!(", by user {by}")), "{detail}");
    }
}
