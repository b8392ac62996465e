//! `/setup` over HTTP: the one claim of a new instance.

use super::fields;
use crate::harness::person::PASSWORD;
use crate::harness::{Person, Server};
use serde_json::{Value, json};
use std::thread;

fn claim(token: &str) -> Value {
    json!({
        "token": token,
        "email": "ada@example.com",
        "password": PASSWORD,
        "firstName": "Ada",
        "lastName": "King",
    })
}

#[test]
fn the_claim_makes_the_first_super_admin_who_is_to_enrol() {
    let server = Server::start();
    let answer = server
        .http
        .post("/setup", "", claim(&server.set_up_token()))
        .expect(201);
    assert_eq!(
        fields(&answer.json),
        ["accessToken", "isTwoFactorEnable", "refreshToken", "stage"]
    );
    assert_eq!(answer.json["stage"], "enrolment");
    assert_eq!(answer.json["refreshToken"], "");
    assert_eq!(answer.json["isTwoFactorEnable"], false);
    let token = answer.text_field("accessToken");
    let me = server.http.get("/auth/me", &token).expect(200);
    assert_eq!(me.json["roles"], json!(["Super Admin"]));
    assert_eq!(me.json["teams"][0]["name"], "Support");
    assert_eq!(me.json["teams"][0]["support"], true);
    server
        .http
        .get("/users", &token)
        .refused(403, "ENROLMENT_REQUIRED");
}

#[test]
fn after_the_claim_there_is_nothing_there() {
    let server = Server::start();
    let page = server.http.get("/setup", "").expect(200);
    assert!(page.text.starts_with("<!doctype html>"));
    server
        .http
        .get("/assets/pages/setup.html", "")
        .refused(404, "NOT_FOUND");
    let token = server.set_up_token();
    server.http.post("/setup", "", claim(&token)).expect(201);
    server
        .http
        .post("/setup", "", claim(&token))
        .refused(404, "NOT_FOUND");
    for body in [json!({}), json!("nonsense")] {
        server
            .http
            .post("/setup", "", body)
            .refused(404, "NOT_FOUND");
    }
    server.http.get("/setup", "").refused(404, "NOT_FOUND");
    server
        .http
        .get("/assets/pages/setup.html", "")
        .refused(404, "NOT_FOUND");
    server.http.send("HEAD", "/setup", "", None).expect(404);
    for path in ["/setup", "/setup/"] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            let answer = server.http.send(method, path, "", None);
            assert_eq!(answer.header("allow"), None, "{method} {path}");
            answer.refused(404, "NOT_FOUND");
        }
    }
    server
        .operator("POST", "/operator/set-up-link", None)
        .refused(404, "NOT_FOUND");
}

#[test]
fn only_the_newest_link_opens_within_a_day() {
    let server = Server::start();
    let old = server.set_up_token();
    let new = server.set_up_token();
    for bad in [old.as_str(), "", "no token", &new[1..]] {
        server
            .http
            .post("/setup", "", claim(bad))
            .refused(400, "INVALID_TOKEN");
    }
    server.clock.advance(86_400);
    server
        .http
        .post("/setup", "", claim(&new))
        .refused(400, "INVALID_TOKEN");
    let newest = server.set_up_token();
    server.clock.advance(86_399);
    server.http.post("/setup", "", claim(&newest)).expect(201);
}

#[test]
fn a_claim_that_is_refused_leaves_the_link_good() {
    let server = Server::start();
    let token = server.set_up_token();
    for (field, value, code) in [
        ("email", "no address", "INVALID_REQUEST"),
        ("firstName", "", "INVALID_REQUEST"),
        ("lastName", "a\u{7}b", "INVALID_REQUEST"),
        ("password", "short", "WEAK_PASSWORD"),
        ("password", "Ada King", "WEAK_PASSWORD"),
    ] {
        let mut body = claim(&token);
        body[field] = value.into();
        server.http.post("/setup", "", body).refused(400, code);
    }
    for field in ["token", "email", "password", "firstName", "lastName"] {
        let mut body = claim(&token);
        body.as_object_mut().unwrap().remove(field);
        let answer = server
            .http
            .post("/setup", "", body)
            .refused(400, "INVALID_REQUEST");
        assert!(answer.text_field("description").contains(field));
    }
    server.http.post("/setup", "", claim(&token)).expect(201);
}

#[test]
fn of_many_claims_at_once_one_wins() {
    let server = Server::start();
    let token = server.set_up_token();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let claims: Vec<_> = (0..8)
            .map(|number| {
                let (http, mut body) = (server.http.clone(), claim(&token));
                body["email"] = format!("ada{number}@example.com").into();
                scope.spawn(move || http.post("/setup", "", body).status)
            })
            .collect();
        claims.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(201), count(404)), (1, 7), "{statuses:?}");
    let users = server.operator("GET", "/users", None).expect(200);
    assert_eq!(users.json["users"].as_array().unwrap().len(), 1);
}

#[test]
fn an_administrator_made_at_the_machine_is_a_claim_too() {
    let server = Server::start();
    let token = server.set_up_token();
    Person::added(&server, "grace@example.com", &["Super Admin"]);
    server
        .http
        .post("/setup", "", claim(&token))
        .refused(404, "NOT_FOUND");
}
