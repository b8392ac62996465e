//! Where a request comes from: the word of a proxy that was named, and of nobody else. The public
//! incident is RubyGems' (GHSA-c55g-q6f4-5qxr): a header of random addresses escaped every limit.

use crate::harness::{Answer, Person, Server, ServerOptions};
use serde_json::json;
use vestibule::config::Config;

/// Wrong passwords of one address that cost nothing.
const BURST: usize = 20;

fn name_the_proxy(config: &mut Config) {
    config.server.trusted_proxies = ["127.0.0.1/32", "10.0.0.0/8"]
        .map(|network| network.parse().unwrap())
        .to_vec();
}

fn behind_a_proxy() -> Server {
    Server::start_with(&ServerOptions {
        configure: Some(name_the_proxy),
    })
}

fn sign_in(server: &Server, forwarded: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password }).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("x-forwarded-for", forwarded),
    ];
    server
        .http
        .send_raw("POST", "/auth/sign-in", "", &headers, body.into_bytes())
}

/// The address of the last sign-in, by the audit log.
fn noted(server: &Server) -> String {
    let page = server
        .operator("GET", "/audit?limit=1000&action=sign_in.finished", None)
        .expect(200);
    let events = page.json["events"].as_array().unwrap();
    events.last().unwrap()["address"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_proxy_that_was_not_named_is_not_heard() {
    let server = Server::start();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    sign_in(&server, "198.51.100.7", &bob.email, &bob.password).expect(200);
    assert_eq!(noted(&server), "127.0.0.1");
}

#[test]
fn a_proxy_that_was_named_is_heard_about_the_last_hop_before_it() {
    let server = behind_a_proxy();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    for (forwarded, expected) in [
        ("198.51.100.7", "198.51.100.7"),
        ("6.6.6.6, 198.51.100.8", "198.51.100.8"),
        ("6.6.6.6, 198.51.100.9, 10.0.0.3", "198.51.100.9"),
        ("198.51.100.9, nonsense", "127.0.0.1"),
    ] {
        sign_in(&server, forwarded, &bob.email, &bob.password).expect(200);
        assert_eq!(noted(&server), expected, "{forwarded}");
    }
}

#[test]
fn random_words_before_the_real_address_escape_no_limit() {
    let server = behind_a_proxy();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    for number in 0..BURST {
        let forwarded = format!("203.0.113.{number}, 198.51.100.7");
        let email = format!("guess{number}@example.com");
        sign_in(&server, &forwarded, &email, "wrong").refused(400, "INVALID_CREDENTIALS");
    }
    for number in 0..5 {
        let forwarded = format!("203.0.113.{}, 198.51.100.7", 100 + number);
        let answer = sign_in(&server, &forwarded, &bob.email, &bob.password);
        let answer = answer.refused(429, "TOO_MANY_ATTEMPTS");
        assert_eq!(answer.header("retry-after"), Some("30"));
    }
    // Others, also Bob from elsewhere, are not kept out.
    sign_in(&server, "198.51.100.8", &bob.email, &bob.password).expect(200);
    server.clock.advance(30);
    sign_in(&server, "198.51.100.7", &bob.email, "wrong").refused(400, "INVALID_CREDENTIALS");
    sign_in(&server, "198.51.100.7", &bob.email, "wrong").refused(429, "TOO_MANY_ATTEMPTS");
}

#[test]
fn right_passwords_use_up_nothing_and_parallel_guesses_gain_nothing() {
    let server = behind_a_proxy();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    for _ in 0..BURST + 5 {
        sign_in(&server, "198.51.100.7", &bob.email, &bob.password).expect(200);
    }
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..BURST + 20)
            .map(|_| {
                scope.spawn(|| sign_in(&server, "198.51.100.7", "eve@example.com", "wrong").status)
            })
            .collect();
        guesses
            .into_iter()
            .map(|guess| guess.join().unwrap())
            .collect()
    });
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    // Some are turned away because the pool is full, which costs no try; none beyond the limit.
    assert!(count(400) <= BURST, "{statuses:?}");
    assert_eq!(
        count(400) + count(429) + count(503),
        statuses.len(),
        "{statuses:?}"
    );
    let limit_reached = sign_in(&server, "2001:db8::1", "eve@example.com", "wrong");
    limit_reached.refused(400, "INVALID_CREDENTIALS");
}

#[test]
fn on_loopback_there_is_no_limit_of_the_address() {
    let server = Server::start();
    for number in 0..BURST + 5 {
        let email = format!("guess{number}@example.com");
        sign_in(&server, "198.51.100.7", &email, "wrong").refused(400, "INVALID_CREDENTIALS");
    }
}
