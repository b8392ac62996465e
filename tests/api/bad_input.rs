//! What no honest client sends: always the one shape of a refusal, never a panic, and the service
//! is there afterwards.

mod bytes;
mod property;

use super::fields;
use crate::harness::{Answer, Person, Server};
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");
const SIGN_IN: &str = "/auth/sign-in";
const CODE: &str = "/2fa/authenticate";

/// Method and path of every endpoint, with a number for a parameter.
fn endpoints() -> Vec<(String, String)> {
    let table = vestibule::http::routes::table();
    assert!(table.len() > 10);
    table
        .iter()
        .map(|endpoint| {
            let path = endpoint.path.replace("{id}", "2");
            (endpoint.method.to_string(), path)
        })
        .collect()
}

/// A refusal has the one shape; anything else is a success.
#[track_caller]
fn assert_orderly(answer: &Answer) {
    assert!(answer.status < 500, "{} {}", answer.status, answer.text);
    if answer.status >= 400 {
        assert_eq!(
            fields(&answer.json),
            ["code", "description", "message"],
            "{}",
            answer.text
        );
    }
}

fn assert_alive(server: &Server) {
    server.http.get("/health/ready", "").expect(200);
}

/// A full session of the first Super Admin, who may ask for everything.
fn house() -> (Server, Person) {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    (server, ada)
}

/// Sign-ins of the wrong type, and the field that is to be named.
fn wrong_sign_ins(ada: &Person) -> [(Value, &'static str); 5] {
    let email = &ada.email;
    // A structure is no array, wherever it stands.
    let array = json!({ "credentials": [email, ada.password] });
    let incomplete = json!({ "credentials": { "email": email } });
    let mistyped = json!({ "credentials": { "email": [], "password": "a" } });
    [
        (json!({ "email": [], "password": "a" }), "email"),
        (json!({ "credentials": 1 }), "credentials"),
        (array, "credentials"),
        (incomplete, "password"),
        (mistyped, "credentials.email"),
    ]
}

#[test]
fn fields_of_the_wrong_type_are_named() {
    let (server, ada) = house();
    let sign_ins = wrong_sign_ins(&ada).map(|(body, field)| ("POST", SIGN_IN, body, field));
    for (method, path, body, field) in sign_ins.into_iter().chain([
        ("POST", "/auth/refresh-token", json!({}), "refreshToken"),
        (
            "POST",
            "/auth/refresh-token",
            json!({ "refreshToken": null }),
            "refreshToken",
        ),
        (
            "POST",
            "/auth/sign-out",
            json!({ "everywhere": "yes" }),
            "everywhere",
        ),
        (
            "POST",
            "/auth/me/notices/dismiss",
            json!({ "ids": 1 }),
            "ids",
        ),
        (
            "POST",
            "/auth/me/notices/dismiss",
            json!({ "ids": [1, -1] }),
            "ids",
        ),
        (
            "POST",
            "/auth/change-password",
            json!({}),
            "currentPassword",
        ),
        ("POST", CODE, json!({}), "code"),
        ("POST", CODE, json!({ "code": 123_456 }), "code"),
        (
            "POST",
            "/2fa/enable-two-factor-auth",
            json!({ "code": null }),
            "code",
        ),
        (
            "POST",
            "/2fa/disable-two-factor-auth",
            json!({ "code": 1.5 }),
            "code",
        ),
        ("POST", "/2fa/recovery-codes", json!({ "code": {} }), "code"),
        ("PATCH", "/users/archive", json!({ "ids": [1.5] }), "ids"),
        ("PATCH", "/users/restore", json!({ "id": [1] }), "ids"),
    ]) {
        let answer = server.http.send(method, path, &ada.access, Some(&body));
        let answer = answer.refused(400, "INVALID_REQUEST");
        let description = answer.text_field("description");
        assert!(description.contains(field), "{path}: {description}");
    }
    assert_alive(&server);
}

#[test]
fn what_is_no_json_object_is_refused_everywhere() {
    let (server, ada) = house();
    let deep = format!(
        "{{\"code\":\"1\",\"more\":{}{}}}",
        "[".repeat(8000),
        "]".repeat(8000)
    );
    let bodies: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"nonsense".to_vec(),
        b"{\"code\":\"1\"} and more".to_vec(),
        b"{\"code\":\"1\",}".to_vec(),
        b"[\"123456\"]".to_vec(),
        b"[[1]]".to_vec(),
        b"null".to_vec(),
        b"\"code\"".to_vec(),
        b"\xff\xfe{}".to_vec(),
        b"{\"code\":\"\xff\"}".to_vec(),
        b"{\"email\":\"a@b\",\"password\":\"a\",\"more\":\"\xff\"}".to_vec(),
        b"{\"code\":\"1\",\"code\":\"2\",\"email\":1,\"refreshToken\":1,\"ids\":1}".to_vec(),
        vec![0; 100],
        "[".repeat(16_000).into_bytes(),
        deep.replace("\"code\":\"1\"", "\"email\":\"a@b\",\"password\":\"a\"")
            .into_bytes(),
        deep.into_bytes(),
    ];
    for path in [
        SIGN_IN,
        CODE,
        "/auth/refresh-token",
        "/auth/change-password",
    ] {
        for body in &bodies {
            let answer = server
                .http
                .send_raw("POST", path, &ada.access, &[JSON], body.clone());
            answer.refused(400, "INVALID_REQUEST");
        }
        let empty = server
            .http
            .send_raw("POST", path, &ada.access, &[JSON], vec![]);
        empty.refused(400, "INVALID_REQUEST");
    }
    let status = ada.gets(&server, "/2fa/status").expect(200);
    assert_eq!(status.json["failedSinceLastSignIn"], 0, "none was a try");
    assert_alive(&server);
}

#[test]
fn a_body_of_another_type_is_refused() {
    let (server, ada) = house();
    let body = || br#"{"code":"123456","email":"a@b","password":"a"}"#.to_vec();
    for path in [SIGN_IN, CODE, "/2fa/recovery-codes"] {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json5",
            "application/jsonp, application/json",
            "",
        ] {
            let headers = [("content-type", kind)];
            server
                .http
                .send_raw("POST", path, &ada.access, &headers, body())
                .refused(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        server
            .http
            .send_raw("POST", path, &ada.access, &[], body())
            .refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let headers = [("content-type", "Application/JSON; charset=utf-8")];
    server
        .http
        .send_raw("POST", SIGN_IN, "", &headers, body())
        .refused(400, "INVALID_CREDENTIALS");
}

#[test]
fn sixteen_kibibytes_are_the_most() {
    let (server, ada) = house();
    let body = |length: usize| {
        let frame = json!({ "code": "" }).to_string().len();
        json!({ "code": "1".repeat(length - frame) })
            .to_string()
            .into_bytes()
    };
    let most = 16 * 1024;
    let answer = server
        .http
        .send_raw("POST", CODE, &ada.access, &[JSON], body(most));
    answer.refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    let answer = server
        .http
        .send_raw("POST", CODE, &ada.access, &[JSON], body(most + 1));
    answer.refused(413, "BODY_TOO_LARGE");
    assert_alive(&server);
}

#[test]
fn unknown_paths_and_methods_are_refused_in_the_same_shape() {
    let (server, ada) = house();
    for path in [
        "/nothing",
        "/2fa",
        "/2fa/",
        "/2fa/nothing",
        "/2fa/authenticate/more",
        "/2FA/status",
        "/auth",
        "/auth//me",
        "/users/1/more",
        "/audit/head/1",
        "/health",
        "/.well-known/",
        "/.env",
        "/%00",
        "/%ff%fe",
        "/users%2f1",
        "/operator/users",
    ] {
        for token in ["", ada.access.as_str()] {
            for method in ["GET", "POST", "BREW"] {
                let answer = server.http.send(method, path, token, None);
                answer.refused(404, "NOT_FOUND");
            }
        }
    }
    for (_, path) in endpoints() {
        for method in ["BREW", "TRACE", "PROPFIND"] {
            let answer = server.http.send(method, &path, &ada.access, None);
            if path == "/setup" {
                // Claimed, and so gone.
                answer.refused(404, "NOT_FOUND");
                continue;
            }
            assert!(answer.header("allow").is_some(), "{path}");
            answer.refused(405, "METHOD_NOT_ALLOWED");
        }
    }
    assert_alive(&server);
}

#[test]
fn odd_queries_change_nothing() {
    let (server, ada) = house();
    for (path, status) in [
        ("/auth/me?", 200),
        ("/auth/me?=&&=%", 200),
        ("/users?search=%ff%00%zz", 200),
        ("/users?limit=1&limit=nonsense", 200),
        ("/users?cursor=18446744073709551615", 200),
        ("/users?cursor=18446744073709551616", 400),
        ("/users/+1", 404),
        ("/audit?after=18446744073709551615", 200),
        ("/audit?limit=18446744073709551615", 200),
        ("/2fa/generate-qr?replace=TRUE", 400),
    ] {
        let answer = ada.gets(&server, path);
        assert_orderly(&answer);
        answer.expect(status);
    }
    let path = format!("/users?search={}", "a".repeat(6000));
    let answer = ada.gets(&server, &path).expect(200);
    assert_eq!(answer.json["users"], json!([]));
    assert_alive(&server);
}

#[test]
fn large_numbers_and_long_texts_are_taken_calmly() {
    let (server, ada) = house();
    let big: Value = serde_json::from_str("18446744073709551616").unwrap();
    for ids in [json!([u64::MAX]), json!([0]), json!([big])] {
        let body = json!({ "ids": ids });
        for path in ["/users/archive", "/users/restore"] {
            let answer = server.http.send("PATCH", path, &ada.access, Some(&body));
            assert_orderly(&answer);
            assert!(answer.status >= 400, "{}", answer.text);
        }
        let dismissed = ada.posts(&server, "/auth/me/notices/dismiss", body);
        assert_orderly(&dismissed);
    }
    let long = "ä".repeat(7000);
    let body = json!({ "email": format!("{long}@example.com"), "password": "a" });
    server
        .http
        .post(SIGN_IN, "", body)
        .refused(400, "INVALID_CREDENTIALS");
    for token in [long.as_str(), "a.b.c", "..", ".", "%00", "AAAA AAAA"] {
        let value = format!("Bearer {token}");
        if token.is_ascii() {
            let headers = [("authorization", value.as_str())];
            server
                .http
                .send_raw("GET", "/auth/me", "", &headers, vec![])
                .refused(401, "UNAUTHORIZED");
        }
    }
    assert_alive(&server);
}
