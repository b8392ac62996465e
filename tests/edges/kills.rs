//! kill -9 in the middle of the work of several people: what was acknowledged is there, no code works
//! twice, no count falls.

use crate::harness::Http;
use crate::harness::binary::{Instance, Service};
use crate::harness::peer::{Peer, recovery_codes};
use crate::harness::person::PASSWORD;
use serde_json::json;
use std::time::Duration;

const REFRESHING: usize = 6;

fn rounds() -> u64 {
    if std::env::var_os("TEST_FULL").is_some() {
        1000
    } else {
        200
    }
}

/// Refreshes until the service is gone; the last token that was acknowledged, and how many were.
fn refreshes(http: &Http, mut token: String) -> (String, u64) {
    let mut count = 0;
    loop {
        let body = json!({ "refreshToken": token });
        let Ok(answer) = http.attempt("POST", "/auth/refresh-token", "", &body) else {
            return (token, count);
        };
        // Never "reused": an answer that was lost may be asked for again.
        token = answer.expect(200).text_field("refreshToken");
        count += 1;
    }
}

/// Uses a recovery code; whether that was acknowledged.
fn uses(http: &Http, peer: &Peer, code: &str) -> bool {
    let Some(token) = peer.opens_the_first_door(http) else {
        return false;
    };
    let body = json!({ "code": code });
    let answer = http.attempt("POST", "/2fa/authenticate", &token, &body);
    answer.is_ok_and(|answer| answer.status == 200)
}

/// Sends wrong codes until the service is gone or they are no longer looked at; how many were counted.
fn guesses(http: &Http, token: &str) -> u64 {
    let mut counted = 0;
    while let Ok(answer) =
        http.attempt("POST", "/2fa/authenticate", token, &json!({ "code": "no" }))
    {
        match answer.status {
            400 => counted += 1,
            _ => break,
        }
    }
    counted
}

/// People who are signed in with the password alone: their refresh tokens.
fn refresh_tokens(instance: &Instance, service: &Service) -> Vec<String> {
    let one = |number| {
        let email = format!("user{number}@example.com");
        instance.json(&["user", "add", &email, "--password-stdin"], PASSWORD);
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = service.http.post("/auth/sign-in", "", body).expect(200);
        answer.text_field("refreshToken")
    };
    (0..REFRESHING).map(one).collect()
}

#[test]
fn kills_under_load_lose_nothing_use_nothing_twice_and_lower_no_count() {
    let instance = Instance::new();
    let mut service = instance.serve();
    let listen = service.listen();
    let mut tokens = refresh_tokens(&instance, &service);
    let victim = Peer::protected(&instance, &service.http, "victim@example.com");
    let peers = Peer::several(&instance, &service.http, 8);
    let codes = recovery_codes(&peers);
    let mut codes = codes.fuse();
    let (mut acknowledged, mut counted, mut used) = (0, 0, 0);
    for round in 0..rounds() {
        let code = codes.next();
        let http = service.http.clone();
        let (refreshed, was_used, guessed) = std::thread::scope(|scope| {
            let http = &http;
            let threads: Vec<_> = tokens
                .drain(..)
                .map(|token| scope.spawn(move || refreshes(http, token)))
                .collect();
            let using =
                scope.spawn(move || code.is_some_and(|(peer, code)| uses(http, peer, code)));
            let guessing = scope.spawn(|| guesses(http, &victim.access));
            std::thread::sleep(Duration::from_millis(round * 37 % 150));
            service.kill();
            let refreshed: Vec<_> = threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect();
            (refreshed, using.join().unwrap(), guessing.join().unwrap())
        });
        service = instance.serve_on(&listen);
        for (token, count) in refreshed {
            tokens.push(token);
            acknowledged += count;
        }
        if let Some((peer, code)) = code
            && was_used
        {
            used += 1;
            assert!(
                !uses(&service.http, peer, code),
                "round {round}: a code worked twice"
            );
        }
        counted += guessed;
        let status = service.http.get("/2fa/status", &victim.access).expect(200);
        let kept = status.json["failedSinceLastSignIn"].as_u64().unwrap();
        assert!(
            kept >= counted,
            "round {round}: {kept} of {counted} wrong codes are kept"
        );
    }
    println!(
        "{} rounds, {acknowledged} refreshes, {used} codes, {counted} wrong codes",
        rounds()
    );
    assert!(acknowledged > 0 && counted > 0);
    for token in tokens {
        let body = json!({ "refreshToken": token });
        service
            .http
            .post("/auth/refresh-token", "", body)
            .expect(200);
    }
    assert_eq!(instance.json(&["audit", "verify"], "")["intact"], true);
}
