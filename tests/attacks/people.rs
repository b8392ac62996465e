//! People against people: other people's ids, roles that one gives oneself, and races for the last one
//! who may.

mod directory;
mod fields;

use crate::harness::people::{accepts, token_of};
use crate::harness::{Person, Server, ServerOptions};
use serde_json::{Value, json};

/// Ada (1, Super Admin), Adam (2, Admin), Olga (3) who owns team 2, Mia (4), who is nobody there.
fn house() -> (Server, [Person; 4]) {
    let server = Server::start_with(&ServerOptions {
        configure: Some(|config| config.policy.registration = true),
    });
    let ada = Person::super_admin(&server);
    let adam = Person::admin(&server, "adam@example.com");
    let olga = Person::user(&server, "olga@example.com");
    let mia = Person::user(&server, "mia@example.com");
    server.team("Blue", olga.id);
    (server, [ada, adam, olga, mia])
}

/// Sends from as many threads as there are requests; the statuses, sorted.
fn at_once(send: &[&(dyn Fn() -> u16 + Sync)]) -> Vec<u16> {
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = send.iter().map(|send| scope.spawn(send)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    statuses
}

/// "404 for an id that is not one of mine": nobody sees or ends the sessions of others, an
/// administrator neither.
#[test]
fn sessions_of_others_are_out_of_reach() {
    let (server, [ada, adam, olga, mia]) = house();
    let sessions = olga.gets(&server, "/auth/sessions").expect(200);
    let id = sessions.json["sessions"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for person in [&ada, &adam, &mia] {
        let own = person.gets(&server, "/auth/sessions").expect(200);
        assert!(!own.text.contains(&id));
        let path = format!("/auth/sessions/{id}");
        person.deletes(&server, &path).refused(404, "NOT_FOUND");
    }
    olga.gets(&server, "/auth/me").expect(200);
    for odd in [id.to_uppercase(), format!("{id}00"), id[..30].to_owned()] {
        let path = format!("/auth/sessions/{odd}");
        olga.deletes(&server, &path).refused(404, "NOT_FOUND");
    }
}

/// "Notices tell what happened to the account until dismissed", by its owner alone.
#[test]
fn notices_of_others_stay() {
    let (server, [_, adam, olga, mia]) = house();
    let body = json!({ "firstName": "Olga" });
    adam.patches(&server, &format!("/users/{}", olga.id), body)
        .expect(200);
    let me = olga.gets(&server, "/auth/me").expect(200);
    let id = me.json["notices"][0]["id"].clone();
    for person in [&adam, &mia] {
        let body = json!({ "ids": [id] });
        let dismissed = person.posts(&server, "/auth/me/notices/dismiss", body);
        dismissed.expect(200);
    }
    assert_eq!(olga.notices(&server), ["account_changed"]);
    let body = json!({ "ids": [id] });
    olga.posts(&server, "/auth/me/notices/dismiss", body)
        .expect(200);
    assert_eq!(olga.notices(&server), [""; 0]);
}

/// "Administrators see all teams, others their own": an outsider gets at nothing of a team by its id.
#[test]
fn teams_of_others_are_out_of_reach() {
    let (server, [_, _, olga, mia]) = house();
    let other = server.team("Green", mia.id);
    let invitation = json!({ "email": "nell@example.com", "teamId": 2, "role": "Owner" });
    olga.posts(&server, "/invitations", invitation.clone())
        .expect(201);
    let role = || Some(json!({ "role": "Owner" }));
    let member = json!({ "userId": mia.id, "role": "Viewer" });
    for (method, path, body) in [
        ("GET", "/teams/2", None),
        ("PATCH", "/teams/2", Some(json!({ "name": "Mine" }))),
        ("PATCH", "/teams/2", Some(json!({ "support": true }))),
        ("DELETE", "/teams/2", None),
        ("GET", "/teams/2/members", None),
        ("POST", "/teams/2/members", Some(member)),
        ("PATCH", "/teams/2/members/3", role()),
        ("PATCH", "/teams/2/members/4", role()),
        ("DELETE", "/teams/2/members/3", None),
        ("DELETE", "/teams/2/members/4", None),
        ("POST", "/invitations", Some(invitation)),
        ("DELETE", "/invitations/1", None),
    ] {
        mia.sends(&server, method, path, body)
            .refused(403, "ACCESS_DENIED");
    }
    let list = mia.gets(&server, "/invitations").expect(200);
    assert_eq!(list.json["invitations"], json!([]));
    // A member of one team's id under another team is nobody there.
    let path = format!("/teams/{other}/members/{}", olga.id);
    mia.patches(&server, &path, json!({ "role": "Viewer" }))
        .refused(404, "USER_NOT_FOUND");
    mia.deletes(&server, &path).refused(404, "USER_NOT_FOUND");
    let team = olga.gets(&server, "/teams/2").expect(200);
    assert_eq!(team.json["name"], "Blue");
    assert_eq!(team.json["members"], 1);
}

/// "Caller is Admin or Super Admin and member of the support team"; its "members are changed by a
/// Super Admin or by its own Owner or Manager, not by any other Admin".
#[test]
fn an_admin_does_not_let_themselves_into_the_support_team() {
    let (server, [ada, adam, olga, _]) = house();
    let own = server.team("Adam's", adam.id);
    let own = format!("/teams/{own}");
    let join = |role: &str| Some(json!({ "userId": adam.id, "role": role }));
    let marked = json!({ "name": "Second line", "support": true });
    let guest = json!({ "email": "nell@example.com", "teamId": 1, "role": "Viewer" });
    let role = || Some(json!({ "role": "Owner" }));
    for (method, path, body) in [
        ("POST", "/teams/1/members", join("Viewer")),
        ("POST", "/teams/1/members", join("Owner")),
        ("PATCH", "/teams/1/members/1", role()),
        ("DELETE", "/teams/1/members/1", None),
        ("PATCH", "/teams/1", Some(json!({ "name": "Nobody's" }))),
        ("PATCH", "/teams/1", Some(json!({ "support": false }))),
        ("DELETE", "/teams/1", None),
        ("PATCH", own.as_str(), Some(json!({ "support": true }))),
        ("POST", "/teams", Some(marked)),
        ("POST", "/invitations", Some(guest)),
        ("PATCH", "/users/1", Some(json!({ "firstName": "Eve" }))),
        ("POST", "/users/1/reset-password", None),
        (
            "PATCH",
            "/users/2",
            Some(json!({ "roles": ["Super Admin"] })),
        ),
    ] {
        adam.sends(&server, method, path, body)
            .refused(403, "ACCESS_DENIED");
    }
    server.clock.advance(30);
    let body = json!({ "userId": olga.id, "teamId": 2, "code": adam.code(&server) });
    adam.posts(&server, "/2fa/impersonate", body.clone())
        .refused(403, "ACCESS_DENIED");
    // Let in as a Viewer, they let nobody else in, and make themselves no more than that.
    server.seats(1, adam.id, Some("Viewer"));
    let eve = Person::admin(&server, "eve@example.com");
    for (method, path, body) in [
        (
            "POST",
            "/teams/1/members",
            json!({ "userId": eve.id, "role": "Viewer" }),
        ),
        ("PATCH", "/teams/1/members/2", json!({ "role": "Manager" })),
        ("PATCH", "/teams/1/members/1", json!({ "role": "Viewer" })),
    ] {
        adam.sends(&server, method, path, Some(body))
            .refused(403, "ACCESS_DENIED");
    }
    // The refused try burnt no code.
    adam.posts(&server, "/2fa/impersonate", body).expect(200);
    assert_eq!(server.all_teams()[0], (1, "Support".to_owned(), true));
    ada.gets(&server, "/auth/me").expect(200);
}

/// "Not by any other Admin", in the name of a User who leads the support team neither: whoever takes
/// such an account over would let themselves in.
#[test]
fn an_admin_takes_no_leader_of_the_support_team_over() {
    for role in ["Owner", "Manager"] {
        let (server, [ada, adam, olga, _]) = house();
        server.seats(1, olga.id, Some(role));
        let user = format!("/users/{}", olga.id);
        let ids = json!({ "ids": [olga.id] });
        let attempts = || {
            let reset = adam.sends(&server, "POST", &format!("{user}/reset-password"), None);
            let renamed = adam.patches(&server, &user, json!({ "firstName": "Eve" }));
            let archived = adam.patches(&server, "/users/archive", ids.clone());
            [reset, renamed, archived]
        };
        for attempt in attempts() {
            attempt.refused(403, "ACCESS_DENIED");
        }
        let path = format!("{user}/reset-password");
        ada.sends(&server, "POST", &path, None).expect(201);
        // A Viewer there is an account like any other, but a link of then opens no leader's.
        server.seats(1, olga.id, Some("Viewer"));
        let link = token_of(&adam.sends(&server, "POST", &path, None).expect(201));
        server.seats(1, olga.id, Some(role));
        let body = json!({ "token": link, "password": "seven lamps burn at noon" });
        server
            .http
            .post("/auth/restore-password", "", body)
            .refused(400, "INVALID_TOKEN");
    }
}

/// "Strictly lower privilege": acting as a User who leads the support team, an Admin does not change
/// who is in it.
#[test]
fn an_impersonator_does_not_change_the_support_team() {
    let (server, [_, adam, olga, mia]) = house();
    server.seats(1, olga.id, Some("Owner"));
    server.seats(1, adam.id, Some("Viewer"));
    server.clock.advance(30);
    let body = json!({ "userId": olga.id, "teamId": 1, "code": adam.code(&server) });
    let answer = adam.posts(&server, "/2fa/impersonate", body).expect(200);
    let mut as_olga = olga.clone();
    as_olga.takes(&answer);
    let guest = json!({ "email": "nell@example.com", "teamId": 1, "role": "Owner" });
    for (method, path, body) in [
        (
            "PATCH",
            "/teams/1/members/2",
            Some(json!({ "role": "Owner" })),
        ),
        ("DELETE", "/teams/1/members/1", None),
        ("DELETE", "/teams/1/members/3", None),
        ("PATCH", "/teams/1", Some(json!({ "name": "Mine" }))),
        ("POST", "/invitations", Some(guest)),
    ] {
        as_olga
            .sends(&server, method, path, body)
            .refused(403, "ACCESS_DENIED");
    }
    as_olga.gets(&server, "/teams/1/members").expect(200);
    let body = json!({ "userId": mia.id, "role": "Viewer" });
    as_olga
        .posts(&server, "/teams/1/members", body)
        .refused(403, "NOT_WHILE_IMPERSONATING");
    // In her other team they may what she may.
    let guest = json!({ "email": "nell@example.com", "teamId": 2, "role": "Owner" });
    as_olga.posts(&server, "/invitations", guest).expect(201);
}

/// "In a team, one each": an Owner may do everything there and nothing anywhere else.
#[test]
fn an_owner_is_nobody_outside_the_team() {
    let (server, [_, _, olga, mia]) = house();
    server.seats(2, mia.id, Some("Viewer"));
    let some = |body: Value| Some(body);
    for (method, path, body) in [
        ("GET", "/users", None),
        ("GET", "/users/4", None),
        ("GET", "/audit", None),
        ("PATCH", "/users/4", some(json!({ "firstName": "X" }))),
        ("PATCH", "/users/3", some(json!({ "roles": ["Admin"] }))),
        ("PATCH", "/users/archive", some(json!({ "ids": [4] }))),
        ("POST", "/users/4/reset-password", None),
        ("POST", "/users/4/reset-two-factor", None),
        ("PATCH", "/teams/2", some(json!({ "support": true }))),
        ("POST", "/teams", some(json!({ "name": "New" }))),
        ("POST", "/invitations", some(json!({ "email": "a@b.c" }))),
    ] {
        olga.sends(&server, method, path, body)
            .refused(403, "ACCESS_DENIED");
    }
    for role in ["Admin", "Super Admin"] {
        olga.patches(&server, "/teams/2/members/4", json!({ "role": role }))
            .refused(400, "INVALID_REQUEST");
    }
    olga.patches(&server, "/teams/2/members/4", json!({ "role": "Owner" }))
        .expect(200);
    for id in [olga.id, mia.id] {
        assert_eq!(server.shows(id)["roles"], json!(["User"]));
    }
}

/// "A team keeps at least one Owner", also when all of them leave at once.
#[test]
fn of_two_owners_who_leave_at_once_one_stays() {
    let (server, [_, _, olga, mia]) = house();
    server.seats(2, mia.id, Some("Owner"));
    let leaves = |person: &Person| {
        let path = format!("/teams/2/members/{}", person.id);
        person.deletes(&server, &path).status
    };
    let statuses = at_once(&[&|| leaves(&olga), &|| leaves(&mia)]);
    assert_eq!(statuses, [200, 409]);
    let members = server.operator("GET", "/teams/2/members", None);
    assert_eq!(members.json["members"].as_array().unwrap().len(), 1);
    assert_eq!(members.json["members"][0]["role"], "Owner");
}

/// "The last Super Admin can be neither archived nor demoted", also when two demote each other.
#[test]
fn of_two_super_admins_who_demote_each_other_one_stays() {
    let (server, [ada, ..]) = house();
    let sue = Person::with_roles(&server, "sue@example.com", &["Super Admin"]);
    let demotes = |by: &Person, whom: &Person| {
        let body = json!({ "roles": ["User"] });
        by.patches(&server, &format!("/users/{}", whom.id), body)
            .status
    };
    let statuses = at_once(&[&|| demotes(&ada, &sue), &|| demotes(&sue, &ada)]);
    assert_eq!(statuses, [200, 403]);
    let list = server.operator("GET", "/users?role=Super+Admin", None);
    assert_eq!(list.json["users"].as_array().unwrap().len(), 1);
}

/// "Of N parallel requests exactly one succeeds": an address goes to one account, a name to one team.
#[test]
fn what_is_unique_stays_unique_in_a_race() {
    let (server, [_, adam, olga, mia]) = house();
    let moves = |person: &Person| {
        let body = json!({ "email": "Same@example.com" });
        adam.patches(&server, &format!("/users/{}", person.id), body)
            .status
    };
    let statuses = at_once(&[&|| moves(&olga), &|| moves(&mia)]);
    assert_eq!(statuses, [200, 409]);
    let names = |name: &str| {
        adam.posts(&server, "/teams", json!({ "name": name }))
            .status
    };
    let statuses = at_once(&[&|| names("Race"), &|| names("RACE"), &|| names("race ")]);
    assert_eq!(statuses, [201, 409, 409]);
    assert!(server.audit_is_intact());
}

/// "A role taken away works at once": what an Admin began as one is not finished as a User.
#[test]
fn nothing_outlives_the_role_that_began_it() {
    let (server, [_, adam, olga, _]) = house();
    let invitation = json!({ "email": "nell@example.com" });
    let invitation = adam.posts(&server, "/invitations", invitation).expect(201);
    let link = adam.sends(&server, "POST", "/users/4/reset-password", None);
    let link = token_of(&link.expect(201));
    server.gives_roles(adam.id, &["User"]);
    accepts(&server, &token_of(&invitation)).refused(400, "INVALID_TOKEN");
    let body = json!({ "token": link, "password": "seven lamps burn at noon" });
    server
        .http
        .post("/auth/restore-password", "", body)
        .refused(400, "INVALID_TOKEN");
    for path in [
        "/users",
        "/users/4",
        "/teams/1",
        "/teams/2/members",
        "/audit",
    ] {
        adam.gets(&server, path).refused(403, "ACCESS_DENIED");
    }
    let teams = adam.gets(&server, "/teams").expect(200);
    assert_eq!(teams.json["teams"], json!([]));
    olga.gets(&server, "/teams/2").expect(200);
}
