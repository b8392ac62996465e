//! `/auth/me/invitations`: a person with an account finds invitations there, and accepts or declines.

use super::super::fields;
use super::{GUEST, HOURS_72, house, ids};
use crate::harness::people::{accepts, token_of};
use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Person, Server, ServerOptions};
use serde_json::{Value, json};

const LIST: &str = "/auth/me/invitations";

/// Invites somebody into a team; the answer.
fn invites(server: &Server, by: &Person, email: &str, team: u64, role: &str) -> Answer {
    let body = json!({ "email": email, "teamId": team, "role": role });
    by.posts(server, "/invitations", body)
}

/// The ids of what a person is invited to.
#[track_caller]
fn offers(server: &Server, person: &Person) -> Vec<u64> {
    let list = person.gets(server, LIST).expect(200);
    let list = list.json["invitations"].as_array().unwrap();
    list.iter().map(|one| one["id"].as_u64().unwrap()).collect()
}

/// Accepts or declines.
fn answers(server: &Server, person: &Person, id: u64, how: &str) -> Answer {
    let path = format!("{LIST}/{id}/{how}");
    server.http.post_nothing(&path, &person.access)
}

/// The role of a person in a team.
fn role_in(server: &Server, team: u64, person: &Person) -> Option<String> {
    let path = format!("/teams/{team}/members?limit=500");
    let answer = server.operator("GET", &path, None).expect(200);
    let members = answer.json["members"].as_array().unwrap();
    let found = members.iter().find(|one| one["userId"] == person.id);
    found.map(|one| one["role"].as_str().unwrap().to_owned())
}

/// How often the audit log tells of an action.
fn count(server: &Server, action: &str) -> usize {
    let actions = server.audit_actions();
    actions.iter().filter(|found| *found == action).count()
}

#[test]
fn an_account_shows_who_invites_to_which_team_as_what_until_when() {
    let (server, [_, _, olga]) = house();
    let nell = Person::user(&server, GUEST);
    let other = Person::user(&server, "other@example.com");
    let empty = nell.gets(&server, LIST).expect(200);
    assert_eq!(empty.json, json!({ "invitations": [] }));
    // The address decides, in any case; names that the inviter made up are nobody's.
    let body = json!({
        "email": "NELL@example.com",
        "firstName": "Made",
        "lastName": "Up",
        "teamId": 2,
        "role": "Manager",
    });
    olga.posts(&server, "/invitations", body).expect(201);
    let list = nell.gets(&server, LIST).expect(200);
    let expected = json!({
        "id": 1,
        "team": { "id": 2, "name": "Blue", "support": false },
        "role": "Manager",
        "invitedBy": { "id": olga.id, "name": "Grace Murray" },
        "createdAt": "2026-06-01T12:00:00Z",
        "expiresAt": "2026-06-04T12:00:00Z",
    });
    assert_eq!(list.json, json!({ "invitations": [expected] }));
    assert_eq!(offers(&server, &other), [0; 0]);
    assert_eq!(role_in(&server, 2, &nell), None);
}

#[test]
fn who_accepts_is_a_member_with_the_role_of_the_invitation() {
    let (server, [_, adam, olga]) = house();
    for (number, role) in ["Owner", "Manager", "Viewer"].into_iter().enumerate() {
        let nell = Person::user(&server, &format!("nell{number}@example.com"));
        let before = server.shows(nell.id);
        invites(&server, &olga, &nell.email, 2, role).expect(201);
        let [id] = offers(&server, &nell)[..] else {
            panic!("one invitation")
        };
        let done = answers(&server, &nell, id, "accept").expect(200);
        assert_eq!(fields(&done.json), ["description", "message"]);
        assert_eq!(role_in(&server, 2, &nell).as_deref(), Some(role));
        let me = nell.gets(&server, "/auth/me").expect(200);
        let teams = json!([{ "id": 2, "name": "Blue", "role": role, "support": false }]);
        assert_eq!(me.json["teams"], teams);
        assert_eq!(offers(&server, &nell), [0; 0]);
        answers(&server, &nell, id, "accept").refused(404, "NOT_FOUND");
        answers(&server, &nell, id, "decline").refused(404, "NOT_FOUND");
        assert_eq!(server.shows(nell.id), before, "the account is as it was");
    }
    assert_eq!(ids(&server, &adam), [0; 0]);
    assert_eq!(count(&server, "invitation.accepted"), 3);
    assert!(server.audit_is_intact());
}

#[test]
fn the_audit_log_tells_who_accepted_and_who_declined() {
    let (server, [_, _, olga]) = house();
    let nell = Person::user(&server, GUEST);
    let green = server.team("Green", olga.id);
    for team in [2, green] {
        invites(&server, &olga, GUEST, team, "Viewer").expect(201);
    }
    answers(&server, &nell, 1, "accept").expect(200);
    answers(&server, &nell, 2, "decline").expect(200);
    for (action, detail) in [
        ("invitation.accepted", "nell@example.com, team 2 as Viewer"),
        ("invitation.declined", "nell@example.com, team 3 as Viewer"),
    ] {
        let path = format!("/audit?action={action}");
        let rows = server.operator("GET", &path, None).expect(200);
        let [row] = &rows.json["events"].as_array().unwrap()[..] else {
            panic!("one row: {}", rows.text)
        };
        assert_eq!(row["actor"]["id"], nell.id);
        assert_eq!(row["userId"], nell.id);
        assert_eq!(row["detail"], detail);
    }
}

/// "Learn nothing about who has an account": for the inviter, a person who declines is one who has not
/// answered.
#[test]
fn a_declined_invitation_is_gone_for_its_person_alone() {
    let (server, [_, _, olga]) = house();
    let nell = Person::user(&server, GUEST);
    let token = token_of(&invites(&server, &olga, GUEST, 2, "Viewer").expect(201));
    let before = olga.gets(&server, "/invitations").expect(200);
    let done = answers(&server, &nell, 1, "decline").expect(200);
    assert_eq!(fields(&done.json), ["description", "message"]);
    assert_eq!(offers(&server, &nell), [0; 0]);
    for how in ["accept", "decline"] {
        answers(&server, &nell, 1, how).refused(404, "NOT_FOUND");
    }
    assert_eq!(role_in(&server, 2, &nell), None);
    let after = olga.gets(&server, "/invitations").expect(200);
    assert_eq!(after.json, before.json);
    accepts(&server, &token).refused(400, "INVALID_TOKEN");
    // A new one replaces it, as it would replace one that was not answered, and is shown.
    invites(&server, &olga, GUEST, 2, "Viewer").expect(201);
    assert_eq!(ids(&server, &olga), [2]);
    assert_eq!(offers(&server, &nell), [2]);
    answers(&server, &nell, 2, "decline").expect(200);
    olga.deletes(&server, "/invitations/2").expect(200);
    assert_eq!(ids(&server, &olga), [0; 0]);
}

/// "404 for an id that is not one of mine."
#[test]
fn invitations_of_others_are_out_of_reach() {
    let (server, [ada, adam, olga]) = house();
    let nell = Person::user(&server, GUEST);
    let mia = Person::user(&server, "mia@example.com");
    invites(&server, &olga, GUEST, 2, "Owner").expect(201);
    for person in [&ada, &adam, &olga, &mia] {
        assert_eq!(offers(&server, person), [0; 0], "{}", person.email);
        for how in ["accept", "decline"] {
            answers(&server, person, 1, how).refused(404, "NOT_FOUND");
        }
    }
    for odd in ["0", "-1", "1.0", "99", "first", "%31"] {
        for how in ["accept", "decline"] {
            let path = format!("{LIST}/{odd}/{how}");
            let answer = server.http.post_nothing(&path, &nell.access);
            answer.refused(404, "NOT_FOUND");
        }
    }
    assert_eq!(offers(&server, &nell), [1]);
}

/// "An invitation to the same address before is void", for the same team; two teams do not get into each
/// other's way, whoever may withdraw what.
#[test]
fn each_team_has_its_own_invitation_to_an_address() {
    let (server, [_, adam, olga]) = house();
    let mia = Person::user(&server, "mia@example.com");
    let green = server.team("Green", mia.id);
    let nell = Person::user(&server, GUEST);
    invites(&server, &olga, GUEST, 2, "Viewer").expect(201);
    invites(&server, &mia, GUEST, green, "Viewer").expect(201);
    assert_eq!(offers(&server, &nell), [1, 2]);
    invites(&server, &adam, GUEST, green, "Manager").expect(201);
    assert_eq!(offers(&server, &nell), [1, 3]);
    assert_eq!(ids(&server, &mia), [3]);
    // Nobody voids what they could not withdraw.
    let max = Person::user(&server, "max@example.com");
    server.seats(2, max.id, Some("Manager"));
    invites(&server, &olga, GUEST, 2, "Owner").expect(201);
    invites(&server, &max, GUEST, 2, "Viewer").refused(409, "ALREADY_EXISTS");
    assert_eq!(offers(&server, &nell), [3, 4]);
    answers(&server, &nell, 4, "accept").expect(200);
    answers(&server, &nell, 3, "accept").expect(200);
    assert_eq!(role_in(&server, 2, &nell).as_deref(), Some("Owner"));
    assert_eq!(role_in(&server, green, &nell).as_deref(), Some("Manager"));
}

/// "Invitations and links are void once their maker may make them no more."
#[test]
fn an_invitation_to_join_ends_as_its_link_does() {
    let (server, [ada, adam, olga]) = house();
    server.seats(2, ada.id, Some("Owner"));
    let nell = Person::user(&server, GUEST);
    let green = server.team("Green", adam.id);
    let grey = server.team("Grey", adam.id);
    invites(&server, &olga, GUEST, 2, "Owner").expect(201);
    invites(&server, &adam, GUEST, green, "Viewer").expect(201);
    invites(&server, &adam, GUEST, grey, "Viewer").expect(201);
    let refused = |ids: &[u64]| {
        for id in ids {
            for how in ["accept", "decline"] {
                answers(&server, &nell, *id, how).refused(404, "NOT_FOUND");
            }
        }
    };
    server.seats(2, olga.id, Some("Manager"));
    assert_eq!(offers(&server, &nell), [2, 3]);
    refused(&[1]);
    server.seats(2, olga.id, Some("Owner"));
    assert_eq!(offers(&server, &nell), [1, 2, 3]);
    adam.deletes(&server, &format!("/teams/{grey}")).expect(200);
    assert_eq!(offers(&server, &nell), [1, 2]);
    olga.deletes(&server, "/invitations/1").expect(200);
    server.archives(adam.id);
    assert_eq!(offers(&server, &nell), [0; 0]);
    refused(&[1, 2, 3]);
    assert_eq!(role_in(&server, 2, &nell), None);
}

#[test]
fn an_invitation_to_join_lives_72_hours() {
    let (server, [_, _, olga]) = house();
    let mut nell = Person::user(&server, GUEST);
    let mut mia = Person::user(&server, "mia@example.com");
    for person in [&nell, &mia] {
        invites(&server, &olga, &person.email, 2, "Viewer").expect(201);
    }
    server.clock.advance(HOURS_72 - 1);
    nell.signs_in(&server).expect(200);
    mia.signs_in(&server).expect(200);
    answers(&server, &nell, 1, "accept").expect(200);
    server.clock.advance(1);
    assert_eq!(offers(&server, &mia), [0; 0]);
    answers(&server, &mia, 2, "accept").refused(404, "NOT_FOUND");
}

#[test]
fn of_many_at_once_one_accepts() {
    let (server, [_, _, olga]) = house();
    let nell = Person::user(&server, GUEST);
    invites(&server, &olga, GUEST, 2, "Viewer").expect(201);
    let accept = || answers(&server, &nell, 1, "accept").status;
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(accept)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404]);
    assert_eq!(count(&server, "invitation.accepted"), 1);
    assert_eq!(role_in(&server, 2, &nell).as_deref(), Some("Viewer"));
}

/// The account may come after the invitation: made by the operator, or from another team's invitation.
#[test]
fn an_account_that_comes_later_finds_what_was_sent_before() {
    let (server, [_, adam, olga]) = house();
    let green = server.team("Green", adam.id);
    let token = token_of(&invites(&server, &olga, GUEST, 2, "Viewer").expect(201));
    invites(&server, &adam, GUEST, green, "Viewer").expect(201);
    let answer = accepts(&server, &token).expect(201);
    let mut nell = Person::default();
    nell.takes(&answer);
    assert_eq!(offers(&server, &nell), [2]);
    answers(&server, &nell, 2, "accept").expect(200);
    let me = nell.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["teams"].as_array().unwrap().len(), 2);
    invites(&server, &olga, "tess@example.com", 2, "Viewer").expect(201);
    let tess = Person::user(&server, "tess@example.com");
    assert_eq!(offers(&server, &tess), [3]);
}

/// Where anybody may sign up, nobody has shown that the address is theirs: what was sent to it before
/// was meant for somebody else.
#[test]
fn who_signs_up_with_an_address_takes_no_invitation_over() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| config.policy.registration = true),
    });
    let _ada = Person::super_admin(&server);
    let olga = Person::user(&server, "olga@example.com");
    server.team("Blue", olga.id);
    invites(&server, &olga, GUEST, 2, "Owner").expect(201);
    let body = json!({
        "email": GUEST, "password": PASSWORD, "firstName": "Eve", "lastName": "",
    });
    let mut eve = Person::default();
    eve.takes(&server.http.post("/auth/sign-up", "", body).expect(201));
    eve.enrols(&server);
    assert_eq!(offers(&server, &eve), [0; 0]);
    answers(&server, &eve, 1, "accept").refused(404, "NOT_FOUND");
    assert_eq!(ids(&server, &olga), [1], "the inviter is not told");
    // What is made for the address from now on, is made for this account.
    invites(&server, &olga, GUEST, 2, "Viewer").expect(201);
    assert_eq!(offers(&server, &eve), [2]);
}

/// Somebody who is in the team, or was taken out of it, does not come back by what was sent before.
#[test]
fn an_invitation_from_before_brings_nobody_back() {
    let (server, [_, adam, olga]) = house();
    let nell = Person::user(&server, GUEST);
    let member = format!("/teams/2/members/{}", nell.id);
    invites(&server, &olga, GUEST, 2, "Manager").expect(201);
    let body = json!({ "userId": nell.id, "role": "Viewer" });
    adam.posts(&server, "/teams/2/members", body).expect(201);
    assert_eq!(offers(&server, &nell), [0; 0]);
    assert_eq!(ids(&server, &olga), [0; 0]);
    invites(&server, &olga, GUEST, 2, "Manager").refused(409, "ALREADY_EXISTS");
    olga.deletes(&server, &member).expect(200);
    answers(&server, &nell, 1, "accept").refused(404, "NOT_FOUND");
    // Control: a new one does.
    invites(&server, &olga, GUEST, 2, "Viewer").expect(201);
    answers(&server, &nell, 2, "accept").expect(200);
    assert_eq!(role_in(&server, 2, &nell).as_deref(), Some("Viewer"));
}

/// A member may have an invitation as more than they are, made by somebody whose word weighs more: it
/// does not lift them, and stays until they are out.
#[test]
fn an_invitation_lifts_no_member() {
    let (server, [ada, adam, olga]) = house();
    let nell = Person::user(&server, GUEST);
    server.seats(1, adam.id, Some("Manager"));
    server.seats(1, olga.id, Some("Owner"));
    invites(&server, &ada, GUEST, 1, "Owner").expect(201);
    let body = json!({ "userId": nell.id, "role": "Viewer" });
    adam.posts(&server, "/teams/1/members", body).expect(201);
    assert_eq!(ids(&server, &ada), [1]);
    assert_eq!(offers(&server, &nell), [0; 0]);
    for how in ["accept", "decline"] {
        answers(&server, &nell, 1, how).refused(404, "NOT_FOUND");
    }
    assert_eq!(role_in(&server, 1, &nell).as_deref(), Some("Viewer"));
}

/// "Membership of the support team wants a fresh code", also of who joins it.
#[test]
fn joining_the_support_team_takes_a_fresh_code() {
    let (server, [ada, ..]) = house();
    let mut nell = Person::protected(&server, GUEST);
    let mia = Person::user(&server, "mia@example.com");
    for person in [&nell, &mia] {
        invites(&server, &ada, &person.email, 1, "Viewer").expect(201);
    }
    let list = nell.gets(&server, LIST).expect(200);
    assert_eq!(list.json["invitations"][0]["team"]["support"], true);
    answers(&server, &mia, 2, "accept").refused(400, "TWO_FACTOR_NOT_ENABLED");
    server.clock.advance(301);
    answers(&server, &nell, 1, "accept").refused(403, "FRESH_CODE_REQUIRED");
    assert_eq!(role_in(&server, 1, &nell), None);
    let code = nell.code(&server);
    nell.authenticates(&server, &code).expect(200);
    answers(&server, &nell, 1, "accept").expect(200);
    assert_eq!(role_in(&server, 1, &nell).as_deref(), Some("Viewer"));
    // Declining takes none.
    answers(&server, &mia, 2, "decline").expect(200);
}

/// "A role taken away works at once", and so does a new address: an invitation is to an address.
#[test]
fn an_invitation_goes_with_the_address() {
    let (server, [_, mut adam, olga]) = house();
    let nell = Person::user(&server, GUEST);
    invites(&server, &olga, GUEST, 2, "Viewer").expect(201);
    adam.comes_in(&server);
    let path = format!("/users/{}", nell.id);
    let moved = json!({ "email": "moved@example.com" });
    adam.patches(&server, &path, moved).expect(200);
    assert_eq!(offers(&server, &nell), [0; 0]);
    answers(&server, &nell, 1, "accept").refused(404, "NOT_FOUND");
    let back = json!({ "email": "Nell@Example.com" });
    adam.patches(&server, &path, back).expect(200);
    assert_eq!(offers(&server, &nell), [1]);
    assert_eq!(role_in(&server, 2, &nell), None::<String>);
    let list = nell.gets(&server, LIST).expect(200);
    assert_ne!(list.json["invitations"][0]["role"], Value::Null);
}
