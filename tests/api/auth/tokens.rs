//! Access and refresh tokens: their shape, their lives, their rotation.

use crate::api::{another, claims, fields, part_of, refreshes};
use crate::harness::clock::START_UNIX_SECONDS;
use crate::harness::{Answer, Person, Server, ServerOptions};
use serde_json::{Value, json};

fn refresh(server: &Server, token: &str) -> Answer {
    let body = json!({ "refreshToken": token });
    server.http.post("/auth/refresh-token", "", body)
}

#[test]
fn an_access_token_is_a_signed_token_with_these_claims() {
    let server = Server::start();
    let grace = Person::protected(&server, "grace@example.com");
    let header = part_of(&grace.access, 0);
    assert_eq!(fields(&header), ["alg", "kid", "typ"]);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("EdDSA"), &json!("at+jwt"))
    );
    let keys = server.http.get("/.well-known/jwks.json", "").expect(200);
    assert_eq!(header["kid"], keys.json["keys"][0]["kid"]);
    let mut token = claims(&grace.access);
    let drawn = ["sid", "jti"].map(|name| token[name].as_str().unwrap().to_owned());
    assert!(drawn.iter().all(|text| text.len() == 32), "{drawn:?}");
    for name in ["sid", "jti"] {
        token[name] = Value::Null;
    }
    let base_url = vestibule::config::Config::default().server.base_url;
    let expected = json!({
        "iss": base_url,
        "aud": "vestibule",
        "sub": grace.id.to_string(),
        "sid": Value::Null,
        "jti": Value::Null,
        "iat": START_UNIX_SECONDS,
        "nbf": START_UNIX_SECONDS,
        "exp": START_UNIX_SECONDS + 600,
        "amr": ["pwd", "otp"],
        "auth_time": START_UNIX_SECONDS,
        "email": "grace@example.com",
        "roles": ["User"],
    });
    assert_eq!(token, expected);
    let other = Person::user(&server, "eve@example.com");
    assert_eq!(claims(&other.access)["amr"], json!(["pwd"]));
}

#[test]
fn the_base_url_is_the_issuer() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            config.server.base_url = "https://sign-in.example.com".into();
        }),
    });
    let link = server
        .operator("POST", "/operator/set-up-link", None)
        .expect(201)
        .text_field("url");
    assert!(
        link.starts_with("https://sign-in.example.com/setup#token="),
        "{link}"
    );
    let ada = Person::super_admin(&server);
    assert_eq!(claims(&ada.access)["iss"], "https://sign-in.example.com");
    ada.gets(&server, "/auth/me").expect(200);
}

#[test]
fn an_access_token_lives_ten_minutes() {
    let server = Server::start();
    let grace = Person::user(&server, "grace@example.com");
    server.clock.advance(599);
    grace.gets(&server, "/auth/me").expect(200);
    server.clock.advance(1);
    let answer = grace.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[test]
fn a_token_of_another_instance_or_with_other_claims_is_refused() {
    let server = Server::start();
    let elsewhere = Server::start();
    let grace = Person::user(&server, "grace@example.com");
    let twin = Person::user(&elsewhere, "grace@example.com");
    twin.gets(&elsewhere, "/auth/me").expect(200);
    twin.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    let ada = Person::super_admin(&server);
    let parts: Vec<&str> = grace.access.split('.').collect();
    let others: Vec<&str> = ada.access.split('.').collect();
    for forged in [
        format!("{}.{}.{}", parts[0], others[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
    ] {
        server
            .http
            .get("/auth/me", &forged)
            .refused(401, "UNAUTHORIZED");
    }
    // The scheme must be the right one, in any case.
    for (value, status) in [
        (format!("bearer {}", grace.access), 200),
        (format!("Basic {}", grace.access), 401),
        (grace.access.clone(), 401),
    ] {
        let headers = [("authorization", value.as_str())];
        let answer = server
            .http
            .send_raw("GET", "/auth/me", "", &headers, vec![]);
        answer.expect(status);
    }
}

#[test]
fn refreshing_rotates_both_tokens() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let before = grace.clone();
    let answer = refreshes(&mut grace, &server).expect(200);
    assert_eq!(
        fields(&answer.json),
        ["accessToken", "isTwoFactorEnable", "refreshToken"]
    );
    assert_ne!(grace.refresh, before.refresh);
    let (old, new) = (claims(&before.access), claims(&grace.access));
    assert_eq!(old["sid"], new["sid"]);
    assert_ne!(old["jti"], new["jti"]);
    refreshes(&mut grace, &server).expect(200);
}

#[test]
fn a_retry_within_ten_seconds_gets_the_same_successor() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let used = grace.refresh.clone();
    refreshes(&mut grace, &server).expect(200);
    server.clock.advance(9);
    let again = refresh(&server, &used).expect(200);
    assert_eq!(again.text_field("refreshToken"), grace.refresh);
    refreshes(&mut grace, &server).expect(200);
    grace.gets(&server, "/auth/me").expect(200);
}

#[test]
fn a_used_refresh_token_seen_again_ends_the_session() {
    for wait in [true, false] {
        let server = Server::start();
        let mut grace = Person::user(&server, "grace@example.com");
        let mut other = another(&grace, &server);
        let used = grace.refresh.clone();
        refreshes(&mut grace, &server).expect(200);
        if wait {
            server.clock.advance(10);
        } else {
            // At once, but the successor has been used.
            refreshes(&mut grace, &server).expect(200);
        }
        refresh(&server, &used).refused(401, "UNAUTHORIZED");
        grace.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
        refreshes(&mut grace, &server).refused(401, "UNAUTHORIZED");
        refreshes(&mut other, &server).expect(200);
        assert!(
            server
                .audit_actions()
                .contains(&"session.refresh_reused".to_owned())
        );
    }
}

#[test]
fn what_is_no_refresh_token_is_refused() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    let mut forged = grace.refresh.clone().into_bytes();
    forged[30] ^= 1;
    for bad in [
        String::from_utf8(forged).unwrap(),
        grace.access.clone(),
        String::new(),
        "A".repeat(70),
    ] {
        refresh(&server, &bad).refused(401, "UNAUTHORIZED");
    }
    refreshes(&mut grace, &server).expect(200);
}

#[test]
fn a_session_ends_twelve_hours_after_its_last_use() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    server.clock.advance(12 * 3600 - 1);
    refreshes(&mut grace, &server).expect(200);
    server.clock.advance(12 * 3600);
    refreshes(&mut grace, &server).refused(401, "UNAUTHORIZED");
}

#[test]
fn a_session_ends_after_seven_days_however_it_is_used() {
    let server = Server::start();
    let mut grace = Person::user(&server, "grace@example.com");
    for _ in 0..27 {
        server.clock.advance(6 * 3600);
        refreshes(&mut grace, &server).expect(200);
    }
    server.clock.advance(6 * 3600 - 1);
    refreshes(&mut grace, &server).expect(200);
    server.clock.advance(1);
    grace.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    refreshes(&mut grace, &server).refused(401, "UNAUTHORIZED");
}

#[test]
fn strict_sessions_end_after_an_hour_and_a_day() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| {
            let sources = vestibule::config::Sources {
                flags: vec![("session.profile".into(), "strict".into())],
                ..vestibule::config::Sources::default()
            };
            config.session = vestibule::config::load(&sources).unwrap().config.session;
        }),
    });
    let mut grace = Person::user(&server, "grace@example.com");
    let mut idle = another(&grace, &server);
    for hour in 0..24 {
        server.clock.advance(3599);
        if hour == 0 {
            refreshes(&mut idle, &server).expect(200);
        }
        refreshes(&mut grace, &server).expect(200);
    }
    refreshes(&mut idle, &server).refused(401, "UNAUTHORIZED");
    server.clock.advance(24);
    refreshes(&mut grace, &server).refused(401, "UNAUTHORIZED");
}
