//! `/invitations` over HTTP: made, listed, withdrawn, lapsed.

mod accepting;
mod joining;

use super::{claims, fields};
use crate::harness::people::{accepts, token_of};
use crate::harness::{Answer, Person, Server};
use serde_json::{Value, json};

const GUEST: &str = "nell@example.com";
const HOURS_72: u64 = 72 * 3600;

/// Ada (1, Super Admin), Adam (2, Admin), Olga (3) who owns team 2, "Blue".
fn house() -> (Server, [Person; 3]) {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let adam = Person::admin(&server, "adam@example.com");
    let olga = Person::user(&server, "olga@example.com");
    server.team("Blue", olga.id);
    (server, [ada, adam, olga])
}

/// Invites the guest into Olga's team; the answer.
fn invites(server: &Server, person: &Person, role: &str) -> Answer {
    let body = json!({ "email": GUEST, "teamId": 2, "role": role });
    person.posts(server, "/invitations", body)
}

/// Invites the guest without a team; the token.
#[track_caller]
fn invited(server: &Server, person: &Person, email: &str) -> String {
    let body = json!({ "email": email });
    token_of(&person.posts(server, "/invitations", body).expect(201))
}

/// The ids that a list shows.
#[track_caller]
fn ids(server: &Server, person: &Person) -> Vec<u64> {
    let answer = person.gets(server, "/invitations").expect(200);
    let invitations = answer.json["invitations"].as_array().unwrap();
    invitations
        .iter()
        .map(|one| one["id"].as_u64().unwrap())
        .collect()
}

/// Accounts with this address.
fn accounts(server: &Server, email: &str) -> usize {
    let path = format!("/users?search={email}&limit=500");
    let answer = server.operator("GET", &path, None).expect(200);
    answer.json["users"].as_array().unwrap().len()
}

#[test]
fn an_invitation_has_this_shape_and_is_listed() {
    let (server, [_, adam, olga]) = house();
    let body = json!({
        "email": " Nell@Example.com ",
        "firstName": "Nell",
        "lastName": "Guest",
        "teamId": 2,
        "role": "manager",
    });
    let made = olga.posts(&server, "/invitations", body).expect(201);
    assert_eq!(fields(&made.json), ["expiresAt", "id", "qrCode", "url"]);
    assert_eq!(made.json["id"], 1);
    assert_eq!(made.json["expiresAt"], "2026-06-04T12:00:00Z");
    let url = made.text_field("url");
    let issuer = claims(&olga.access)["iss"].clone();
    let start = format!("{}/invitation#token=", issuer.as_str().unwrap());
    // The page shows the address; the fragment stays in the browser.
    let fragment = url.strip_prefix(&start).unwrap();
    let (token, rest) = fragment.split_once('&').unwrap();
    assert_eq!(rest, "email=Nell@Example.com");
    let list = olga.gets(&server, "/invitations").expect(200);
    assert!(!list.text.contains(token));
    let expected = json!({
        "id": 1,
        "email": "Nell@Example.com",
        "firstName": "Nell",
        "lastName": "Guest",
        "teamId": 2,
        "role": "Manager",
        "invitedBy": { "id": olga.id, "name": "Grace Murray" },
        "createdAt": "2026-06-01T12:00:00Z",
        "expiresAt": "2026-06-04T12:00:00Z",
    });
    assert_eq!(list.json, json!({ "invitations": [expected] }));
    let body = json!({ "email": "other@example.com" });
    server
        .operator("POST", "/invitations", Some(body))
        .expect(201);
    let list = adam.gets(&server, "/invitations").expect(200);
    let other = &list.json["invitations"][1];
    assert_eq!(other["invitedBy"], json!({ "id": null, "name": "tester" }));
    for field in ["teamId", "role"] {
        assert_eq!(other[field], Value::Null);
    }
    assert_eq!(
        (&other["firstName"], &other["lastName"]),
        (&json!(""), &json!(""))
    );
}

#[test]
fn an_invitation_lives_72_hours() {
    let (server, [_, adam, _]) = house();
    let tokens = ["in.time@example.com", "late@example.com"]
        .map(|email| (email, invited(&server, &adam, email)));
    server.clock.advance(HOURS_72 - 1);
    accepts(&server, &tokens[0].1).expect(201);
    server.clock.advance(1);
    accepts(&server, &tokens[1].1).refused(400, "INVALID_TOKEN");
    assert_eq!(accounts(&server, tokens[1].0), 0);
    let list = server.operator("GET", "/invitations", None).expect(200);
    assert_eq!(list.json["invitations"], json!([]));
}

#[test]
fn a_wall_clock_that_is_set_lengthens_no_invitation() {
    let (mut server, [_, adam, _]) = house();
    let token = invited(&server, &adam, GUEST);
    server.clock.jump(-3600);
    server.clock.advance(HOURS_72);
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
    let adam = {
        let mut adam = adam;
        adam.comes_in(&server);
        adam
    };
    let token = invited(&server, &adam, GUEST);
    server.restart();
    server.clock.jump(-7200);
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
}

#[test]
fn a_newer_invitation_voids_the_older_one_in_any_case_of_the_address() {
    let (server, [_, adam, olga]) = house();
    let old = token_of(&invites(&server, &olga, "Viewer").expect(201));
    let new = token_of(&invites(&server, &adam, "Owner").expect(201));
    let body = json!({ "email": "NELL@example.COM", "teamId": 2, "role": "Viewer" });
    let newest = token_of(&olga.posts(&server, "/invitations", body).expect(201));
    assert_eq!(ids(&server, &adam), [3]);
    // Without a team it is another one, which is replaced likewise.
    let other = invited(&server, &adam, GUEST);
    assert_eq!(ids(&server, &adam), [3, 4]);
    invited(&server, &adam, "Nell@example.com");
    assert_eq!(ids(&server, &adam), [3, 5]);
    for void in [old, new, other] {
        accepts(&server, &void).refused(400, "INVALID_TOKEN");
    }
    accepts(&server, &newest).expect(201);
    for email in [GUEST, "Nell@Example.com"] {
        adam.posts(&server, "/invitations", json!({ "email": email }))
            .refused(409, "ALREADY_EXISTS");
    }
}

#[test]
fn nobody_voids_an_invitation_that_they_could_not_withdraw() {
    let (server, [_, _, olga]) = house();
    let mut max = Person::user(&server, "max@example.com");
    server.seats(2, max.id, Some("Manager"));
    let token = token_of(&invites(&server, &olga, "Owner").expect(201));
    invites(&server, &max, "Viewer").refused(409, "ALREADY_EXISTS");
    server.clock.advance(HOURS_72);
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
    max.signs_in(&server).expect(200);
    invites(&server, &max, "Viewer").expect(201);
}

#[test]
fn whoever_invites_with_a_power_that_is_gone_invites_nobody() {
    let (server, [ada, adam, olga]) = house();
    server.seats(2, ada.id, Some("Owner"));
    let mia = Person::user(&server, "mia@example.com");
    server.seats(2, mia.id, Some("Manager"));
    let made = |person: &Person, role: &str, email: &str| {
        let body = json!({ "email": email, "teamId": 2, "role": role });
        token_of(&person.posts(&server, "/invitations", body).expect(201))
    };
    let tokens = [
        made(&olga, "Owner", "a@example.com"),
        made(&mia, "Viewer", "b@example.com"),
        made(&adam, "Viewer", "c@example.com"),
        invited(&server, &adam, "d@example.com"),
    ];
    let kept = made(&olga, "Viewer", "e@example.com");
    server.seats(2, olga.id, Some("Manager"));
    server.seats(2, mia.id, Some("Viewer"));
    server.gives_roles(adam.id, &["User"]);
    for token in &tokens {
        accepts(&server, token).refused(400, "INVALID_TOKEN");
    }
    // What a Manager may do is still good from one who was an Owner.
    accepts(&server, &kept).expect(201);
    // Given back, the power makes the invitations good again.
    server.seats(2, mia.id, Some("Owner"));
    accepts(&server, &tokens[1]).expect(201);
    assert_eq!(accounts(&server, "@example.com"), 6);
}

#[test]
fn an_archived_person_invites_nobody() {
    let (server, [ada, adam, olga]) = house();
    server.seats(2, ada.id, Some("Owner"));
    let tokens = [
        token_of(&invites(&server, &olga, "Viewer").expect(201)),
        invited(&server, &adam, "other@example.com"),
    ];
    server.archives(olga.id);
    server.archives(adam.id);
    for token in &tokens {
        accepts(&server, token).refused(400, "INVALID_TOKEN");
    }
}

#[test]
fn an_invitation_ends_with_its_team_or_when_it_is_withdrawn() {
    let (server, [_, adam, olga]) = house();
    let token = token_of(&invites(&server, &olga, "Viewer").expect(201));
    let withdrawn = olga.deletes(&server, "/invitations/1").expect(200);
    assert_eq!(fields(&withdrawn.json), ["description", "message"]);
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
    for gone in ["1", "99", "0", "-1", "1.0", "first"] {
        olga.deletes(&server, &format!("/invitations/{gone}"))
            .refused(404, "NOT_FOUND");
    }
    let operator = json!({ "email": "tom@example.com", "teamId": 2, "role": "Viewer" });
    let tokens = [
        token_of(&invites(&server, &olga, "Viewer").expect(201)),
        token_of(&server.operator("POST", "/invitations", Some(operator))),
    ];
    olga.deletes(&server, "/teams/2").expect(200);
    for token in &tokens {
        accepts(&server, token).refused(400, "INVALID_TOKEN");
    }
    assert_eq!(ids(&server, &adam), [0; 0]);
    let body = json!({ "email": GUEST, "teamId": 2 });
    adam.posts(&server, "/invitations", body)
        .refused(404, "TEAM_NOT_FOUND");
}

#[test]
fn a_list_shows_what_one_might_have_made() {
    let (server, [ada, adam, olga]) = house();
    let [mia, vic, out] =
        ["mia", "vic", "out"].map(|name| Person::user(&server, &format!("{name}@example.com")));
    server.seats(2, mia.id, Some("Manager"));
    server.seats(2, vic.id, Some("Viewer"));
    for (number, (team, role)) in [
        (Some(2), "Owner"),
        (Some(2), "Manager"),
        (Some(2), "Viewer"),
        (None, "Viewer"),
        (Some(1), "Viewer"),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("guest{number}@example.com");
        let body = json!({ "email": email, "teamId": team, "role": role });
        ada.posts(&server, "/invitations", body).expect(201);
    }
    for (person, expected) in [
        (&ada, vec![1, 2, 3, 4, 5]),
        (&adam, vec![1, 2, 3, 4]),
        (&olga, vec![1, 2, 3]),
        (&mia, vec![2, 3]),
        (&vic, vec![]),
        (&out, vec![]),
    ] {
        assert_eq!(ids(&server, person), expected, "{}", person.email);
        for id in 1..=5 {
            if !expected.contains(&id) {
                person
                    .deletes(&server, &format!("/invitations/{id}"))
                    .refused(403, "ACCESS_DENIED");
            }
        }
    }
    for person in [&olga, &mia, &vic, &out] {
        person
            .posts(&server, "/invitations", json!({ "email": GUEST }))
            .refused(403, "ACCESS_DENIED");
    }
}

#[test]
fn what_cannot_be_an_invitation_is_refused() {
    let (server, [_, adam, _]) = house();
    for bad in [
        json!({}),
        json!({ "email": "nowhere" }),
        json!({ "email": 5 }),
        json!({ "email": GUEST, "teamId": "2" }),
        json!({ "email": GUEST, "teamId": -2 }),
        json!({ "email": GUEST, "teamId": 2, "role": "King" }),
        json!({ "email": GUEST, "teamId": 2, "role": "Admin" }),
        json!({ "email": GUEST, "role": "Super Admin" }),
        json!({ "email": GUEST, "firstName": "x".repeat(101) }),
        json!({ "email": GUEST, "lastName": "a\u{7}b" }),
    ] {
        adam.posts(&server, "/invitations", bad)
            .refused(400, "INVALID_REQUEST");
    }
    assert_eq!(ids(&server, &adam), [0; 0]);
}
