//! What an impersonation opens, and what stays shut.

use crate::api::{claims, fields};
use crate::harness::house::SUPPORT;
use crate::harness::person::PASSWORD;
use crate::harness::{House, Person};
use serde_json::{Value, json};
use vestibule::http::{Who, routes};

/// Every door that the contract names as shut, with a body that would be good in one's own name.
fn shut(house: &House, adam: &Person) -> Vec<(&'static str, String, Option<Value>)> {
    let code = json!({ "code": adam.code(&house.server) });
    let ids = json!({ "ids": [house.tom.id] });
    let wish = json!({ "userId": house.tom.id, "teamId": house.team, "code": code["code"] });
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "six slow ferries at dawn" });
    let name = json!({ "firstName": "Eve" });
    let session = claims(&adam.access)["sid"].as_str().unwrap().to_owned();
    let tom = format!("/users/{}", house.tom.id);
    vec![
        ("POST", "/2fa/authenticate".into(), Some(code.clone())),
        ("GET", "/2fa/generate-qr".into(), None),
        ("GET", "/2fa/generate-qr?replace=true".into(), None),
        (
            "POST",
            "/2fa/enable-two-factor-auth".into(),
            Some(code.clone()),
        ),
        ("POST", "/2fa/disable-two-factor-auth".into(), None),
        (
            "POST",
            "/2fa/disable-two-factor-auth".into(),
            Some(code.clone()),
        ),
        ("POST", "/2fa/recovery-codes".into(), Some(code)),
        ("POST", "/2fa/impersonate".into(), Some(wish)),
        ("POST", "/auth/change-password".into(), Some(change)),
        ("PATCH", "/auth/me".into(), Some(name.clone())),
        (
            "PATCH",
            "/auth/me".into(),
            Some(json!({ "impersonationAllowed": true })),
        ),
        (
            "POST",
            "/auth/me/notices/dismiss".into(),
            Some(json!({ "ids": [1, 2, 3, 4] })),
        ),
        ("GET", "/auth/me/impersonations".into(), None),
        ("GET", "/auth/sessions".into(), None),
        ("DELETE", format!("/auth/sessions/{session}"), None),
        (
            "POST",
            "/auth/sign-out".into(),
            Some(json!({ "everywhere": true })),
        ),
        ("GET", "/users".into(), None),
        ("GET", tom.clone(), None),
        ("PATCH", tom.clone(), Some(name)),
        ("PATCH", "/users/archive".into(), Some(ids.clone())),
        ("PATCH", "/users/restore".into(), Some(ids)),
        ("POST", format!("{tom}/reset-password"), None),
        ("POST", format!("{tom}/reset-two-factor"), None),
        ("GET", "/audit".into(), None),
        ("GET", "/audit/head".into(), None),
    ]
}

#[test]
fn what_is_forbidden_stays_shut_even_as_an_administrator() {
    let house = House::new();
    let server = &house.server;
    let answer = house.ada.impersonates(server, house.adam.id, SUPPORT);
    let token = answer.expect(200).text_field("accessToken");
    server.clock.advance(30);
    let before = server.operator("GET", "/audit/head", None).expect(200);
    for (method, path, body) in shut(&house, &house.adam) {
        house
            .call(method, &path, &token, body)
            .refused(403, "NOT_WHILE_IMPERSONATING");
    }
    let refresh = json!({ "refreshToken": token });
    server
        .http
        .post("/auth/refresh-token", "", refresh)
        .refused(401, "UNAUTHORIZED");
    let after = server.operator("GET", "/audit/head", None).expect(200);
    assert_eq!(after.json, before.json, "nothing was done");
    // None of them used the code of the one or the other.
    for person in [&house.adam, &house.ada] {
        let code = json!({ "code": person.code(server) });
        person.posts(server, "/2fa/authenticate", code).expect(200);
    }
}

#[test]
fn every_route_that_is_not_named_as_open_is_shut() {
    let house = House::new();
    let token = house.as_tom(&house.adam);
    let mut open = Vec::new();
    for route in routes::table() {
        let shut = match route.who {
            Who::Anybody => false,
            Who::Present | Who::TeamRequester | Who::AnySession | Who::Impersonating => {
                open.push((route.method.to_string(), route.path));
                false
            }
            _ => true,
        };
        if shut {
            house
                .call(route.method.as_str(), route.path, &token, None)
                .refused(403, "NOT_WHILE_IMPERSONATING");
        }
    }
    let expected = [
        "GET /2fa/status",
        "POST /2fa/desimpersonation",
        "POST /auth/sign-out",
        "GET /auth/me",
        "GET /teams",
        "POST /teams",
        "GET /teams/{id}",
        "PATCH /teams/{id}",
        "DELETE /teams/{id}",
        "GET /teams/{id}/members",
        "PATCH /teams/{id}/members/{userId}",
        "DELETE /teams/{id}/members/{userId}",
        "GET /invitations",
        "POST /invitations",
        "DELETE /invitations/{id}",
    ];
    let open: Vec<String> = open
        .iter()
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    assert_eq!(open, expected);
}

#[test]
fn the_account_shows_whose_it_is_and_who_acts() {
    let house = House::new();
    let token = house.as_tom(&house.ada);
    let me = house.call("GET", "/auth/me", &token, None).expect(200);
    assert_eq!(me.json["id"], house.tom.id);
    assert_eq!(me.json["email"], "tom@example.com");
    assert_eq!(me.json["isTwoFactorEnable"], true);
    let expected = json!({ "id": 1, "name": "Ada King", "until": "2026-06-01T12:30:30Z" });
    assert_eq!(me.json["impersonatedBy"], expected);
    for person in [&house.tom, &house.ada] {
        let me = person.gets(&house.server, "/auth/me").expect(200);
        assert_eq!(me.json["impersonatedBy"], Value::Null);
        assert_eq!(me.json["id"], person.id);
    }
    let status = house.call("GET", "/2fa/status", &token, None).expect(200);
    assert_eq!(status.json["isTwoFactorEnable"], true);
    let sessions = house.tom.gets(&house.server, "/auth/sessions").expect(200);
    let sessions = sessions.json["sessions"].as_array().unwrap();
    let shown = sessions
        .iter()
        .find(|session| session["impersonator"] != Value::Null)
        .unwrap();
    assert_eq!(shown["id"], claims(&token)["sid"]);
    assert_eq!(shown["amr"], json!([]));
    assert_eq!(shown["current"], false);
    let expected = json!({
        "id": 1,
        "name": "Ada King",
        "reason": "",
        "until": "2026-06-01T12:30:30Z",
        "code": claims(&token)["impersonationCode"],
    });
    assert_eq!(shown["impersonator"], expected);
}

#[test]
fn teams_are_as_open_as_they_are_to_the_target() {
    let house = House::new();
    let mia = Person::added(&house.server, "mia@example.com", &["User"]);
    let token = house.as_tom(&house.adam);
    let call = |method, path: &str, body| house.call(method, path, &token, body);
    let teams = call("GET", "/teams", None).expect(200);
    assert_eq!(teams.json["teams"].as_array().unwrap().len(), 1);
    assert_eq!(teams.json["teams"][0]["role"], "Owner");
    let team = format!("/teams/{}", house.team);
    let members = format!("{team}/members");
    let one = format!("{members}/{}", mia.id);
    let name = json!({ "name": "Harbour office" });
    assert_eq!(
        call("PATCH", &team, Some(name)).expect(200).json["name"],
        "Harbour office"
    );
    let added = json!({ "userId": mia.id, "role": "Viewer" });
    call("POST", &members, Some(added)).refused(403, "NOT_WHILE_IMPERSONATING");
    house.joins(&mia, house.team, "Viewer");
    call("PATCH", &one, Some(json!({ "role": "Manager" }))).expect(200);
    call("GET", &members, None).expect(200);
    call("DELETE", &one, None).expect(200);
    let guest = json!({ "email": "new@example.com", "teamId": house.team });
    let made = call("POST", "/invitations", Some(guest)).expect(201);
    assert_eq!(fields(&made.json), ["expiresAt", "id", "qrCode", "url"]);
    let list = call("GET", "/invitations", None).expect(200);
    assert_eq!(list.json["invitations"].as_array().unwrap().len(), 1);
    let letter = format!("/invitations/{}", made.json["id"]);
    call("DELETE", &letter, None).expect(200);
    let support = format!("/teams/{SUPPORT}");
    call("GET", &support, None).refused(403, "ACCESS_DENIED");
    call("POST", "/auth/sign-out", None).expect(200);
    call("GET", "/auth/me", None).refused(401, "UNAUTHORIZED");
    house.adam.gets(&house.server, "/auth/me").expect(200);
    house.tom.gets(&house.server, "/auth/me").expect(200);
}

/// Ada as Adam has what Adam has in his teams, and nothing of what he has as an Admin.
#[test]
fn an_administrators_power_over_teams_is_not_lent() {
    let house = House::new();
    let answer = house
        .ada
        .impersonates(&house.server, house.adam.id, SUPPORT);
    let token = answer.expect(200).text_field("accessToken");
    let call = |method, path: &str, body| house.call(method, path, &token, body);
    let teams = call("GET", "/teams", None).expect(200);
    assert_eq!(teams.json["teams"].as_array().unwrap().len(), 1);
    assert_eq!(teams.json["teams"][0]["id"], SUPPORT);
    let team = format!("/teams/{}", house.team);
    let support = format!("/teams/{SUPPORT}");
    let member = json!({ "userId": house.tom.id, "role": "Viewer" });
    call("POST", &format!("{support}/members"), Some(member))
        .refused(403, "NOT_WHILE_IMPERSONATING");
    for (method, path, body) in [
        ("POST", "/teams", Some(json!({ "name": "Mine" }))),
        ("GET", &team, None),
        ("PATCH", &team, Some(json!({ "name": "Mine" }))),
        ("PATCH", &team, Some(json!({ "support": true }))),
        ("DELETE", &team, None),
        ("PATCH", &support, Some(json!({ "name": "Mine" }))),
        (
            "POST",
            "/invitations",
            Some(json!({ "email": "new@example.com" })),
        ),
    ] {
        call(method, path, body).refused(403, "ACCESS_DENIED");
    }
}
