//! `/invitations/accept`: an account is made once, by whoever holds the token.

use super::super::{claims, fields};
use super::{GUEST, accounts, house, ids, invited, invites};
use crate::harness::people::{accepts, token_of};
use crate::harness::person::PASSWORD;
use crate::harness::{Person, Server, ServerOptions};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use vestibule::config::Config;
use vestibule::domain::policy::RequireTwoFactor;

#[test]
fn a_role_that_is_not_named_is_viewer() {
    let (server, [_, _, olga]) = house();
    let body = json!({ "email": GUEST, "teamId": 2 });
    let made = olga.posts(&server, "/invitations", body).expect(201);
    let guest = accepts(&server, &token_of(&made)).expect(201);
    let me = server
        .http
        .get("/auth/me", &guest.text_field("accessToken"));
    assert_eq!(me.json["teams"][0]["role"], "Viewer");
}

#[test]
fn an_accepted_invitation_makes_an_account_in_the_team() {
    let (server, [_, adam, olga]) = house();
    for role in ["Owner", "Manager", "Viewer"] {
        let email = format!("{role}@example.com");
        let body = json!({ "email": email, "teamId": 2, "role": role });
        let made = olga.posts(&server, "/invitations", body).expect(201);
        let answer = accepts(&server, &token_of(&made)).expect(201);
        assert_eq!(
            fields(&answer.json),
            ["accessToken", "isTwoFactorEnable", "refreshToken", "stage"]
        );
        assert_eq!(answer.json["stage"], "full");
        assert_eq!(answer.json["isTwoFactorEnable"], false);
        let token = answer.text_field("accessToken");
        let me = server.http.get("/auth/me", &token).expect(200);
        assert_eq!(claims(&token)["sub"], me.json["id"].to_string());
        assert_eq!(me.json["email"], email);
        assert_eq!(me.json["roles"], json!(["User"]));
        assert_eq!(me.json["firstName"], "Nell");
        let teams = json!([{ "id": 2, "name": "Blue", "role": role, "support": false }]);
        assert_eq!(me.json["teams"], teams);
        let body = json!({ "email": email, "password": PASSWORD });
        server.http.post("/auth/sign-in", "", body).expect(200);
    }
    let token = invited(&server, &adam, GUEST);
    let answer = accepts(&server, &token).expect(201);
    let token = answer.text_field("accessToken");
    let me = server.http.get("/auth/me", &token).expect(200);
    assert_eq!(
        (&me.json["teams"], &me.json["roles"]),
        (&json!([]), &json!(["User"]))
    );
    assert_eq!(ids(&server, &adam), [0; 0]);
    let actions = server.audit_actions();
    let count = |wanted: &str| actions.iter().filter(|action| *action == wanted).count();
    assert_eq!(count("invitation.made"), 4);
    assert_eq!(count("invitation.accepted"), 4);
}

#[test]
fn the_policy_decides_the_stage_of_who_comes_in() {
    let everybody: fn(&mut Config) =
        |config| config.policy.require_two_factor = RequireTwoFactor::Everybody;
    let server = Server::start_with(&ServerOptions {
        configure: Some(everybody),
    });
    let ada = Person::super_admin(&server);
    let token = invited(&server, &ada, GUEST);
    let answer = accepts(&server, &token).expect(201);
    assert_eq!(answer.json["stage"], "enrolment");
    assert_eq!(answer.json["refreshToken"], "");
    let mut nell = Person {
        email: GUEST.to_owned(),
        ..Person::default()
    };
    nell.takes(&answer);
    nell.gets(&server, "/teams")
        .refused(403, "ENROLMENT_REQUIRED");
    nell.enrols(&server);
    nell.gets(&server, "/teams").expect(200);
}

#[test]
fn an_invitation_is_good_once() {
    let (server, [_, adam, _]) = house();
    let token = invited(&server, &adam, GUEST);
    accepts(&server, &token).expect(201);
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
    assert_eq!(accounts(&server, GUEST), 1);
}

#[test]
fn of_many_at_once_one_makes_the_account() {
    let (server, [_, adam, _]) = house();
    let token = invited(&server, &adam, GUEST);
    let statuses: Vec<(u16, String)> = std::thread::scope(|scope| {
        let accept = || {
            let answer = accepts(&server, &token);
            (answer.status, answer.code().to_owned())
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(accept)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let good = statuses.iter().filter(|(status, _)| *status == 201).count();
    let void = (400, "INVALID_TOKEN".to_owned());
    let others = statuses.iter().filter(|other| **other == void).count();
    assert_eq!((good, others), (1, 3), "{statuses:?}");
    assert_eq!(accounts(&server, GUEST), 1);
    assert!(server.audit_is_intact());
}

#[test]
fn an_address_that_was_taken_meanwhile_makes_no_second_account() {
    let (server, [_, _, olga]) = house();
    let token = token_of(&invites(&server, &olga, "Owner").expect(201));
    let squatter = Person::user(&server, "NELL@example.com");
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
    assert_eq!(accounts(&server, GUEST), 1);
    let teams = squatter.gets(&server, "/teams").expect(200);
    assert_eq!(teams.json["teams"], json!([]));
}

/// "Nothing was half written": refused, the invitation is as it was, and good once the address is free.
#[test]
fn an_invitation_whose_address_is_taken_is_not_used_up() {
    let (server, [_, adam, olga]) = house();
    let token = token_of(&invites(&server, &olga, "Owner").expect(201));
    let squatter = Person::added(&server, "NELL@example.com", &["User"]);
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
    assert_eq!(ids(&server, &adam), [1]);
    let path = format!("/users/{}", squatter.id);
    let body = json!({ "email": "other@example.com" });
    adam.patches(&server, &path, body).expect(200);
    accepts(&server, &token).expect(201);
}

#[test]
fn a_weak_password_or_a_bad_name_does_not_use_it_up() {
    let (server, [_, adam, _]) = house();
    let token = invited(&server, &adam, GUEST);
    let body = |password: &str, first: Value| json!({ "token": token, "password": password, "firstName": first });
    let strong = PASSWORD;
    for (password, first, code) in [
        ("short", json!("Nell"), "WEAK_PASSWORD"),
        ("nell@example.com", json!("Nell"), "WEAK_PASSWORD"),
        (strong, json!(" "), "INVALID_REQUEST"),
        (strong, json!("x".repeat(101)), "INVALID_REQUEST"),
        (strong, json!(5), "INVALID_REQUEST"),
        // Nobody has named this guest yet.
        (strong, Value::Null, "INVALID_REQUEST"),
    ] {
        let answer = server
            .http
            .post("/invitations/accept", "", body(password, first));
        answer.refused(400, code);
    }
    accepts(&server, &token).expect(201);
}

#[test]
fn names_are_those_of_the_invitation_unless_the_guest_says_otherwise() {
    let (server, [_, adam, _]) = house();
    for (number, (first, last, expected)) in [
        (None, None, ("Eleanor", "Invited")),
        (Some("Nell"), None, ("Nell", "Invited")),
        (None, Some("Guest"), ("Eleanor", "Guest")),
        (Some("Nell"), Some(""), ("Nell", "")),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({
            "email": format!("guest{number}@example.com"),
            "firstName": "Eleanor",
            "lastName": "Invited",
        });
        let made = adam.posts(&server, "/invitations", body).expect(201);
        let mut body = json!({ "token": token_of(&made), "password": PASSWORD });
        for (field, name) in [("firstName", first), ("lastName", last)] {
            if let Some(name) = name {
                body[field] = name.into();
            }
        }
        let answer = server.http.post("/invitations/accept", "", body);
        let token = answer.expect(201).text_field("accessToken");
        let me = server.http.get("/auth/me", &token).expect(200);
        let names = (&me.json["firstName"], &me.json["lastName"]);
        assert_eq!(names, (&json!(expected.0), &json!(expected.1)));
    }
}

#[test]
fn a_token_is_good_for_its_own_invitation_alone() {
    let (server, [_, adam, _]) = house();
    let token = invited(&server, &adam, GUEST);
    let other = invited(&server, &adam, "other@example.com");
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
    let mut swapped = BASE64URL_NOPAD.decode(other.as_bytes()).unwrap();
    swapped[8..].copy_from_slice(&bytes[8..]);
    let mut bent = bytes.clone();
    *bent.last_mut().unwrap() ^= 1;
    for bad in [
        BASE64URL_NOPAD.encode(&swapped),
        BASE64URL_NOPAD.encode(&bent),
        BASE64URL_NOPAD.encode(&bytes[..8]),
        BASE64URL_NOPAD.encode(&bytes[..23]),
        format!("{token}AA"),
        String::new(),
        "nonsense".to_owned(),
        "\u{ff10}".repeat(32),
    ] {
        accepts(&server, &bad).refused(400, "INVALID_TOKEN");
    }
    for body in [
        json!({}),
        json!({ "token": token }),
        json!({ "token": 1, "password": PASSWORD }),
    ] {
        server
            .http
            .post("/invitations/accept", "", body)
            .refused(400, "INVALID_REQUEST");
    }
    accepts(&server, &token).expect(201);
}
