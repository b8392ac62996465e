//! `/auth/sign-up` over HTTP: closed unless the configuration opens it.

use super::fields;
use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Person, Server, ServerOptions};
use serde_json::{Value, json};
use vestibule::config::Config;
use vestibule::domain::policy::RequireTwoFactor;

const EMAIL: &str = "nell@example.com";

fn opened(config: &mut Config) {
    config.policy.registration = true;
}

fn open_to_all() -> Server {
    Server::start_with(&ServerOptions {
        configure: Some(opened),
    })
}

fn newcomer() -> Value {
    json!({
        "email": EMAIL,
        "password": PASSWORD,
        "firstName": "Nell",
        "lastName": "Guest",
    })
}

fn signs_up(server: &Server, body: Value) -> Answer {
    server.http.post("/auth/sign-up", "", body)
}

fn count(server: &Server) -> usize {
    let answer = server.operator("GET", "/users", None).expect(200);
    answer.json["users"].as_array().unwrap().len()
}

#[test]
fn registration_is_closed_unless_the_configuration_opens_it() {
    let mut server = Server::start();
    let ada = Person::super_admin(&server);
    for body in [newcomer(), json!({ "registration": "open" })] {
        let answer = signs_up(&server, body.clone());
        if body == newcomer() {
            answer.refused(403, "REGISTRATION_CLOSED");
        } else {
            answer.refused(400, "INVALID_REQUEST");
        }
    }
    // Nothing tells who has an account, and what a password is worth is not looked at.
    let mut taken = newcomer();
    taken["email"] = ada.email.as_str().into();
    taken["password"] = "short".into();
    signs_up(&server, taken).refused(403, "REGISTRATION_CLOSED");
    assert_eq!(count(&server), 1);
    server.restart_configured(opened);
    signs_up(&server, newcomer()).expect(201);
    assert_eq!(count(&server), 2);
}

#[test]
fn a_newcomer_is_a_user_without_a_team_and_is_to_enrol() {
    let server = open_to_all();
    let answer = signs_up(&server, newcomer()).expect(201);
    assert_eq!(
        fields(&answer.json),
        ["accessToken", "isTwoFactorEnable", "refreshToken", "stage"]
    );
    assert_eq!(answer.json["stage"], "enrolment");
    assert_eq!(answer.json["isTwoFactorEnable"], false);
    let me = server
        .http
        .get("/auth/me", &answer.text_field("accessToken"));
    let me = me.expect(200).json;
    assert_eq!(me["email"], EMAIL);
    assert_eq!(
        (&me["firstName"], &me["lastName"]),
        (&json!("Nell"), &json!("Guest"))
    );
    assert_eq!((&me["roles"], &me["teams"]), (&json!(["User"]), &json!([])));
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    server.http.post("/auth/sign-in", "", body).expect(200);
    let actions = server.audit_actions();
    assert!(actions.contains(&"user.signed_up".to_owned()));
}

#[test]
fn the_first_to_sign_up_does_not_claim_the_instance() {
    let server = open_to_all();
    signs_up(&server, newcomer()).expect(201);
    assert_eq!(server.shows(1)["roles"], json!(["User"]));
    let body = json!({
        "token": server.set_up_token(),
        "email": "ada@example.com",
        "password": PASSWORD,
        "firstName": "Ada",
        "lastName": "King",
    });
    server.http.post("/setup", "", body).expect(201);
    assert_eq!(server.shows(2)["roles"], json!(["Super Admin"]));
}

/// "The answer does not tell who has an account": it looks the same for an address that is taken, in any
/// case and archived too, and its token stands for nothing.
#[test]
fn the_answer_does_not_tell_who_has_an_account() {
    let server = open_to_all();
    let first = signs_up(&server, newcomer()).expect(201);
    let token = first.text_field("accessToken");
    server.http.get("/auth/me", &token).expect(200);
    for archived in [false, true] {
        if archived {
            server.archives(1);
        }
        for email in [EMAIL, "NELL@example.com", "  nell@EXAMPLE.com "] {
            let mut body = newcomer();
            body["email"] = email.into();
            body["password"] = "violet tram hums softly".into();
            let answer = signs_up(&server, body).expect(201);
            assert_eq!(fields(&answer.json), fields(&first.json));
            for field in ["stage", "refreshToken", "isTwoFactorEnable"] {
                assert_eq!(answer.json[field], first.json[field]);
            }
            let dud = answer.text_field("accessToken");
            assert_eq!(dud.len(), token.len());
            server
                .http
                .get("/auth/me", &dud)
                .refused(401, "UNAUTHORIZED");
        }
    }
    assert_eq!(count(&server), 1);
}

#[test]
fn of_many_at_once_one_makes_the_account() {
    let server = open_to_all();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| signs_up(&server, newcomer()).status))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201; 4]);
    assert_eq!(count(&server), 1);
}

#[test]
fn what_cannot_be_an_account_is_refused() {
    let server = open_to_all();
    for (field, value, code) in [
        ("email", json!("nowhere"), "INVALID_REQUEST"),
        ("email", json!(5), "INVALID_REQUEST"),
        ("firstName", json!(" "), "INVALID_REQUEST"),
        ("lastName", json!("a\u{0}b"), "INVALID_REQUEST"),
        ("password", json!(12_345_678), "INVALID_REQUEST"),
        ("password", json!("short"), "WEAK_PASSWORD"),
        ("password", json!("nell@example.com"), "WEAK_PASSWORD"),
        ("password", json!("x".repeat(129)), "WEAK_PASSWORD"),
    ] {
        let mut body = newcomer();
        body[field] = value;
        signs_up(&server, body).refused(400, code);
    }
    for field in ["email", "password", "firstName", "lastName"] {
        let mut body = newcomer();
        body.as_object_mut().unwrap().remove(field);
        signs_up(&server, body).refused(400, "INVALID_REQUEST");
    }
    assert_eq!(count(&server), 0);
}

#[test]
fn the_policy_decides_the_stage() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            config.policy.registration = true;
            config.policy.require_two_factor = RequireTwoFactor::Everybody;
        }),
    });
    let answer = signs_up(&server, newcomer()).expect(201);
    assert_eq!(answer.json["stage"], "enrolment");
    assert_eq!(answer.json["refreshToken"], "");
    let token = answer.text_field("accessToken");
    server
        .http
        .get("/teams", &token)
        .refused(403, "ENROLMENT_REQUIRED");
}

/// "A budget per address": from one address beyond this machine few accounts are made, from others more.
#[test]
fn an_address_makes_few_accounts() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            config.policy.registration = true;
            config.server.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        }),
    });
    let from = |address: &str, number: u32| {
        let mut body = newcomer();
        body["email"] = format!("nell{number}@example.com").into();
        let headers = [
            ("content-type", "application/json"),
            ("x-forwarded-for", address),
        ];
        let body = body.to_string().into_bytes();
        server
            .http
            .send_raw("POST", "/auth/sign-up", "", &headers, body)
    };
    for number in 0..20 {
        from("198.51.100.7", number).expect(201);
    }
    from("198.51.100.7", 20).refused(429, "TOO_MANY_ATTEMPTS");
    from("198.51.100.8", 21).expect(201);
    assert_eq!(count(&server), 21);
}
