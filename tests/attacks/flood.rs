//! Attempts to shut the door for others: passwords, guesses and refusals in masses.

use super::at_once;
use crate::harness::{Answer, House, Person, Server, ServerOptions};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use vestibule::config::Config;

fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    server.http.post("/auth/sign-in", "", body)
}

fn behind_a_proxy() -> Server {
    fn name_the_proxy(config: &mut Config) {
        config.server.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    }
    Server::start_with(&ServerOptions {
        configure: Some(name_the_proxy),
    })
}

fn sign_in_from(server: &Server, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password }).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("x-forwarded-for", address),
    ];
    server
        .http
        .send_raw("POST", "/auth/sign-in", "", &headers, body.into_bytes())
}

/// "Few requests may sleep at once, one for a text": of many sign-ins with one text one waits, and the
/// others are told at once when to come back. Another person signs in meanwhile.
#[test]
fn one_waits_for_a_text_and_the_others_are_told_when_to_come_back() {
    let server = Server::start();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    for _ in 0..8 {
        sign_in(&server, "eve@example.com", "wrong").refused(400, "INVALID_CREDENTIALS");
        if server.http.get("/health/live", "").status != 200 {
            panic!("the service does not answer");
        }
    }
    let told = AtomicUsize::new(0);
    let entered = at_once(41, |index| {
        if index == 40 {
            return sign_in(&server, &bob.email, &bob.password).status;
        }
        let answer = sign_in(&server, "eve@example.com", "wrong");
        if answer.status == 429 {
            assert!(answer.header("retry-after").is_some(), "{}", answer.text);
            told.fetch_add(1, Ordering::Relaxed);
        } else {
            answer.refused(400, "INVALID_CREDENTIALS");
        }
        0
    });
    assert_eq!(entered, 1);
    assert!(told.into_inner() >= 30);
}

/// "Guesses in parallel get no more than guesses in turn": the first tries are free, one more waits, and
/// nothing else is looked at. The control: tries for as many accounts are all looked at.
#[test]
fn guesses_in_parallel_get_no_more_than_in_turn() {
    let server = Server::start();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    let evaluated = |email: &(dyn Fn(usize) -> String + Sync)| {
        let count = AtomicUsize::new(0);
        at_once(60, |index| {
            let answer = sign_in(&server, &email(index), "wrong");
            if answer.status == 400 {
                count.fetch_add(1, Ordering::Relaxed);
            } else {
                answer.refused(429, "TOO_MANY_ATTEMPTS");
            }
            0
        });
        count.into_inner()
    };
    assert!(evaluated(&|_| bob.email.clone()) <= 20);
    assert_eq!(evaluated(&|index| format!("{index}@example.com")), 60);
}

/// "A slow budget of the account that never locks out a device which signed in before": guesses from
/// very many addresses end, a stranger's right password has to wait, and Bob's own address does not.
#[test]
fn guesses_from_many_addresses_lock_no_known_device_out() {
    let server = behind_a_proxy();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    sign_in_from(&server, "198.51.100.7", &bob.email, &bob.password).expect(200);
    let statuses: Vec<u16> = (0..60)
        .map(|n| sign_in_from(&server, &format!("2001:db8:{n:x}::1"), &bob.email, "wrong").status)
        .collect();
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(400), count(429)), (40, 20), "{statuses:?}");
    let stranger = sign_in_from(&server, "203.0.113.9", &bob.email, &bob.password);
    stranger.refused(429, "TOO_MANY_ATTEMPTS");
    sign_in_from(&server, "198.51.100.7", &bob.email, &bob.password).expect(200);
    // Another account is not concerned, and the budget comes back.
    let eve = Person::added(&server, "eve@example.com", &["User"]);
    sign_in_from(&server, "203.0.113.9", &eve.email, &eve.password).expect(200);
    server.clock.advance(60);
    sign_in_from(&server, "203.0.113.9", &bob.email, &bob.password).expect(200);
}

/// "Tries per link and address are limited": judging a password costs time, so a link has ten tries.
#[test]
fn a_link_has_few_tries() {
    let server = Server::start();
    let _ada = Person::super_admin(&server);
    let body = json!({ "email": "nell@example.com", "firstName": "Nell", "lastName": "Guest" });
    let made = server
        .operator("POST", "/invitations", Some(body))
        .expect(201);
    let token = crate::harness::people::token_of(&made);
    let accepts = |password: &str| {
        let body = json!({ "token": token, "password": password });
        server.http.post("/invitations/accept", "", body)
    };
    for _ in 0..10 {
        accepts("password1").refused(400, "WEAK_PASSWORD");
    }
    let refused = accepts("grey otter plays cello").refused(429, "TOO_MANY_ATTEMPTS");
    assert_eq!(refused.header("retry-after"), Some("30"));
    server.clock.advance(30);
    accepts("grey otter plays cello").expect(201);
}

/// "Whatever a plain user can make the service write has a budget", while an administrator works on.
#[test]
fn what_a_plain_user_makes_the_log_grow_by_has_a_budget() {
    let house = House::new();
    let rename = |person: &Person, n: usize| {
        let body = json!({ "firstName": format!("N{n}") });
        person
            .sends(&house.server, "PATCH", "/auth/me", Some(body))
            .status
    };
    let renamed = (0..300).filter(|n| rename(&house.tom, *n) == 200).count();
    assert!((200..=240).contains(&renamed), "{renamed}");
    assert_eq!(rename(&house.tom, 999), 429);
    assert!((0..300).all(|n| rename(&house.ada, n) == 200));
    // Signing out is always possible, and the budget comes back.
    house.server.clock.advance(2);
    assert_eq!(rename(&house.tom, 1000), 200);
    assert_eq!(rename(&house.tom, 1001), 429);
    let out = json!({});
    house
        .tom
        .posts(&house.server, "/auth/sign-out", out)
        .expect(200);
}

/// "Refusals are summed per account and minute": twenty refused impersonations stand in full, the rest as
/// a number; and so do codes that were used before.
#[test]
fn refusals_are_summed() {
    let house = House::new();
    let server = &house.server;
    let before = server.events("impersonation.refused").len();
    for _ in 0..50 {
        let body = json!({ "userId": house.ada.id, "teamId": 1, "code": "000000" });
        let refused = house.tom.posts(server, "/2fa/impersonate", body);
        refused.refused(403, "ACCESS_DENIED");
    }
    let events = server.events("impersonation.refused");
    assert_eq!(events.len() - before, 21);
    assert_eq!(events.last().unwrap()["detail"], "30 times");
    assert_eq!(events.last().unwrap()["userId"], house.tom.id);

    let mut tom = house.tom.clone();
    server.clock.advance(60);
    let code = tom.code(server);
    tom.authenticates(server, &code).expect(200);
    let replay = json!({ "code": code });
    for _ in 0..50 {
        let answer = tom.posts(server, "/2fa/authenticate", replay.clone());
        answer.refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    }
    let replays: Vec<Value> = server.events("code.replayed");
    let details: Vec<_> = replays
        .iter()
        .map(|event| event["detail"].clone())
        .collect();
    assert_eq!(details, ["50 times"]);
}
