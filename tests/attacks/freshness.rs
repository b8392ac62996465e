//! What takes a fresh code, and to whom freshness belongs.

use crate::harness::{Answer, House, Person, Server, ServerOptions};
use serde_json::{Value, json};
use vestibule::config::Config;
use vestibule::domain::policy::RequireTwoFactor;

/// Seconds after which a code is no longer fresh.
const STALE: u64 = 301;

/// "Returning from an impersonation is not fresh": its token alone must not yield a session in which
/// powerful acts need no code. The control: the actor's own session is fresh without it.
#[test]
fn the_way_back_from_an_impersonation_is_not_fresh() {
    let house = House::new();
    let server = &house.server;
    let roles = || Some(json!({ "roles": ["User"] }));
    let path = format!("/users/{}", house.tom.id);
    let token = house.as_tom(&house.ada);
    house.ada.sends(server, "PATCH", &path, roles()).expect(200);
    let back = house
        .call("POST", "/2fa/desimpersonation", &token, None)
        .expect(200);
    let back = back.text_field("accessToken");
    house
        .call("PATCH", &path, &back, roles())
        .refused(403, "FRESH_CODE_REQUIRED");
    // It is a full session all the same, also right after a start of the service.
    house.call("GET", "/users", &back, None).expect(200);
}

/// "Archiving and restoring, changing an e-mail address, the support mark, membership of the support
/// team and roles take a fresh code"; a name does not.
#[test]
fn powerful_acts_take_a_fresh_code() {
    let house = House::new();
    let server = &house.server;
    let quay = server
        .operator("POST", "/teams", Some(json!({ "name": "Quay" })))
        .expect(201);
    let quay = quay.json["id"].as_u64().unwrap();
    let person = format!("/users/{}", house.tom.id);
    let team = format!("/teams/{quay}");
    let acts: [(&str, &str, Value); 8] = [
        ("PATCH", "/users/archive", json!({ "ids": [house.tom.id] })),
        ("PATCH", "/users/restore", json!({ "ids": [house.tom.id] })),
        ("PATCH", &person, json!({ "email": "thomas@example.com" })),
        ("PATCH", &person, json!({ "roles": ["User"] })),
        (
            "POST",
            "/teams/1/members",
            json!({ "userId": house.tom.id, "role": "Viewer" }),
        ),
        ("PATCH", "/teams/1/members/2", json!({ "role": "Manager" })),
        (
            "POST",
            "/invitations",
            json!({ "email": "n@example.com", "teamId": 1, "role": "Viewer" }),
        ),
        ("PATCH", &team, json!({ "support": true })),
    ];
    server.clock.advance(STALE);
    for (method, path, body) in &acts {
        let answer = house.ada.sends(server, method, path, Some(body.clone()));
        answer.refused(403, "FRESH_CODE_REQUIRED");
    }
    let name = json!({ "firstName": "Thomas" });
    house
        .ada
        .sends(server, "PATCH", &person, Some(name))
        .expect(200);
    let mut ada = house.ada.clone();
    let code = ada.code(server);
    ada.authenticates(server, &code).expect(200);
    for (method, path, body) in acts {
        let answer = ada.sends(server, method, path, Some(body));
        assert!(answer.status < 300, "{method} {path}: {}", answer.text);
    }
}

/// "A factor in force takes part in its own replacement": a stolen access token, minutes after its
/// owner's code, does not swap the phone; a code or a recovery code of the old one does.
#[test]
fn a_token_alone_does_not_swap_the_factor() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    let begins = |ada: &Person| {
        let mut holder = ada.clone();
        holder.scans_with(&server, "?replace=true").expect(200);
        holder
    };
    let thief = begins(&ada);
    let code = thief.code(&server);
    for body in [
        json!({ "code": code }),
        json!({ "code": code, "currentCode": null }),
    ] {
        let answer = ada.posts(&server, "/2fa/enable-two-factor-auth", body);
        answer.refused(403, "FRESH_CODE_REQUIRED");
    }
    let wrong = json!({ "code": code, "currentCode": code });
    let refused = ada
        .posts(&server, "/2fa/enable-two-factor-auth", wrong)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    // Told apart from a wrong code of the new phone, by the field's name.
    let names_the_old = |answer: &Answer| {
        let description = answer.json["description"].as_str().unwrap();
        description.starts_with("`currentCode`: ")
    };
    assert!(names_the_old(&refused), "{}", refused.text);
    let wrong = json!({ "code": thief.wrong_code(&server), "currentCode": code });
    let refused = ada
        .posts(&server, "/2fa/enable-two-factor-auth", wrong)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    assert!(!names_the_old(&refused), "{}", refused.text);
    // The old phone still works, and with it the owner moves to the new one.
    server.clock.advance(60);
    let old = ada.code(&server);
    ada.authenticates(&server, &old).expect(200);
    let new = begins(&ada);
    server.clock.advance(30);
    let both = json!({ "code": new.code(&server), "currentCode": ada.code(&server) });
    let moved = ada
        .posts(&server, "/2fa/enable-two-factor-auth", both)
        .expect(200);
    assert_eq!(
        moved.json["recoveryCodes"].as_array().map(Vec::len),
        Some(10)
    );
}

/// "Switching off while locked is refused", also in a session whose code is still fresh.
#[test]
fn a_locked_factor_is_not_switched_off() {
    fn nobody_must(config: &mut Config) {
        config.policy.require_two_factor = RequireTwoFactor::Nobody;
    }
    let server = Server::start_with(&ServerOptions {
        configure: Some(nobody_must),
    });
    let _ada = Person::super_admin(&server);
    let bob = Person::protected(&server, "bob@example.com");
    let mut guesser = bob.clone();
    guesser.signs_in(&server).expect(200);
    for _ in 0..20 {
        guesser
            .authenticates(&server, "AAAA-BBBB-CCCC-DDDD")
            .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    }
    bob.posts(&server, "/2fa/disable-two-factor-auth", json!({}))
        .refused(403, "SECOND_FACTOR_LOCKED");
    let unlock = format!("/operator/users/{}/unlock", bob.id);
    server.operator("POST", &unlock, None).expect(200);
}
