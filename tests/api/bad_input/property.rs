//! Anything at all, at every endpoint, with every kind of token.

use super::{JSON, assert_alive, assert_orderly, endpoints};
use crate::harness::{Person, Server};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

/// The names that endpoints look for.
const NAMES: [&str; 19] = [
    "code",
    "email",
    "password",
    "credentials",
    "refreshToken",
    "everywhere",
    "ids",
    "currentPassword",
    "newPassword",
    "token",
    "firstName",
    "lastName",
    "userId",
    "teamId",
    "name",
    "role",
    "roles",
    "reason",
    "support",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9 -]{5,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner),
        ]
    })
}

fn object(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let name = prop::sample::select(NAMES.to_vec());
    prop::collection::vec((name, values), 0..6).prop_map(|pairs| {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value));
        Value::from(pairs.collect::<Map<String, Value>>())
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        object(value()).prop_map(|value| value.to_string().into_bytes()),
        (object(value()), any::<prop::sample::Index>()).prop_map(|(value, cut)| {
            let mut bytes = value.to_string().into_bytes();
            bytes.truncate(cut.index(bytes.len() + 1));
            bytes
        }),
    ]
}

/// A token of each kind; signed in anew, since one of the requests may have ended the last ones.
fn tokens(server: &Server, people: &[Person]) -> Vec<String> {
    let mut tokens = vec![String::new(), "nonsense".to_owned()];
    for person in people {
        let mut person = person.clone();
        sets_password(server, &person);
        person.signs_in(server).expect(200);
        tokens.push(person.access);
    }
    tokens
}

/// Lifts what the wrong codes of the last round brought about, and signs in with both factors.
fn renew(server: &Server, person: &mut Person) {
    let path = format!("/operator/users/{}/unlock", person.id);
    server.operator("POST", &path, None).expect(200);
    sets_password(server, person);
    person.comes_in(server);
}

/// One of the requests may have been a reset that voids it.
fn sets_password(server: &Server, person: &Person) {
    let path = format!("/operator/users/{}/password", person.id);
    let body = json!({ "password": person.password });
    server.operator("POST", &path, Some(body)).expect(200);
}

#[test]
fn any_bytes_at_every_endpoint_get_an_orderly_answer() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let people = [
        Person::added(&server, "grace@example.com", &["User"]),
        Person::added(&server, "eve@example.com", &["Admin"]),
        ada.clone(),
    ];
    let admin = std::cell::RefCell::new(ada);
    let endpoints = endpoints();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    runner
        .run(&body(), |body| {
            server.clock.advance(1800);
            let mut admin = admin.borrow_mut();
            renew(&server, &mut admin);
            let mut tokens = tokens(&server, &people);
            tokens.push(admin.access.clone());
            for (method, path) in &endpoints {
                for token in &tokens {
                    let answer = server
                        .http
                        .send_raw(method, path, token, &[JSON], body.clone());
                    assert_orderly(&answer);
                }
            }
            Ok(())
        })
        .unwrap();
    renew(&server, &mut admin.borrow_mut());
    assert_alive(&server);
    assert!(server.audit_is_intact());
}
