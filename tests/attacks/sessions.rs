//! Sessions and tokens: what a stage may do, and what is dead stays dead.

use crate::harness::{Person, Server};
use serde_json::json;
use vestibule::http::{Who, routes};

/// "A pending token is never accepted where a full one is asked for"; the routes come from the
/// table, so that a new one is covered too.
#[test]
fn a_pending_token_opens_nothing_but_the_second_door() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    ada.signs_in(&server).expect(200);
    for route in routes::table() {
        let path = route.path.replace("{id}", "1");
        let answer = || {
            server
                .http
                .send(route.method.as_str(), &path, &ada.access, None)
        };
        match route.who {
            Who::Anybody | Who::AnySession => {}
            Who::CodeHolder => {
                answer().refused(400, "INVALID_REQUEST");
            }
            _ => {
                answer().refused(401, "SECOND_FACTOR_REQUIRED");
            }
        }
        if route.who != Who::Anybody {
            for nobody in ["", "nonsense", "a.b.c"] {
                let answer = server.http.send(route.method.as_str(), &path, nobody, None);
                let answer = answer.refused(401, "UNAUTHORIZED");
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            }
        }
    }
}

/// "Host on the allow-list before routing", "any Origin present must be ours", for every route and
/// page.
#[test]
fn a_foreign_host_or_origin_is_refused_on_every_route() {
    let server = Server::start();
    let paths: Vec<&str> = routes::table().iter().map(|route| route.path).collect();
    for path in paths
        .into_iter()
        .chain(["/", "/sign-in", "/assets/look/style.css", "/nowhere"])
    {
        let foreign = [("host", "evil.example")];
        let answer = server.http.send_raw("GET", path, "", &foreign, vec![]);
        answer.refused(421, "UNKNOWN_HOST");
        for origin in ["http://evil.example", "null", "http://localhost:1"] {
            let answer = server
                .http
                .send_raw("GET", path, "", &[("origin", origin)], vec![]);
            answer.refused(403, "ORIGIN_REFUSED");
        }
    }
}

/// "Reuse ends the family"; "a retry within 10 s gets the same successor".
#[test]
fn a_refresh_token_used_again_ends_the_session() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let refresh = |token: &str| {
        let body = json!({ "refreshToken": token });
        server.http.post("/auth/refresh-token", "", body)
    };
    let second = refresh(&ada.refresh).expect(200).text_field("refreshToken");
    server.clock.advance(9);
    assert_eq!(
        refresh(&ada.refresh).expect(200).text_field("refreshToken"),
        second
    );
    let third = refresh(&second).expect(200);
    refresh(&ada.refresh).refused(401, "UNAUTHORIZED");
    refresh(&third.text_field("refreshToken")).refused(401, "UNAUTHORIZED");
    ada.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
}

/// "An archived user is refused at every step, the code step included" (MISP CVE-2026-95754).
#[test]
fn archived_between_the_two_doors() {
    let server = Server::start();
    let _ada = Person::super_admin(&server);
    let mut bob = Person::protected(&server, "bob@example.com");
    let (access, refresh) = (bob.access.clone(), bob.refresh.clone());
    server.clock.advance(60);
    bob.signs_in(&server).expect(200);
    let code = bob.code(&server);
    server
        .operator("PATCH", "/users/archive", Some(json!({ "ids": [bob.id] })))
        .expect(200);
    bob.authenticates(&server, &code)
        .refused(401, "UNAUTHORIZED");
    bob.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    server
        .http
        .get("/auth/me", &access)
        .refused(401, "UNAUTHORIZED");
    let body = json!({ "refreshToken": refresh });
    server
        .http
        .post("/auth/refresh-token", "", body)
        .refused(401, "UNAUTHORIZED");
}

/// "A role taken away works at once, whatever the token says."
#[test]
fn a_role_given_or_taken_works_at_once() {
    let server = Server::start();
    let _ada = Person::super_admin(&server);
    let bob = Person::protected(&server, "bob@example.com");
    bob.gets(&server, "/users").refused(403, "ACCESS_DENIED");
    let path = format!("/operator/users/{}/roles", bob.id);
    server
        .operator("POST", &path, Some(json!({ "roles": ["Admin"] })))
        .expect(200);
    bob.gets(&server, "/users").expect(200);
    server
        .operator("POST", &path, Some(json!({ "roles": ["User"] })))
        .expect(200);
    bob.gets(&server, "/users").refused(403, "ACCESS_DENIED");
}

/// "The claim is atomic; it never comes back."
#[test]
fn a_link_claims_once() {
    let server = Server::start();
    let (old, new) = (server.set_up_token(), server.set_up_token());
    let claim = |token: &str, email: &str| {
        let body = json!({
            "token": token, "email": email, "password": "grey otter plays cello",
            "firstName": "A", "lastName": "B",
        });
        server.http.post("/setup", "", body)
    };
    claim(&old, "a@example.com").refused(400, "INVALID_TOKEN");
    let claimed = std::thread::scope(|scope| {
        let claim = &claim;
        let new = &new;
        let threads: Vec<_> = (0..6)
            .map(|n| scope.spawn(move || claim(new, &format!("a{n}@example.com")).status))
            .collect();
        threads
            .into_iter()
            .map(|t| t.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(
        claimed.iter().filter(|status| **status == 201).count(),
        1,
        "{claimed:?}"
    );
    claim(&new, "z@example.com").refused(404, "NOT_FOUND");
    server
        .operator("POST", "/operator/set-up-link", None)
        .refused(404, "NOT_FOUND");
    server.http.get("/setup", "").refused(404, "NOT_FOUND");
}

/// "Writing requests are looked at once more inside their transaction": a password that must change
/// since a moment ago stops an act that was let in before.
#[test]
fn a_password_change_demanded_meanwhile_stops_the_act() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let caller = server.services().identify(&ada.access).unwrap();
    let proof = caller.proof.with_settled_password();
    let client = vestibule::service::Client::default();
    let renew = || {
        server.block_on(
            server
                .services()
                .account
                .renew_recovery_codes(&proof, None, &client),
        )
    };
    assert!(renew().is_ok());
    let mut guesser = ada.clone();
    guesser.signs_in(&server).expect(200);
    for _ in 0..20 {
        let wrong = "AAAA-BBBB-CCCC-DDDD";
        guesser
            .authenticates(&server, wrong)
            .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    }
    let unlock = format!("/operator/users/{}/unlock", ada.id);
    server.operator("POST", &unlock, None).expect(200);
    let refused = renew().err().map(|error| error.to_string());
    assert_eq!(refused.as_deref(), Some("password change required"));
}
