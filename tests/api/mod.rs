//! Black-box tests over HTTP, one file per file of `src/http/api` or more, and three across all of them.

mod account;
mod all_or_nothing;
mod audit;
mod auth;
mod bad_input;
mod failures;
mod health;
mod impersonation;
mod invitations;
mod links;
mod openapi;
mod operator;
mod set_up;
mod sign_ins;
mod sign_up;
mod states;
mod team_roles;
mod teams;
mod two_factor;
mod users;

use crate::harness::{Answer, Person, Server};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// A recovery code of the right shape that nobody has.
const NOBODYS_RECOVERY_CODE: &str = "AAAA-AAAA-AAAA-AAAA";

/// The names of an object's fields, sorted.
#[track_caller]
fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

/// A part of a signed token: 0 is the header, 1 the claims.
fn part_of(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

fn claims(token: &str) -> Value {
    part_of(token, 1)
}

/// Exchanges the person's refresh token, and keeps what comes back.
fn refreshes(person: &mut Person, server: &Server) -> Answer {
    let body = json!({ "refreshToken": person.refresh });
    let answer = server.http.post("/auth/refresh-token", "", body);
    person.takes(&answer);
    answer
}

/// Enters wrong codes after the right password until the second factor is locked.
fn locks(person: &mut Person, server: &Server) {
    for _ in 0..20 {
        server.clock.advance(901);
        person.signs_in(server).expect(200);
        let wrong = person.wrong_code(server);
        person
            .authenticates(server, &wrong)
            .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    }
    let code = person.code(server);
    person
        .authenticates(server, &code)
        .refused(403, "SECOND_FACTOR_LOCKED");
}

/// Uses one of the person's recovery codes up.
fn takes_recovery_code(person: &mut Person, server: &Server) -> Answer {
    let code = person.recovery_codes.pop().unwrap();
    person.authenticates(server, &code)
}

/// Signs the person in anew beside the sessions there are, up to the first door.
fn another(person: &Person, server: &Server) -> Person {
    let mut other = person.clone();
    other.signs_in(server).expect(200);
    other
}
