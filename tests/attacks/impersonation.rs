//! Acting as somebody else: never nested, never longer than thirty minutes, never under one name.

mod clocks;
mod endings;
mod meanwhile;
mod rows;

use super::at_once;
use crate::harness::house::SUPPORT;
use crate::harness::{House, Person};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

const IMPERSONATE: &str = "/2fa/impersonate";
const RETURN: &str = "/2fa/desimpersonation";

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

impl House {
    /// Whether a token opens anything.
    fn is_alive(&self, token: &str) -> bool {
        let answer = self.call("GET", "/auth/me", token, None);
        match answer.status {
            200 => true,
            401 => false,
            _ => panic!("{}", answer.text),
        }
    }

    /// The token is dead, and there is no way back with it.
    #[track_caller]
    fn is_over(&self, token: &str) {
        for (method, path) in [("GET", "/auth/me"), ("GET", "/teams"), ("POST", RETURN)] {
            self.call(method, path, token, None)
                .refused(401, "UNAUTHORIZED");
        }
    }
}

/// "Never nested" (GitLab #196028): neither to a third person nor back to oneself, with nobody's code,
/// and one return leads to oneself.
#[test]
fn impersonations_do_not_nest() {
    let house = House::new();
    let server = &house.server;
    // As Adam, who is in the support team himself.
    let answer = house.ada.impersonates(server, house.adam.id, SUPPORT);
    let token = answer.expect(200).text_field("accessToken");
    server.clock.advance(30);
    for code in [house.ada.code(server), house.adam.code(server)] {
        for (user, team) in [
            (house.tom.id, house.team),
            (house.ada.id, SUPPORT),
            (house.adam.id, SUPPORT),
        ] {
            let body = json!({ "userId": user, "teamId": team, "code": code });
            house
                .call("POST", IMPERSONATE, &token, Some(body))
                .refused(403, "NOT_WHILE_IMPERSONATING");
        }
    }
    assert!(house.history().is_empty());
    let back = house.call("POST", RETURN, &token, None).expect(200);
    assert_eq!(claims(&back.text_field("accessToken"))["sub"], "1");
    house.is_over(&token);
    // Their codes are good still.
    for person in [&house.ada, &house.adam] {
        let body = json!({ "code": person.code(server) });
        person.posts(server, "/2fa/authenticate", body).expect(200);
    }
}

/// "No user id is read by desimpersonation": what the caller names beside the token counts for nothing.
#[test]
fn the_way_back_leads_to_oneself_whatever_is_named() {
    let house = House::new();
    let named = json!({
        "userId": house.ada.id, "user_id": 1, "sub": "1", "teamId": SUPPORT,
        "impersonatedBy": house.ada.id, "act": { "sub": "1" },
        "impersonationCode": "AAAAAAAAAAAAAAAAAAAAAAAA",
    });
    let adas = house.as_tom(&house.ada);
    let adams = house.as_tom(&house.adam);
    // An ordinary token stays one, even if it names a running impersonation.
    let running = json!({ "impersonationCode": claims(&adas)["impersonationCode"] });
    for person in [&house.tom, &house.adam, &house.ada] {
        for body in [&named, &running] {
            person
                .posts(&house.server, RETURN, body.clone())
                .refused(403, "ACCESS_DENIED");
        }
    }
    let path = format!("{RETURN}?userId=1&impersonatedBy=1");
    let back = house.call("POST", &path, &adams, Some(named)).expect(200);
    let back = claims(&back.text_field("accessToken"));
    assert_eq!(back["sub"], house.adam.id.to_string());
    assert_eq!(back["sid"], claims(&house.adam.access)["sid"]);
    house.is_over(&adams);
    assert!(house.is_alive(&adas));
}

/// "An ordinary token there is refused", and a changed one is none: claims of one token do not go with
/// the signature of another.
#[test]
fn claims_are_not_changed_on_the_way() {
    let house = House::new();
    let token = house.as_tom(&house.adam);
    let parts: Vec<&str> = token.split('.').collect();
    let mut forged = Vec::new();
    for (claim, value) in [
        ("sub", json!("1")),
        ("impersonatedBy", json!(1)),
        ("act", json!({ "sub": "1" })),
        ("exp", json!(house.server.clock.unix_seconds() + 3600)),
        ("sid", claims(&house.ada.access)["sid"].clone()),
        ("roles", json!(["Super Admin"])),
    ] {
        let mut changed = claims(&token);
        changed[claim] = value;
        let changed = BASE64URL_NOPAD.encode(changed.to_string().as_bytes());
        forged.push(format!("{}.{changed}.{}", parts[0], parts[2]));
    }
    let own: Vec<&str> = house.adam.access.split('.').collect();
    forged.push(format!("{}.{}.{}", parts[0], parts[1], own[2]));
    forged.push(format!("{}.{}.{}", own[0], own[1], parts[2]));
    forged.push(format!("{}.{}.", parts[0], parts[1]));
    for token in forged {
        house.is_over(&token);
    }
    assert!(house.is_alive(&token));
}

/// "Never nested" is about one token: from two sessions of one's own, two impersonations run side by
/// side, and each returns to the session that it came from.
#[test]
fn impersonations_of_two_sessions_keep_apart() {
    let house = House::new();
    let server = &house.server;
    let mut other = house.adam.clone();
    other.comes_in(server);
    let mia = Person::added(server, "mia@example.com", &["User"]);
    house.joins(&mia, house.team, "Viewer");
    let first = house.as_tom(&house.adam);
    let second = other.impersonates(server, mia.id, house.team);
    let second = second.expect(200).text_field("accessToken");
    let third = house.as_tom(&other);
    let back = house.call("POST", RETURN, &second, None).expect(200);
    let back = claims(&back.text_field("accessToken"));
    assert_eq!(back["sid"], claims(&other.access)["sid"]);
    house.is_over(&second);
    // The end of one session takes what began in it, and nothing else.
    other.posts(server, "/auth/sign-out", json!({})).expect(200);
    house.is_over(&third);
    assert!(house.is_alive(&first));
    let back = house.call("POST", RETURN, &first, None).expect(200);
    let back = claims(&back.text_field("accessToken"));
    assert_eq!(back["sid"], claims(&house.adam.access)["sid"]);
}

/// "Of N parallel requests with one valid code exactly one succeeds", on two endpoints at once.
#[test]
fn one_code_at_two_endpoints_at_once_succeeds_once() {
    let house = House::new();
    let server = &house.server;
    let mut waiting = house.adam.clone();
    waiting.signs_in(server).expect(200);
    for round in 0..4 {
        server.clock.advance(30);
        let code = house.adam.code(server);
        let wish = json!({ "userId": house.tom.id, "teamId": house.team, "code": code });
        let send = |index: usize| match (index + round) % 4 {
            0 | 2 => house.adam.posts(server, IMPERSONATE, wish.clone()).status,
            1 => {
                let body = json!({ "code": code });
                house.adam.posts(server, "/2fa/authenticate", body).status
            }
            _ => {
                let body = json!({ "code": code });
                waiting.posts(server, "/2fa/authenticate", body).status
            }
        };
        assert_eq!(at_once(16, send), 1);
    }
    let started = server.events("impersonation.started").len();
    let stepped_up = server.events("code.stepped_up").len();
    let by_adam = |event: &Value| event["userId"] == house.adam.id;
    let finished = server.events("sign_in.finished");
    let finished = finished.into_iter().filter(by_adam).count();
    assert_eq!(started + stepped_up + finished, 4);
    assert_eq!(house.history().len(), started);
    assert!(server.audit_is_intact());
}

/// "Of N parallel requests exactly one succeeds": one impersonation is ended once.
#[test]
fn sixteen_returns_at_once_lead_back_once() {
    let house = House::new();
    let token = house.as_tom(&house.adam);
    let send = |_| house.call("POST", RETURN, &token, None).status;
    assert_eq!(at_once(16, send), 1);
    assert_eq!(house.server.events("impersonation.ended").len(), 1);
}

/// "The target can see it, end it": of two who act as the same person each is told apart.
#[test]
fn two_who_act_as_one_are_told_apart() {
    let house = House::new();
    let server = &house.server;
    let adams = house.as_tom(&house.adam);
    let adas = house.as_tom(&house.ada);
    let names: Vec<Value> = house.history().iter().map(|p| p["by"].clone()).collect();
    let expected = [
        json!({ "id": 1, "name": "Ada King" }),
        json!({ "id": 2, "name": "Grace Murray" }),
    ];
    assert_eq!(names, expected);
    let me = house.tom.gets(server, "/auth/me").expect(200);
    let notices = me.json["notices"].as_array().unwrap();
    let told = |notice: &&Value| notice["kind"] == "impersonated";
    assert_eq!(notices.iter().filter(told).count(), 2);
    for (token, id) in [(&adams, 2), (&adas, 1)] {
        let me = house.call("GET", "/auth/me", token, None).expect(200);
        assert_eq!(me.json["impersonatedBy"]["id"], id);
    }
    let session = claims(&adams)["sid"].as_str().unwrap().to_owned();
    let path = format!("/auth/sessions/{session}");
    house
        .call("DELETE", &path, &house.tom.access, None)
        .expect(200);
    house.is_over(&adams);
    assert!(house.is_alive(&adas));
    let name = json!({ "name": "Quay" });
    let team = format!("/teams/{}", house.team);
    house.call("PATCH", &team, &adas, Some(name)).expect(200);
    let event = server.events("team.changed").pop().unwrap();
    assert_eq!(event["actor"]["id"], 1);
    assert_eq!(event["actor"]["code"], claims(&adas)["impersonationCode"]);
}

/// "Strictly lower privilege": somebody who acts as an Admin does not rise to what only a Super Admin or
/// an Admin may, and the person at the machine acts as nobody.
#[test]
fn nobody_rises_by_acting() {
    let house = House::new();
    let server = &house.server;
    let answer = house.ada.impersonates(server, house.adam.id, SUPPORT);
    let token = answer.expect(200).text_field("accessToken");
    for (method, path, body) in [
        ("GET", "/users", None),
        ("POST", "/users/3/reset-password", None),
        (
            "PATCH",
            "/users/2",
            Some(json!({ "roles": ["Super Admin"] })),
        ),
    ] {
        house
            .call(method, path, &token, body)
            .refused(403, "NOT_WHILE_IMPERSONATING");
    }
    let code = house.adam.code(server);
    let wish = json!({ "userId": house.tom.id, "teamId": house.team, "code": code });
    server
        .operator("POST", IMPERSONATE, Some(wish))
        .refused(401, "UNAUTHORIZED");
    server
        .operator("POST", "/operator/users/3/impersonate", None)
        .refused(404, "NOT_FOUND");
}

/// "Strictly lower privilege": who acts as an Owner of the support team gets no say in it, neither for
/// themselves nor for others, and an invitation into it is none.
#[test]
fn the_support_team_is_not_ruled_in_anothers_name() {
    let house = House::new();
    let server = &house.server;
    let sam = Person::added(server, "sam@example.com", &["User"]);
    house.joins(&sam, SUPPORT, "Owner");
    let answer = house.adam.impersonates(server, sam.id, SUPPORT);
    let token = answer.expect(200).text_field("accessToken");
    let team = format!("/teams/{SUPPORT}");
    let members = format!("{team}/members");
    let member = |person: &Person| format!("{members}/{}", person.id);
    let role = |role: &str| Some(json!({ "role": role }));
    let guest = json!({ "email": "new@example.com", "teamId": SUPPORT, "role": "Viewer" });
    let viewer = json!({ "userId": house.tom.id, "role": "Viewer" });
    for (method, path, body) in [
        ("PATCH", team.clone(), Some(json!({ "name": "Mine" }))),
        ("DELETE", team.clone(), None),
        ("PATCH", member(&house.adam), role("Owner")),
        ("PATCH", member(&house.ada), role("Viewer")),
        ("DELETE", member(&house.ada), None),
        ("DELETE", member(&sam), None),
        ("POST", "/invitations".into(), Some(guest)),
    ] {
        house
            .call(method, &path, &token, body)
            .refused(403, "ACCESS_DENIED");
    }
    house
        .call("POST", &members, &token, Some(viewer))
        .refused(403, "NOT_WHILE_IMPERSONATING");
    house.call("GET", &members, &token, None).expect(200);
    assert!(house.is_alive(&token));
}
