//! `/health` and `/.well-known`, the pages, and what every answer carries.

use super::fields;
use crate::harness::http::GUARDS;
use crate::harness::{Person, Server};
use serde_json::json;
use std::io::ErrorKind;

const KEYS: &str = "/.well-known/jwks.json";
const OPEN: [&str; 3] = ["/health/live", "/health/ready", KEYS];

#[test]
fn health_says_no_more_than_it_must() {
    let server = Server::start();
    let live = server.http.get("/health/live", "").expect(200);
    assert_eq!(live.json, json!({ "status": "live" }));
    let ready = server.http.get("/health/ready", "").expect(200);
    assert_eq!(ready.json, json!({ "status": "ready" }));
}

/// A refusal like any other, which tells strangers nothing of the cause.
fn not_ready(server: &Server) {
    let answer = server.http.get("/health/ready", "");
    let answer = answer.refused(503, "STORE_UNAVAILABLE");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds > 0);
    assert_eq!(answer.json["message"], "The service is not ready.");
    for detail in ["clock", "disk", "space", "fault", "device", "time"] {
        assert!(!answer.text.contains(detail), "{}", answer.text);
    }
}

#[test]
fn a_clock_before_the_service_was_made_is_not_ready() {
    let server = Server::start();
    server.clock.jump(-200 * 86_400);
    not_ready(&server);
    server.http.get("/health/live", "").expect(200);
    server.clock.jump(200 * 86_400);
    server.http.get("/health/ready", "").expect(200);
}

/// "If it jumps back behind a user's last accepted step … health says why": the log does, strangers are
/// told nothing.
#[test]
fn a_clock_that_was_set_back_is_not_ready_until_it_has_caught_up() {
    let server = Server::start();
    let mut grace = Person::protected(&server, "grace@example.com");
    server.clock.jump(-300);
    server.http.get("/health/ready", "").expect(200);
    server.clock.jump(-1);
    not_ready(&server);
    server.clock.advance(1);
    server.http.get("/health/ready", "").expect(200);
    // What happens later is the newest, whatever was written when the clock was ahead.
    server.clock.jump(86_400);
    grace.signs_in(&server).expect(200);
    server.clock.jump(-86_400);
    not_ready(&server);
    grace.signs_in(&server).expect(200);
    server.http.get("/health/ready", "").expect(200);
}

#[test]
fn a_store_that_cannot_be_written_is_not_ready() {
    let server = Server::start();
    let mut grace = Person::added(&server, "grace@example.com", &["User"]);
    server.http.get("/health/ready", "").expect(200);
    server.medium.fail_always(ErrorKind::StorageFull);
    server.clock.advance(2);
    not_ready(&server);
    server.http.get("/health/live", "").expect(200);
    let answer = grace.signs_in(&server).refused(503, "STORE_UNAVAILABLE");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds > 0);
    server.medium.heal();
}

/// A good look at the store is believed for two seconds; a write that fails says more than it.
#[test]
fn a_write_that_failed_is_not_covered_by_an_earlier_look() {
    let server = Server::start();
    let mut grace = Person::added(&server, "grace@example.com", &["User"]);
    server.http.get("/health/ready", "").expect(200);
    server.medium.fail_always(ErrorKind::StorageFull);
    grace.signs_in(&server).refused(503, "STORE_UNAVAILABLE");
    not_ready(&server);
    server.medium.heal();
}

#[test]
fn public_keys_are_public_and_nothing_more() {
    let server = Server::start();
    let answer = server.http.get(KEYS, "").expect(200);
    assert_eq!(fields(&answer.json), ["keys"]);
    let keys = answer.json["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(fields(&keys[0]), ["alg", "crv", "kid", "kty", "use", "x"]);
    for (field, value) in [
        ("alg", "EdDSA"),
        ("crv", "Ed25519"),
        ("kty", "OKP"),
        ("use", "sig"),
    ] {
        assert_eq!(keys[0][field], value);
    }
}

#[test]
fn what_is_public_answers_head_as_it_answers_get() {
    let server = Server::start();
    for path in OPEN
        .into_iter()
        .chain(["/", "/sign-in", "/enrol", "/setup"])
    {
        let get = server.http.get(path, "").expect(200);
        let head = server.http.send("HEAD", path, "", None).expect(200);
        assert_eq!(head.text, "", "{path}");
        for name in ["content-type", "content-length", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let token = ada.access.as_str();
    for (method, path, allow) in [
        ("POST", "/health/live", "GET, HEAD"),
        ("DELETE", KEYS, "GET, HEAD"),
        ("GET", "/2fa/authenticate", "POST"),
        ("HEAD", "/auth/sign-in", "POST"),
        ("POST", "/2fa/generate-qr", "GET"),
        ("HEAD", "/auth/me", "GET, PATCH"),
        ("OPTIONS", "/auth/me", "GET, PATCH"),
        ("POST", "/users", "GET"),
        ("GET", "/users/archive", "PATCH"),
        ("DELETE", "/users/1", "GET, PATCH"),
        ("BREW", "/audit", "GET"),
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/sign-in", "GET, HEAD"),
        ("PUT", "/assets/look/style.css", "GET, HEAD"),
    ] {
        let answer = server.http.send(method, path, token, None);
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        if method == "HEAD" {
            answer.expect(405);
        } else {
            answer.refused(405, "METHOD_NOT_ALLOWED");
        }
    }
    let fresh = Server::start();
    let answer = fresh.http.send("PUT", "/setup", "", None);
    assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
    answer.refused(405, "METHOD_NOT_ALLOWED");
}

#[test]
fn pages_are_known_again_by_their_tag() {
    let server = Server::start();
    for path in [
        "/",
        "/sign-in",
        "/assets/look/style.css",
        "/assets/look/icon.svg",
    ] {
        let first = server.http.get(path, "").expect(200);
        let tag = first.header("etag").unwrap();
        assert_eq!(first.header("cache-control"), Some("no-cache"));
        for known in [tag.to_owned(), format!("\"other\", {tag}")] {
            let headers = [("if-none-match", known.as_str())];
            let again = server.http.send_raw("GET", path, "", &headers, vec![]);
            let again = again.expect(304);
            assert_eq!((again.text.as_str(), again.header("etag")), ("", Some(tag)));
        }
        let headers = [("if-none-match", "\"other\"")];
        let again = server.http.send_raw("GET", path, "", &headers, vec![]);
        assert_eq!(again.expect(200).text, first.text);
    }
    for path in [
        "/assets/",
        "/assets/nothing.js",
        "/assets/pages/account.html",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
    ] {
        let answer = server.http.get(path, "");
        answer.refused(404, "NOT_FOUND");
    }
}

#[test]
fn files_are_packed_for_those_who_ask_and_answers_to_people_never() {
    let server = Server::start();
    let grace = Person::user(&server, "grace@example.com");
    let length = |answer: &crate::harness::Answer| -> usize {
        answer.header("content-length").unwrap().parse().unwrap()
    };
    let packed = [("accept-encoding", "gzip")];
    let plain = [("accept-encoding", "identity")];
    for path in ["/sign-in", "/assets/look/style.css", "/openapi.json"] {
        let asked = |headers| server.http.send_raw("HEAD", path, "", headers, vec![]);
        let (packed, plain) = (asked(&packed).expect(200), asked(&plain).expect(200));
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        assert!(length(&packed) < length(&plain) * 2 / 3, "{path}");
        for answer in [&packed, &plain] {
            assert_eq!(answer.header("vary"), Some("accept-encoding"), "{path}");
        }
        let tags = [packed.header("etag"), plain.header("etag")];
        assert!(tags == [None, None] || tags[0] != tags[1], "{path}");
    }
    // The length of packed text tells of what is in it.
    let me = server
        .http
        .send_raw("GET", "/auth/me", &grace.access, &packed, vec![]);
    assert_eq!(me.expect(200).header("content-encoding"), None);
}

#[test]
fn every_answer_carries_the_headers_that_keep_browsers_in() {
    let server = Server::start();
    let grace = Person::user(&server, "grace@example.com");
    let foreign = [("origin", "http://evil.example")];
    for answer in [
        server.http.get("/", ""),
        grace.gets(&server, "/auth/me"),
        server.http.get("/auth/me", ""),
        server.http.get("/nothing", ""),
        server.http.send("PUT", "/auth/me", "", None),
        server.http.send_raw("GET", "/", "", &foreign, vec![]),
    ] {
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        for (name, value) in GUARDS {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        let names = answer.headers.keys().map(|name| name.as_str());
        for name in names {
            assert!(
                !name.starts_with("access-control-") && name != "set-cookie",
                "{name}"
            );
        }
        if answer.header("etag").is_none() {
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    }
}
