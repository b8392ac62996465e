//! `/2fa/impersonate` and `/2fa/desimpersonation`: what they take, and what they answer.

mod doors;
mod refusals;

use super::{another, claims, fields, part_of, refreshes};
use crate::harness::house::SUPPORT;
use crate::harness::{House, Person, ServerOptions};
use serde_json::{Value, json};

const IMPERSONATE: &str = "/2fa/impersonate";
const RETURN: &str = "/2fa/desimpersonation";

/// A body that names Tom and his team, with a new code of `actor`.
fn wish(house: &House, actor: &Person) -> Value {
    house.server.clock.advance(30);
    let code = actor.code(&house.server);
    json!({ "userId": house.tom.id, "teamId": house.team, "code": code })
}

#[test]
fn an_answer_has_this_shape_and_its_token_these_claims() {
    let house = House::new();
    let tom = house.tom.id;
    let answer = house.ada.impersonates(&house.server, tom, house.team);
    let answer = answer.expect(200);
    assert_eq!(fields(&answer.json), ["accessToken", "isTwoFactorEnable"]);
    assert_eq!(answer.json["isTwoFactorEnable"], false);
    let token = answer.text_field("accessToken");
    assert_eq!(part_of(&token, 0)["typ"], "at+jwt");
    let claims = claims(&token);
    let code = claims["impersonationCode"].as_str().unwrap();
    assert_eq!(code.len(), 24);
    assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let now = house.server.clock.unix_seconds();
    let expected = json!({
        "iss": "http://localhost:6238",
        "aud": "vestibule",
        "sub": tom.to_string(),
        "sid": claims["sid"],
        "jti": claims["jti"],
        "iat": now,
        "nbf": now,
        "exp": now + 1800,
        "amr": [],
        "auth_time": now,
        "email": "tom@example.com",
        "roles": ["User"],
        "team_id": house.team,
        "act": { "sub": "1" },
        "impersonatedBy": 1,
        "impersonatedAt": now,
        "impersonationCode": code,
        "impersonatorTeamId": SUPPORT,
    });
    assert_eq!(claims, expected);
    let started = house.server.events("impersonation.started");
    assert_eq!(started.len(), 1);
    assert_eq!(started[0]["actor"], json!({ "kind": "user", "id": 1 }));
    assert_eq!(started[0]["userId"], tom);
    assert_eq!(started[0]["sessionId"], claims["sid"]);
    let detail = format!("code {code}, team {}, reason: ", house.team);
    assert_eq!(started[0]["detail"], detail);
    // Another one has another code.
    let again = super::claims(&house.as_tom(&house.ada));
    assert_ne!(again["impersonationCode"], claims["impersonationCode"]);
    assert_ne!(again["sid"], claims["sid"]);
}

#[test]
fn ids_are_numbers_or_their_digits_and_nothing_else() {
    let house = House::new();
    let good = wish(&house, &house.adam);
    for field in ["userId", "teamId"] {
        for odd in [
            json!(null),
            json!(true),
            json!(2.5),
            json!(2.0),
            json!(-2),
            json!(1e20),
            json!([2]),
            json!({ "id": 2 }),
            json!(""),
            json!(" 2"),
            json!("2 "),
            json!("+2"),
            json!("-2"),
            json!("2.0"),
            json!("2e0"),
            json!("0x2"),
            json!("\u{662}"),
            json!("two"),
            json!("18446744073709551616"),
        ] {
            let mut body = good.clone();
            body[field] = odd;
            let refused = house.adam.posts(&house.server, IMPERSONATE, body.clone());
            let refused = refused.refused(400, "INVALID_REQUEST");
            assert!(refused.text_field("description").contains(field), "{body}");
        }
    }
    for field in ["userId", "teamId", "code"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(field);
        let refused = house.adam.posts(&house.server, IMPERSONATE, body);
        let refused = refused.refused(400, "INVALID_REQUEST");
        assert!(refused.text_field("description").contains(field));
    }
    // None of them burnt the code.
    let mut body = good;
    body["userId"] = json!(house.tom.id.to_string());
    body["teamId"] = json!(house.team.to_string());
    body["something"] = json!("else");
    let answer = house.adam.posts(&house.server, IMPERSONATE, body);
    let claims = claims(&answer.expect(200).text_field("accessToken"));
    assert_eq!(claims["sub"], house.tom.id.to_string());
    assert_eq!(claims["team_id"], house.team);
}

#[test]
fn a_reason_may_be_given_and_is_told() {
    let house = House::new();
    let good = wish(&house, &house.adam);
    for odd in [
        json!("x".repeat(201)),
        json!("one\ntwo"),
        json!(5),
        json!(["why"]),
    ] {
        let mut body = good.clone();
        body["reason"] = odd;
        let refused = house.adam.posts(&house.server, IMPERSONATE, body);
        let refused = refused.refused(400, "INVALID_REQUEST");
        assert!(refused.text_field("description").contains("reason"));
    }
    let longest = "\u{fc}".repeat(200);
    for (given, told) in [
        (json!(null), ""),
        (json!("  "), ""),
        (json!("  Ticket 7 "), "Ticket 7"),
        (json!(longest), longest.as_str()),
    ] {
        let mut body = wish(&house, &house.adam);
        body["reason"] = given;
        let answer = house.adam.posts(&house.server, IMPERSONATE, body);
        answer.expect(200);
        assert_eq!(house.history()[0]["reason"], told);
        let events = house.server.events("impersonation.started");
        let detail = events.last().unwrap()["detail"].as_str().unwrap();
        assert!(detail.ends_with(&format!(", reason: {told}")), "{detail}");
    }
    let sessions = house.tom.gets(&house.server, "/auth/sessions").expect(200);
    let sessions = sessions.json["sessions"].as_array().unwrap();
    let reasons = sessions.iter().map(|s| &s["impersonator"]["reason"]);
    assert!(
        reasons
            .into_iter()
            .any(|reason| *reason == longest.as_str())
    );
    let me = house.tom.gets(&house.server, "/auth/me").expect(200);
    let notices = me.json["notices"].as_array().unwrap();
    let messages: Vec<&str> = notices
        .iter()
        .filter(|notice| notice["kind"] == "impersonated")
        .map(|notice| notice["message"].as_str().unwrap())
        .collect();
    let plain = "Grace Murray of the support team acted in your name.";
    let why = "Grace Murray of the support team acted in your name: Ticket 7";
    assert_eq!(messages.len(), 4);
    assert!(messages.contains(&plain) && messages.contains(&why));
}

#[test]
fn the_configuration_may_demand_a_reason() {
    let house = House::with(&ServerOptions {
        configure: Some(|config| config.policy.impersonation_reason_required = true),
    });
    let good = wish(&house, &house.adam);
    for none in [None, Some(json!(null)), Some(json!("")), Some(json!(" \t"))] {
        let mut body = good.clone();
        if let Some(none) = none {
            body["reason"] = none;
        }
        let refused = house.adam.posts(&house.server, IMPERSONATE, body);
        let refused = refused.refused(400, "INVALID_REQUEST");
        assert!(refused.text_field("description").contains("reason"));
    }
    let mut body = good;
    body["reason"] = json!("Ticket 7");
    house
        .adam
        .posts(&house.server, IMPERSONATE, body)
        .expect(200);
}

#[test]
fn the_configuration_may_switch_it_off_which_ends_what_runs() {
    let mut house = House::new();
    let token = house.as_tom(&house.adam);
    house
        .server
        .restart_configured(|config| config.policy.impersonation = false);
    house
        .call("GET", "/auth/me", &token, None)
        .refused(401, "UNAUTHORIZED");
    house
        .call("POST", RETURN, &token, None)
        .refused(401, "UNAUTHORIZED");
    let refused = house
        .adam
        .impersonates(&house.server, house.tom.id, house.team);
    let refused = refused.refused(403, "IMPERSONATION_REFUSED");
    let text = "Impersonation is switched off on this service.";
    assert_eq!(refused.json["description"], text);
    house.server.tick();
    assert_eq!(house.history()[0]["how"], "revoked");
    house
        .server
        .restart_configured(|config| config.policy.impersonation = true);
    house
        .call("GET", "/auth/me", &token, None)
        .refused(401, "UNAUTHORIZED");
}

#[test]
fn ones_own_session_stays_and_becomes_fresh() {
    let house = House::new();
    house.server.clock.advance(301);
    let renew = "/2fa/recovery-codes";
    house
        .adam
        .posts(&house.server, renew, json!({}))
        .refused(403, "FRESH_CODE_REQUIRED");
    let token = house.as_tom(&house.adam);
    house
        .adam
        .posts(&house.server, renew, json!({}))
        .expect(200);
    let me = house.adam.gets(&house.server, "/auth/me").expect(200);
    assert_eq!(me.json["id"], house.adam.id);
    house.call("GET", "/auth/me", &token, None).expect(200);
    // Its refresh token is good still, and its refresh leaves the impersonation.
    let mut adam = house.adam.clone();
    refreshes(&mut adam, &house.server).expect(200);
    house.call("GET", "/auth/me", &token, None).expect(200);
}

#[test]
fn coming_back_gives_the_own_session_new_tokens() {
    let house = House::new();
    let token = house.as_tom(&house.adam);
    let answer = house.call("POST", RETURN, &token, None).expect(200);
    assert_eq!(fields(&answer.json), ["accessToken", "refreshToken"]);
    let back = claims(&answer.text_field("accessToken"));
    let own = claims(&house.adam.access);
    assert_eq!(back["sub"], house.adam.id.to_string());
    assert_eq!(back["sid"], own["sid"]);
    assert_ne!(back["jti"], own["jti"]);
    assert_eq!(back["amr"], json!(["pwd", "otp"]));
    assert_eq!(fields(&back), fields(&own));
    let mut adam = house.adam.clone();
    adam.takes(&answer);
    assert_ne!(adam.refresh, house.adam.refresh);
    // This one has ended, for every call and for a second return.
    for (method, path) in [
        ("GET", "/auth/me"),
        ("GET", "/teams"),
        ("POST", RETURN),
        ("POST", "/auth/sign-out"),
        ("POST", IMPERSONATE),
    ] {
        house
            .call(method, path, &token, None)
            .refused(401, "UNAUTHORIZED");
    }
    adam.gets(&house.server, "/auth/me").expect(200);
    refreshes(&mut adam, &house.server).expect(200);
    // The refresh token from before was used up by the return.
    house.server.clock.advance(11);
    refreshes(&mut house.adam.clone(), &house.server).refused(401, "UNAUTHORIZED");
    refreshes(&mut adam, &house.server).refused(401, "UNAUTHORIZED");
}

#[test]
fn only_an_impersonation_returns() {
    let house = House::new();
    let server = &house.server;
    let running = house.as_tom(&house.adam);
    let waiting = another(&house.adam, server);
    let mut eve = Person::added(server, "eve@example.com", &["Admin"]);
    eve.signs_in(server).expect(200);
    for (token, status, code) in [
        ("", 401, "UNAUTHORIZED"),
        ("garbage", 401, "UNAUTHORIZED"),
        (house.adam.refresh.as_str(), 401, "UNAUTHORIZED"),
        (waiting.access.as_str(), 401, "SECOND_FACTOR_REQUIRED"),
        (eve.access.as_str(), 403, "ENROLMENT_REQUIRED"),
        (house.tom.access.as_str(), 403, "ACCESS_DENIED"),
        (house.adam.access.as_str(), 403, "ACCESS_DENIED"),
        (house.ada.access.as_str(), 403, "ACCESS_DENIED"),
    ] {
        house
            .call("POST", RETURN, token, None)
            .refused(status, code);
    }
    house.call("GET", "/auth/me", &running, None).expect(200);
    server
        .operator("POST", RETURN, None)
        .refused(401, "UNAUTHORIZED");
}
