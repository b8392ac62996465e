//! `/sign-ins` over HTTP: a pause shuts every way in, from the store on, and touches nobody who is in.

use super::refreshes;
use crate::harness::desktop::wait_for;
use crate::harness::people::token_of;
use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Http, Person, Server, ServerOptions};
use serde_json::{Value, json};
use vestibule::config::Config;

fn pauses(server: &Server, paused: bool) -> Answer {
    let body = json!({ "paused": paused });
    server.operator("PATCH", "/sign-ins", Some(body))
}

fn opened(config: &mut Config) {
    config.policy.registration = true;
}

fn open_to_all() -> Server {
    Server::start_with(&ServerOptions {
        configure: Some(opened),
    })
}

/// The words that every way in is refused with; what may try again, when.
#[track_caller]
fn is_paused(answer: Answer) {
    assert_eq!(answer.header("retry-after"), Some("60"), "{}", answer.text);
    answer.refused(503, "SIGN_INS_PAUSED");
}

#[test]
fn a_pause_shuts_every_way_in_and_resuming_opens_it() {
    let server = open_to_all();
    Person::super_admin(&server);
    let mut tom = Person::protected(&server, "tom@example.com");
    let mut una = Person::user(&server, "una@example.com");
    let mut waiting = tom.clone();
    server.clock.advance(30);
    waiting.signs_in(&server).expect(200);
    let mut enrolling = Person::added(&server, "adam@example.com", &["Admin"]);
    enrolling.signs_in(&server).expect(200);
    enrolling.scans(&server).expect(200);
    let code = json!({ "code": enrolling.code(&server) });
    let body = json!({ "email": "ivy@example.com", "firstName": "Ivy", "lastName": "Guest" });
    let letter = server.operator("POST", "/invitations", Some(body));
    let token = token_of(&letter.expect(201));
    let accepted = json!({ "token": token, "password": PASSWORD });
    let newcomer = json!({
        "email": "nell@example.com",
        "password": PASSWORD,
        "firstName": "Nell",
        "lastName": "Guest",
    });
    let ways = |tom: &mut Person, una: &mut Person, waiting: &mut Person| -> Vec<Answer> {
        let code_of_tom = waiting.code(&server);
        vec![
            tom.signs_in(&server),
            una.signs_in(&server),
            waiting.authenticates(&server, &code_of_tom),
            enrolling.posts(&server, "/2fa/enable-two-factor-auth", code.clone()),
            server.http.post("/auth/sign-up", "", newcomer.clone()),
            server
                .http
                .post("/invitations/accept", "", accepted.clone()),
        ]
    };
    pauses(&server, true).expect(200);
    for answer in ways(&mut tom.clone(), &mut una.clone(), &mut waiting.clone()) {
        is_paused(answer);
    }
    pauses(&server, false).expect(200);
    for answer in ways(&mut tom, &mut una, &mut waiting) {
        assert!(answer.status < 300, "{}", answer.text);
    }
}

#[test]
fn a_pause_holds_off_the_claim() {
    let server = Server::start();
    let claim = json!({
        "token": server.set_up_token(),
        "email": "ada@example.com",
        "password": PASSWORD,
        "firstName": "Ada",
        "lastName": "King",
    });
    pauses(&server, true).expect(200);
    is_paused(server.http.post("/setup", "", claim.clone()));
    pauses(&server, false).expect(200);
    server.http.post("/setup", "", claim).expect(201);
}

#[test]
fn sessions_go_on_through_a_pause() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    pauses(&server, true).expect(200);
    ada.gets(&server, "/auth/me").expect(200);
    refreshes(&mut ada, &server).expect(200);
    server.clock.advance(30);
    let code = ada.code(&server);
    ada.authenticates(&server, &code).expect(200);
    server
        .http
        .post_nothing("/auth/sign-out", &ada.access)
        .expect(200);
    is_paused(ada.signs_in(&server));
}

#[test]
fn a_refusal_by_a_pause_uses_up_nothing() {
    let server = Server::start();
    Person::super_admin(&server);
    let mut tom = Person::protected(&server, "tom@example.com");
    server.clock.advance(30);
    tom.signs_in(&server).expect(200);
    pauses(&server, true).expect(200);
    let (code, wrong) = (tom.code(&server), tom.wrong_code(&server));
    for _ in 0..20 {
        is_paused(tom.authenticates(&server, &wrong));
    }
    is_paused(tom.authenticates(&server, &code));
    pauses(&server, false).expect(200);
    tom.authenticates(&server, &code).expect(200);
    assert!(server.events("code.refused").is_empty());
}

/// Has many sign in at once, and pauses as soon as the first is in; how many the pause still caught.
fn caught_by_a_pause(server: &Server, person: &Person) -> usize {
    let body = json!({ "email": person.email, "password": person.password });
    let (told, answered) = std::sync::mpsc::channel();
    let begin = |_| {
        let (address, body, told) = (server.address(), body.clone(), told.clone());
        std::thread::spawn(move || {
            let answer = Http::new(address).post("/auth/sign-in", "", body);
            let _ = told.send(());
            answer
        })
    };
    let begun: Vec<_> = (0..12).map(begin).collect();
    answered.recv().unwrap();
    pauses(server, true).expect(200);
    let count = |action: &str| server.events(action).len();
    let came_in = || {
        (
            count("sign_in.password_accepted"),
            count("sign_in.finished"),
        )
    };
    let before = came_in();
    let answers = begun.into_iter().map(|one| one.join().unwrap());
    let refused = answers.filter(|answer| answer.status != 200);
    let caught = refused.map(is_paused).count();
    assert_eq!(came_in(), before);
    pauses(server, false).expect(200);
    caught
}

#[test]
fn nobody_comes_in_after_the_pause_whose_password_was_still_being_computed() {
    let server = Server::start();
    Person::super_admin(&server);
    let una = Person::user(&server, "una@example.com");
    // A machine may be quicker than the pause, but not every time.
    wait_for("a sign-in that a pause catches", || {
        (caught_by_a_pause(&server, &una) > 0).then_some(())
    });
}

#[test]
fn a_pause_outlives_a_restart() {
    let mut server = Server::start();
    let mut ada = Person::super_admin(&server);
    let since = pauses(&server, true).expect(200).text_field("since");
    server.clock.advance(90);
    server.restart();
    is_paused(ada.signs_in(&server));
    let shown = server.operator("GET", "/sign-ins", None).expect(200);
    assert_eq!(shown.json, json!({ "paused": true, "since": since }));
}

#[test]
fn an_admin_with_a_fresh_code_may_pause_and_both_changes_are_in_the_audit_log_once() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    server.clock.advance(600);
    let mut ada = ada;
    refreshes(&mut ada, &server).expect(200);
    let change = |ada: &Person, body: Value| {
        let token = &ada.access;
        server.http.send("PATCH", "/sign-ins", token, Some(&body))
    };
    change(&ada, json!({ "paused": true })).refused(403, "FRESH_CODE_REQUIRED");
    let code = ada.code(&server);
    let done = change(&ada, json!({ "paused": true, "code": code })).expect(200);
    assert_eq!(done.json["paused"], true);
    // Within five minutes of the code; and what is so already is not done again.
    assert_eq!(
        change(&ada, json!({ "paused": true })).expect(200).json,
        done.json
    );
    let open = change(&ada, json!({ "paused": false })).expect(200);
    assert_eq!(open.json, json!({ "paused": false, "since": null }));
    for action in ["sign_ins.paused", "sign_ins.resumed"] {
        let events = server.events(action);
        assert_eq!(events.len(), 1, "{action}");
        assert_eq!(events[0]["actor"]["id"], 1);
    }
}

#[test]
fn doctor_tells_of_a_pause() {
    let server = Server::start();
    Person::super_admin(&server);
    let checks = || -> Vec<String> {
        let answer = server
            .operator("POST", "/operator/doctor", None)
            .expect(200);
        let findings = answer.json["findings"].as_array().unwrap().clone();
        let check = |finding: &Value| finding["check"].as_str().unwrap().to_owned();
        findings.iter().map(check).collect()
    };
    assert!(!checks().contains(&"sign-ins".to_owned()));
    pauses(&server, true).expect(200);
    assert!(checks().contains(&"sign-ins".to_owned()));
}
