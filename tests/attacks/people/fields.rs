//! Fields that nobody asked for, and ids that are none.

use super::house;
use crate::harness::people::token_of;
use crate::harness::person::PASSWORD;
use serde_json::{Value, json};

/// What somebody might hope that a body can set beside the fields it has.
fn hopes() -> Value {
    json!({
        "id": 1,
        "userId": 1,
        "roles": ["Super Admin"],
        "role": "Owner",
        "teams": [{ "id": 1, "role": "Owner" }],
        "teamId": 1,
        "team": [1, "Owner"],
        "support": true,
        "must_enrol": false,
        "mustEnrol": false,
        "mustChangePassword": false,
        "must_change_password": false,
        "isTwoFactorEnable": true,
        "isTwoFactorLocked": false,
        "recoveryCodesLeft": 99,
        "status": "active",
        "archivedAt": null,
        "createdAt": "1970-01-01T00:00:00Z",
        "impersonation_allowed": false,
        "__proto__": { "roles": ["Super Admin"] },
    })
}

fn hoping(body: Value) -> Value {
    let mut all = hopes();
    for (field, value) in body.as_object().unwrap() {
        all[field] = value.clone();
    }
    all
}

/// "A request body may gain optional fields": those that it has not change nothing. Nobody makes
/// themselves more than they are by naming it (mass assignment).
#[test]
fn fields_that_nobody_asked_for_change_nothing() {
    let (server, [_, adam, olga, _]) = house();
    let before = server.shows(olga.id);
    let body = hoping(json!({ "email": "olga@evil.example", "password": "x" }));
    let me = olga.patches(&server, "/auth/me", body).expect(200);
    assert_eq!(me.json["id"], olga.id);
    assert_eq!(server.shows(olga.id), before);
    let fresh = |email: &str| hoping(json!({ "email": email, "password": PASSWORD }));
    let mut body = fresh("sam@example.com");
    body["firstName"] = "Sam".into();
    body["lastName"] = "".into();
    server.http.post("/auth/sign-up", "", body).expect(201);
    let invitation = json!({ "email": "nell@example.com", "teamId": 2, "role": "Viewer" });
    let made = olga.posts(&server, "/invitations", hoping(invitation));
    let mut body = fresh("other@example.com");
    body["token"] = token_of(&made.expect(201)).into();
    body["firstName"] = "Nell".into();
    server
        .http
        .post("/invitations/accept", "", body)
        .expect(201);
    let list = server.operator("GET", "/users?cursor=4", None).expect(200);
    let [sam, nell] = [0, 1].map(|index| list.json["users"][index].clone());
    for (user, id, email) in [(&sam, 5, "sam@example.com"), (&nell, 6, "nell@example.com")] {
        assert_eq!(user["id"], id);
        assert_eq!(user["email"], email);
        assert_eq!(user["roles"], json!(["User"]));
        assert_eq!(user["isTwoFactorEnable"], false);
        assert_eq!(user["createdAt"], "2026-06-01T12:00:00Z");
        assert_eq!(user["impersonationAllowed"], true);
    }
    let members = adam.gets(&server, "/teams/1/members").expect(200);
    assert_eq!(members.json["members"].as_array().unwrap().len(), 1);
    let members = adam.gets(&server, "/teams/2/members").expect(200);
    assert_eq!(members.json["members"][1]["userId"], 6);
    assert_eq!(members.json["members"][1]["role"], "Viewer");
}

/// "Can forbid it for good": an administrator does not allow it in the person's place, and sets neither
/// password nor factor by naming them.
#[test]
fn an_administrator_changes_what_is_theirs_to_change_and_no_more() {
    let (server, [ada, adam, mut olga, _]) = house();
    let forbid = json!({ "impersonationAllowed": false });
    olga.patches(&server, "/auth/me", forbid).expect(200);
    let path = format!("/users/{}", olga.id);
    let before = server.shows(olga.id);
    let mut body = hopes();
    body.as_object_mut().unwrap().remove("roles");
    body["impersonationAllowed"] = true.into();
    body["password"] = "seven lamps burn at noon".into();
    for person in [&adam, &ada] {
        person.patches(&server, &path, body.clone()).expect(200);
    }
    assert_eq!(server.shows(olga.id), before);
    olga.signs_in(&server).expect(200);
    let mut body = hoping(json!({ "name": "Red" }));
    body.as_object_mut().unwrap().remove("support");
    let made = adam.posts(&server, "/teams", body.clone()).expect(201);
    assert_eq!(made.json["id"], 3);
    assert_eq!(made.json["createdAt"], "2026-06-01T12:00:00Z");
    let mut expected = made.json.clone();
    expected["name"] = "Rose".into();
    body["name"] = "Rose".into();
    body["members"] = json!([1]);
    let changed = adam.patches(&server, "/teams/3", body).expect(200);
    assert_eq!(changed.json, expected);
}

/// "Ids are unsigned integers counted from 1": anything else is nobody, or no request.
#[test]
fn ids_that_are_none_are_refused() {
    let (server, [ada, ..]) = house();
    let odd = [
        "0",
        "-1",
        "1.0",
        "1e0",
        "0x1",
        "%31",
        "1%00",
        "1;2",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "null",
        "%D9%A1",
    ];
    for id in odd {
        for (method, path, code) in [
            ("GET", format!("/users/{id}"), "USER_NOT_FOUND"),
            (
                "POST",
                format!("/users/{id}/reset-password"),
                "USER_NOT_FOUND",
            ),
            (
                "POST",
                format!("/users/{id}/reset-two-factor"),
                "USER_NOT_FOUND",
            ),
            ("GET", format!("/teams/{id}"), "TEAM_NOT_FOUND"),
            ("DELETE", format!("/teams/{id}"), "TEAM_NOT_FOUND"),
            ("GET", format!("/teams/{id}/members"), "TEAM_NOT_FOUND"),
            ("DELETE", format!("/teams/2/members/{id}"), "USER_NOT_FOUND"),
            ("DELETE", format!("/invitations/{id}"), "NOT_FOUND"),
            ("DELETE", format!("/auth/sessions/{id}"), "NOT_FOUND"),
        ] {
            let answer = ada.sends(&server, method, &path, None);
            let found = (answer.status, answer.code());
            assert_eq!(found, (404, code), "{method} {path}");
        }
    }
}

/// The same in a body: no rounding, no second reading of a field that comes twice.
#[test]
fn ids_in_a_body_are_whole_numbers_that_come_once() {
    let (server, [ada, ..]) = house();
    for (id, status, code) in [
        (json!(u64::MAX), 404, "USER_NOT_FOUND"),
        (json!(0), 404, "USER_NOT_FOUND"),
        (json!(-4), 400, "INVALID_REQUEST"),
        (json!(4.0), 400, "INVALID_REQUEST"),
        (json!(1e300), 400, "INVALID_REQUEST"),
        (json!("4"), 400, "INVALID_REQUEST"),
        (json!([4]), 400, "INVALID_REQUEST"),
        (json!(true), 400, "INVALID_REQUEST"),
        (json!(null), 400, "INVALID_REQUEST"),
    ] {
        let body = json!({ "userId": id, "role": "Viewer" });
        ada.posts(&server, "/teams/2/members", body)
            .refused(status, code);
        let body = json!({ "ids": [id] });
        ada.patches(&server, "/users/archive", body)
            .refused(status, code);
    }
    let headers = [("content-type", "application/json")];
    for body in [
        r#"{"userId":18446744073709551616,"role":"Viewer"}"#,
        r#"{"userId":4,"userId":1,"role":"Viewer"}"#,
        r#"{"userId":04,"role":"Viewer"}"#,
        r#"{"userId":4,"role":"Viewer","role":"Owner"}"#,
    ] {
        let bytes = body.as_bytes().to_vec();
        let answer = server
            .http
            .send_raw("POST", "/teams/2/members", &ada.access, &headers, bytes);
        answer.refused(400, "INVALID_REQUEST");
    }
}
