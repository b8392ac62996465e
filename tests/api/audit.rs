//! `/audit` over HTTP: pages, filters, and the head.

use super::fields;
use crate::harness::{Person, Server};
use serde_json::{Value, json};

fn events(server: &Server, person: &Person, query: &str) -> Vec<Value> {
    let answer = person.gets(server, &format!("/audit{query}")).expect(200);
    answer.json["events"].as_array().unwrap().clone()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect()
}

#[test]
fn a_page_shows_events_oldest_first_in_this_shape() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let answer = ada.gets(&server, "/audit").expect(200);
    assert_eq!(fields(&answer.json), ["events", "head", "next", "previous"]);
    assert_eq!(answer.json["next"], Value::Null);
    let events = answer.json["events"].as_array().unwrap();
    let shown = actions(events);
    assert_eq!(
        shown[shown.len() - 4..],
        [
            "set_up.link_made",
            "set_up.claimed",
            "second_factor.enrolment_started",
            "second_factor.enabled"
        ]
    );
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["number"], index as u64 + 1);
        let names = [
            "action",
            "actor",
            "address",
            "at",
            "detail",
            "number",
            "sessionId",
            "userId",
        ];
        assert_eq!(fields(event), names);
    }
    let last = events.last().unwrap();
    assert_eq!(last["actor"], json!({ "kind": "user", "id": 1 }));
    assert_eq!(
        (&last["userId"], &last["address"]),
        (&json!(1), &json!("127.0.0.1"))
    );
    assert_eq!(last["at"], "2026-06-01T12:00:00Z");
    let made = &events[events.len() - 4];
    assert_eq!(
        made["actor"],
        json!({ "kind": "operator", "name": "tester" })
    );
    let head = ada.gets(&server, "/audit/head").expect(200);
    assert_eq!(fields(&head.json), ["hash", "number"]);
    assert_eq!(head.json, answer.json["head"]);
    assert_eq!(head.json["number"], last["number"]);
    assert_eq!(head.json["hash"].as_str().unwrap().len(), 64);
}

#[test]
fn filters_choose_by_person_and_action() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let grace = Person::user(&server, "grace@example.com");
    let all = events(&server, &ada, "?user=2");
    let expected = [
        "user.created",
        "sign_in.password_accepted",
        "sign_in.finished",
    ];
    assert_eq!(actions(&all), expected);
    let one = events(&server, &ada, "?action=user.created");
    assert_eq!(actions(&one), ["user.created"]);
    assert_eq!(one[0]["userId"], grace.id);
    assert!(events(&server, &ada, "?action=user.created&user=1").is_empty());
    for bad in [
        "?action=nonsense",
        "?user=grace",
        "?after=first",
        "?limit=all",
        "?limit=-1",
    ] {
        ada.gets(&server, &format!("/audit{bad}"))
            .refused(400, "INVALID_REQUEST");
    }
    grace.gets(&server, "/audit").refused(403, "ACCESS_DENIED");
}

#[test]
fn pages_lead_through_the_log_without_a_gap() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    Person::protected(&server, "grace@example.com");
    let all = events(&server, &ada, "?after=0&limit=1000");
    assert!(all.len() > 6);
    let mut walked = Vec::new();
    let mut after = 0;
    loop {
        let path = format!("/audit?after={after}&limit=3");
        let answer = ada.gets(&server, &path).expect(200);
        let page = answer.json["events"].as_array().unwrap();
        assert!(page.len() <= 3);
        walked.extend(page.clone());
        match answer.json["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(walked, all);
    let mut walked = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/audit?limit=3{before}");
        let answer = ada.gets(&server, &path).expect(200);
        let page = answer.json["events"].as_array().unwrap().clone();
        walked.splice(0..0, page);
        match answer.json["previous"].as_u64() {
            Some(previous) => before = format!("&before={previous}"),
            None => break,
        }
    }
    assert_eq!(walked, all);
    ada.gets(&server, "/audit?after=1&before=5")
        .refused(400, "INVALID_REQUEST");
    // Without `after` come the newest.
    assert_eq!(events(&server, &ada, "?limit=2"), all[all.len() - 2..]);
    assert_eq!(events(&server, &ada, "?limit=0").len(), 1);
    assert!(events(&server, &ada, "?after=99999").is_empty());
}

#[test]
fn wrong_passwords_are_summed_up() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let mut grace = Person::added(&server, "grace@example.com", &["User"]);
    grace.password = "not her password".into();
    for _ in 0..2 {
        grace.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    }
    let refused = events(&server, &ada, "?action=sign_in.password_refused");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["userId"], grace.id);
    assert_eq!(refused[0]["detail"], "2 times");
    assert_eq!(refused[0]["actor"], json!({ "kind": "anonymous" }));
    assert!(server.audit_is_intact());
}
