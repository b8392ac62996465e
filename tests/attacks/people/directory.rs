//! "Nobody learns of accounts outside their teams": an Owner or Manager, a plain user, asks in every way
//! there is who has an account.

use super::house;
use crate::harness::people::{accepts, token_of};
use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Person, Server};
use serde_json::{Value, json};

/// What an answer tells beside the id and secret of what was made.
fn told(answer: &Answer, email: &str) -> (u16, Value) {
    let mut json = answer.json.clone();
    if let Some(body) = json.as_object_mut() {
        body.entry("id").and_modify(|id| *id = json!(0));
        for field in ["url", "qrCode"] {
            body.entry(field).and_modify(|value| *value = "".into());
        }
    }
    let text = json.to_string().replace(email, "somebody");
    (answer.status, serde_json::from_str(&text).unwrap())
}

/// Addresses of nobody, of an account, of an archived one, and of one that is in another team.
fn addresses(server: &Server) -> [&'static str; 4] {
    Person::added(server, "tess@example.com", &["User"]);
    let gone = Person::added(server, "gone@example.com", &["User"]);
    server.archives(gone.id);
    let there = Person::added(server, "then@example.com", &["Admin"]);
    server.team("Green", there.id);
    [
        "none@example.com",
        "tess@example.com",
        "gone@example.com",
        "then@example.com",
    ]
}

fn invites(server: &Server, person: &Person, email: &str) -> Answer {
    let body = json!({ "email": email, "teamId": 2, "role": "Viewer" });
    person.posts(server, "/invitations", body)
}

/// "Adding by id becomes an administrator's act": the answer is the same whether the id exists or not.
#[test]
fn ids_of_accounts_tell_owners_and_managers_nothing() {
    let (server, [ada, adam, olga, mia]) = house();
    let max = Person::user(&server, "max@example.com");
    let eve = Person::user(&server, "eve@example.com");
    server.seats(2, max.id, Some("Manager"));
    server.archives(eve.id);
    let asks = |person: &Person, team: u64, user: u64| {
        let body = json!({ "userId": user, "role": "Viewer" });
        person.posts(&server, &format!("/teams/{team}/members"), body)
    };
    for person in [&olga, &max] {
        let refusal = asks(person, 2, 99).refused(403, "ACCESS_DENIED").json;
        for (team, user) in [
            (2, mia.id),
            (2, eve.id),
            (2, ada.id),
            (2, 0),
            (1, 1),
            (99, 1),
        ] {
            let answer = asks(person, team, user).refused(403, "ACCESS_DENIED");
            assert_eq!(answer.json, refusal, "{user} in {team}");
        }
    }
    let path = format!("/teams/2/members/{}", mia.id);
    for (method, body) in [
        ("PATCH", Some(json!({ "role": "Viewer" }))),
        ("DELETE", None),
    ] {
        let known = olga.sends(&server, method, &path, body.clone());
        let unknown = olga.sends(&server, method, "/teams/2/members/99", body);
        assert_eq!((known.status, &known.json), (404, &unknown.json));
    }
    let team = olga.gets(&server, "/teams/2/members").expect(200);
    assert_eq!(team.json["members"].as_array().unwrap().len(), 2);
    // Control: an administrator adds the same account, and so does the operator.
    asks(&adam, 2, mia.id).expect(201);
    asks(&adam, 2, 99).refused(404, "USER_NOT_FOUND");
    server.seats(2, ada.id, Some("Viewer"));
}

/// "The answer is the same": for an address with an account, with an archived one, and with none.
#[test]
fn an_invitation_tells_the_inviter_nothing() {
    let (server, [_, adam, olga, _]) = house();
    let max = Person::user(&server, "max@example.com");
    server.seats(2, max.id, Some("Manager"));
    let addresses = addresses(&server);
    for person in [&olga, &max] {
        // The second round replaces the first.
        for _ in 0..2 {
            let answers =
                addresses.map(|email| told(&invites(&server, person, email).expect(201), email));
            for answer in &answers {
                assert_eq!(answer, &answers[0]);
            }
        }
        let list = person.gets(&server, "/invitations").expect(200);
        let rows = list.json["invitations"].as_array().unwrap();
        assert_eq!(rows.len(), 4);
        for (row, email) in rows.iter().zip(addresses) {
            let mut row = row.clone();
            assert_eq!(row["email"], email);
            row["email"] = rows[0]["email"].clone();
            row["id"] = rows[0]["id"].clone();
            assert_eq!(row, rows[0]);
        }
    }
    // Who is in the team is no news to it; and an administrator could list the accounts.
    invites(&server, &olga, "max@example.com").refused(409, "ALREADY_EXISTS");
    for (email, status) in addresses.into_iter().zip([201, 409, 409, 409]) {
        let answer = adam.posts(&server, "/invitations", json!({ "email": email }));
        assert_eq!(answer.status, status, "{email}");
    }
}

/// The inviter has the link, too: what it answers tells of no account, unless one is made by it.
#[test]
fn the_link_tells_its_holder_nothing() {
    let (server, [_, _, olga, _]) = house();
    let addresses = addresses(&server);
    let tokens = addresses.map(|email| token_of(&invites(&server, &olga, email).expect(201)));
    let tries = |token: &str, password: &str, first: Value| {
        let body = json!({ "token": token, "password": password, "firstName": first });
        server.http.post("/invitations/accept", "", body)
    };
    for (password, first, code) in [
        ("password", json!("Nell"), "WEAK_PASSWORD"),
        ("short", json!("Nell"), "WEAK_PASSWORD"),
        (PASSWORD, json!(" "), "INVALID_REQUEST"),
        (PASSWORD, Value::Null, "INVALID_REQUEST"),
    ] {
        let answers = [0, 1, 2, 3].map(|index: usize| {
            let answer = tries(&tokens[index], password, first.clone()).refused(400, code);
            told(&answer, addresses[index])
        });
        for answer in &answers {
            assert_eq!(answer, &answers[0], "{code}");
        }
    }
    let paused = json!({ "paused": true });
    server
        .operator("PATCH", "/sign-ins", Some(paused))
        .expect(200);
    for token in &tokens {
        accepts(&server, token).refused(503, "SIGN_INS_PAUSED");
    }
}

/// "Leads to signing in and joining, never to setting a password of an existing account": the link is
/// answered as an unknown one is, and the account is as it was.
#[test]
fn the_link_of_somebody_who_has_an_account_is_as_good_as_unknown() {
    let (server, [_, _, olga, _]) = house();
    let addresses = addresses(&server);
    let tokens = addresses.map(|email| token_of(&invites(&server, &olga, email).expect(201)));
    let unknown = accepts(&server, "nonsense").refused(400, "INVALID_TOKEN");
    let before = server.operator("GET", "/users?limit=500", None).expect(200);
    for token in &tokens[1..] {
        let body = json!({
            "token": token,
            "password": "seven lamps burn at noon",
            "firstName": "Eve",
            "lastName": "",
        });
        let answer = server.http.post("/invitations/accept", "", body);
        assert_eq!(answer.refused(400, "INVALID_TOKEN").json, unknown.json);
    }
    let after = server.operator("GET", "/users?limit=500", None).expect(200);
    assert_eq!(after.json, before.json);
    let body = json!({ "email": "tess@example.com", "password": "seven lamps burn at noon" });
    server
        .http
        .post("/auth/sign-in", "", body)
        .refused(400, "INVALID_CREDENTIALS");
    // The person it is meant for signs in, and finds the invitation.
    let mut tess = Person {
        email: "tess@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        ..Person::default()
    };
    tess.signs_in(&server).expect(200);
    let list = tess.gets(&server, "/auth/me/invitations").expect(200);
    assert_eq!(list.json["invitations"][0]["team"]["id"], 2);
    // Control: where there is no account, the link makes one.
    accepts(&server, &tokens[0]).expect(201);
}
