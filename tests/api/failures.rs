//! Too much at once, and failures within: what a client reads, and who goes on undisturbed.

use super::another;
use crate::harness::person::PASSWORD;
use crate::harness::records::damage_factor_record;
use crate::harness::{Answer, Http, Person, Server};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// More than the pool of passwords lets wait.
const FLOOD: usize = 160;
/// After this long something hangs; the test does not depend on it otherwise.
const HANGS_AFTER: Duration = Duration::from_secs(300);

/// "A bounded pool computes passwords: a flood of sign-ins gets 503 with Retry-After, and code
/// checks stay possible meanwhile."
#[test]
fn a_flood_of_sign_ins_is_told_to_wait_and_disturbs_nobody() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    server.clock.advance(60);
    let pending = another(&ada, &server);
    let code = json!({ "code": pending.code(&server) });
    let patient = Http::waiting(server.address(), HANGS_AFTER);
    let (over, busy) = (AtomicBool::new(false), AtomicUsize::new(0));
    // Whoever is let in comes again, so that the pool stays full until the flood is over.
    let flood = |number: usize| {
        for round in 0.. {
            let email = format!("nobody{number}-{round}@example.com");
            let body = json!({ "email": email, "password": PASSWORD });
            let answer = patient.post("/auth/sign-in", "", body);
            if answer.status == 503 {
                let seconds = answer
                    .refused(503, "BUSY")
                    .header("retry-after")
                    .map(str::parse);
                assert!(seconds.unwrap().is_ok_and(|seconds: u64| seconds > 0));
                busy.fetch_add(1, Ordering::SeqCst);
                return;
            }
            answer.refused(400, "INVALID_CREDENTIALS");
            if over.load(Ordering::SeqCst) {
                return;
            }
        }
    };
    let answers: Vec<Answer> = thread::scope(|scope| {
        let flood = &flood;
        for number in 0..FLOOD {
            scope.spawn(move || flood(number));
        }
        let since = Instant::now();
        while busy.load(Ordering::SeqCst) == 0 && since.elapsed() < HANGS_AFTER {
            thread::sleep(Duration::from_millis(5));
        }
        let send =
            |method: &str, path: &str, token: &str, body| patient.send(method, path, token, body);
        let answers = vec![
            send("GET", "/auth/me", &ada.access, None),
            send("POST", "/2fa/authenticate", &pending.access, Some(&code)),
            send("GET", "/auth/me", &ada.access, None),
        ];
        over.store(true, Ordering::SeqCst);
        answers
    });
    assert!(busy.load(Ordering::SeqCst) > 0, "nobody was told to wait");
    for answer in answers {
        answer.expect(200);
    }
    ada.signs_in(&server).expect(200);
}

/// "Any error of the store fails closed: no token. The answer is 500 with an incident id"; what is
/// the matter inside reaches no client.
#[test]
fn a_damaged_record_is_an_incident_and_nothing_more() {
    let mut server = Server::start();
    let _ada = Person::super_admin(&server);
    let mut bob = Person::protected(&server, "bob@example.com");
    let grace = Person::user(&server, "grace@example.com");
    let mut pending = another(&bob, &server);
    server.restart_edited(|database| damage_factor_record(database, bob.id));
    server.clock.advance(30);
    let code = bob.code(&server);
    let incidents = [
        bob.signs_in(&server).incident(),
        bob.gets(&server, "/auth/me").incident(),
        bob.gets(&server, "/2fa/generate-qr?replace=true")
            .incident(),
        pending.authenticates(&server, &code).incident(),
        bob.posts(
            &server,
            "/2fa/disable-two-factor-auth",
            json!({ "code": code }),
        )
        .incident(),
    ];
    for (index, incident) in incidents.iter().enumerate() {
        assert!(!incidents[..index].contains(incident), "told apart");
    }
    // Nobody else is touched by it.
    grace.gets(&server, "/auth/me").expect(200);
    assert!(server.audit_is_intact());
}

/// "Any error of entropy fails closed: no token", at whichever draw it comes; and everything works
/// once there is randomness again.
#[test]
fn without_randomness_nothing_is_given() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    let acts: [fn(&Server, &Person, &Person) -> Answer; 6] = [
        |server, ada, _| ada.clone().signs_in(server),
        |server, _, pending| {
            let code = pending.code(server);
            pending.clone().authenticates(server, &code)
        },
        |server, ada, _| {
            let body = json!({ "refreshToken": ada.refresh });
            server.http.post("/auth/refresh-token", "", body)
        },
        |server, ada, _| ada.gets(server, "/2fa/generate-qr?replace=true&restart=true"),
        |server, ada, _| ada.posts(server, "/2fa/recovery-codes", json!({})),
        |server, ada, _| {
            let body = json!({ "currentPassword": PASSWORD, "newPassword": PASSWORD });
            ada.posts(server, "/auth/change-password", body)
        },
    ];
    for (number, act) in acts.iter().enumerate() {
        let mut draws = 0;
        loop {
            ada.comes_in(&server);
            let pending = another(&ada, &server);
            server.clock.advance(30);
            server.entropy.end_after(draws);
            let answer = act(&server, &ada, &pending);
            server.entropy.heal();
            if answer.status == 200 {
                break;
            }
            // An answer in this shape has no room for a token or a secret.
            answer.incident();
            draws += 1;
            assert!(draws < 50, "act {number} never succeeds");
        }
        assert!(draws > 0, "act {number} draws nothing");
    }
    ada.comes_in(&server);
    assert!(server.audit_is_intact());
}
