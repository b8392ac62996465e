//! `/teams` over HTTP: shapes, lists, names, members. Who may do what is in
//! `team_roles`.

mod support;

use super::fields;
use crate::harness::{Person, Server};
use serde_json::{Value, json};

/// Ada (1, Super Admin), Adam (2, Admin), Grace (3) and Mia (4), without a second factor.
fn house() -> (Server, [Person; 4]) {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let adam = Person::admin(&server, "adam@example.com");
    let grace = Person::user(&server, "grace@example.com");
    let mia = Person::user(&server, "mia@example.com");
    (server, [ada, adam, grace, mia])
}

/// The ids that a list shows.
#[track_caller]
fn ids(server: &Server, person: &Person, query: &str) -> Vec<u64> {
    let answer = person.gets(server, &format!("/teams{query}")).expect(200);
    let teams = answer.json["teams"].as_array().unwrap();
    teams
        .iter()
        .map(|team| team["id"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_team_has_this_shape_in_every_answer() {
    let (server, [_, adam, grace, _]) = house();
    let body = json!({ "name": "  Blue Whales ", "ownerId": grace.id });
    let made = adam.posts(&server, "/teams", body).expect(201);
    let mut expected = json!({
        "id": 2,
        "name": "Blue Whales",
        "support": false,
        "members": 1,
        "createdAt": "2026-06-01T12:00:00Z",
        "role": Value::Null,
    });
    assert_eq!(made.json, expected);
    let shown = adam.gets(&server, "/teams/2").expect(200);
    assert_eq!(shown.json, expected);
    let list = adam.gets(&server, "/teams").expect(200);
    assert_eq!(fields(&list.json), ["nextCursor", "teams"]);
    assert_eq!(list.json["nextCursor"], Value::Null);
    assert_eq!(list.json["teams"][1], expected);
    expected["role"] = "Owner".into();
    assert_eq!(grace.gets(&server, "/teams/2").expect(200).json, expected);
    expected["name"] = "Red Whales".into();
    let renamed = grace.patches(&server, "/teams/2", json!({ "name": "Red Whales" }));
    assert_eq!(renamed.expect(200).json, expected);
    let unchanged = grace.patches(&server, "/teams/2", json!({}));
    assert_eq!(unchanged.expect(200).json, expected);
    let deleted = grace.deletes(&server, "/teams/2").expect(200);
    assert_eq!(fields(&deleted.json), ["description", "message"]);
    adam.gets(&server, "/teams/2")
        .refused(404, "TEAM_NOT_FOUND");
    assert_eq!(ids(&server, &grace, ""), [0; 0]);
}

#[test]
fn whoever_makes_a_team_is_its_owner() {
    let (server, [ada, adam, grace, _]) = house();
    for (maker, name) in [(&ada, "One"), (&adam, "Two")] {
        let made = maker.posts(&server, "/teams", json!({ "name": name }));
        assert_eq!(made.expect(201).json["role"], "Owner");
    }
    grace
        .posts(&server, "/teams", json!({ "name": "Three" }))
        .refused(403, "ACCESS_DENIED");
    let body = json!({ "name": "Three", "ownerId": grace.id });
    grace
        .posts(&server, "/teams", body)
        .refused(403, "ACCESS_DENIED");
}

#[test]
fn administrators_see_all_teams_and_others_their_own() {
    let (server, [ada, adam, grace, mia]) = house();
    for name in ["Blue", "Green", "Deep blue", "Grey"] {
        server.team(name, ada.id);
    }
    server.seats(3, grace.id, Some("Viewer"));
    server.seats(4, grace.id, Some("Owner"));
    for (person, query, expected) in [
        (&adam, "", vec![1, 2, 3, 4, 5]),
        (&ada, "", vec![1, 2, 3, 4, 5]),
        (&grace, "", vec![3, 4]),
        (&mia, "", vec![]),
        (&adam, "?search=BLUE", vec![2, 4]),
        (&adam, "?search=deep+b", vec![4]),
        (&adam, "?search=nothing", vec![]),
        (&adam, "?search=", vec![1, 2, 3, 4, 5]),
        (&grace, "?search=blue", vec![4]),
        (&grace, "?search=support", vec![]),
        (&adam, "?cursor=3", vec![4, 5]),
        (&grace, "?cursor=3", vec![4]),
        (&grace, "?cursor=4", vec![]),
        (&adam, "?limit=0", vec![1]),
        (&adam, "?limit=99999999", vec![1, 2, 3, 4, 5]),
        (&adam, "?cursor=18446744073709551615", vec![]),
    ] {
        assert_eq!(ids(&server, person, query), expected, "{query}");
    }
    for bad in ["?cursor=one", "?limit=many", "?limit=-1", "?cursor=1.5"] {
        adam.gets(&server, &format!("/teams{bad}"))
            .refused(400, "INVALID_REQUEST");
    }
}

#[test]
fn a_cursor_leads_through_all_teams() {
    let (server, [ada, adam, grace, _]) = house();
    for number in 2..=6 {
        let team = server.team(&format!("Team {number}"), ada.id);
        server.seats(team, grace.id, Some("Viewer"));
    }
    for (person, query, expected) in [
        (&adam, "", vec![1, 2, 3, 4, 5, 6]),
        (&grace, "", vec![2, 3, 4, 5, 6]),
        (&grace, "&search=TEAM", vec![2, 3, 4, 5, 6]),
        (&adam, "&search=team", vec![2, 3, 4, 5, 6]),
    ] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        for _ in 0..4 {
            let path = format!("/teams?limit=2{cursor}{query}");
            let answer = person.gets(&server, &path).expect(200);
            let teams = answer.json["teams"].as_array().unwrap();
            seen.extend(teams.iter().map(|team| team["id"].as_u64().unwrap()));
            match answer.json["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{query}");
        assert!(cursor.len() < 11 && !cursor.is_empty());
    }
}

#[test]
fn names_are_unique_in_any_case() {
    let (server, [_, adam, grace, _]) = house();
    let blue = server.team("Blue", grace.id);
    let green = server.team("Green", grace.id);
    for taken in ["Blue", "bLUE", "  blue  "] {
        adam.posts(&server, "/teams", json!({ "name": taken }))
            .refused(409, "ALREADY_EXISTS");
        grace
            .patches(
                &server,
                &format!("/teams/{green}"),
                json!({ "name": taken }),
            )
            .refused(409, "ALREADY_EXISTS");
    }
    // One's own name in another case is free, and a name that was given up.
    let path = format!("/teams/{blue}");
    grace
        .patches(&server, &path, json!({ "name": "BLUE" }))
        .expect(200);
    grace
        .patches(&server, &path, json!({ "name": "Red" }))
        .expect(200);
    adam.posts(&server, "/teams", json!({ "name": "blue" }))
        .expect(201);
    grace.deletes(&server, &path).expect(200);
    adam.posts(&server, "/teams", json!({ "name": "red" }))
        .expect(201);
    for bad in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "  " }),
        json!({ "name": "x".repeat(101) }),
        json!({ "name": "a\u{0}b" }),
        json!({ "name": 5 }),
        json!({ "name": null }),
        json!({ "name": "Fine", "support": "yes" }),
        json!({ "name": "Fine", "ownerId": "3" }),
    ] {
        adam.posts(&server, "/teams", bad)
            .refused(400, "INVALID_REQUEST");
    }
    adam.posts(&server, "/teams", json!({ "name": "x".repeat(100) }))
        .expect(201);
}

#[test]
fn members_have_this_shape_and_a_cursor_leads_through_them() {
    let (server, [ada, adam, grace, mia]) = house();
    let team = server.team("Blue", grace.id);
    let members = format!("/teams/{team}/members");
    server.clock.advance(30);
    let body = json!({ "userId": mia.id, "role": "viewer" });
    let added = adam.posts(&server, &members, body.clone()).expect(201);
    let mut expected = json!({
        "userId": mia.id,
        "email": "mia@example.com",
        "firstName": "Grace",
        "lastName": "Murray",
        "role": "Viewer",
        "since": "2026-06-01T12:00:30Z",
        "status": "active",
    });
    assert_eq!(added.json, expected);
    adam.posts(&server, &members, body)
        .refused(409, "ALREADY_EXISTS");
    server.clock.advance(30);
    let member = format!("{members}/{}", mia.id);
    let changed = grace.patches(&server, &member, json!({ "role": "Manager" }));
    expected["role"] = "Manager".into();
    assert_eq!(changed.expect(200).json, expected);
    server.seats(team, adam.id, Some("Viewer"));
    server.seats(team, ada.id, Some("Viewer"));
    server.archives(mia.id);
    expected["status"] = "archived".into();
    let all = grace.gets(&server, &members).expect(200);
    assert_eq!(fields(&all.json), ["members", "nextCursor"]);
    assert_eq!(all.json["nextCursor"], Value::Null);
    assert_eq!(all.json["members"][3], expected);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    for page in 0..3 {
        let path = format!("{members}?limit=2{cursor}");
        let answer = grace.gets(&server, &path).expect(200);
        let page_of = answer.json["members"].as_array().unwrap();
        seen.extend(page_of.iter().map(|one| one["userId"].as_u64().unwrap()));
        match answer.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(page, 1, "two pages of two");
                break;
            }
        }
    }
    assert_eq!(seen, [1, 2, 3, 4]);
    grace
        .gets(&server, &format!("{members}?limit=x"))
        .refused(400, "INVALID_REQUEST");
}

#[test]
fn members_must_be_accounts_that_can_be_used() {
    let (server, [_, adam, grace, mia]) = house();
    let team = server.team("Blue", grace.id);
    let members = format!("/teams/{team}/members");
    server.archives(mia.id);
    for user in [mia.id, 99, 0] {
        let body = json!({ "userId": user, "role": "Viewer" });
        adam.posts(&server, &members, body)
            .refused(404, "USER_NOT_FOUND");
    }
    for (method, body) in [
        ("PATCH", Some(json!({ "role": "Viewer" }))),
        ("DELETE", None),
    ] {
        for user in ["4", "99", "0", "-1", "mia"] {
            grace
                .sends(&server, method, &format!("{members}/{user}"), body.clone())
                .refused(404, "USER_NOT_FOUND");
        }
        for gone in ["99", "0", "-1", "blue", "1.0"] {
            adam.sends(
                &server,
                method,
                &format!("/teams/{gone}/members/3"),
                body.clone(),
            )
            .refused(404, "TEAM_NOT_FOUND");
        }
    }
    for bad in [
        json!({}),
        json!({ "userId": adam.id }),
        json!({ "userId": adam.id, "role": "King" }),
        json!({ "userId": adam.id, "role": "Super Admin" }),
        json!({ "userId": adam.id, "role": "" }),
        json!({ "userId": "2", "role": "Viewer" }),
        json!({ "userId": -2, "role": "Viewer" }),
    ] {
        adam.posts(&server, &members, bad)
            .refused(400, "INVALID_REQUEST");
    }
}

#[test]
fn a_team_keeps_an_owner() {
    let (server, [ada, adam, grace, mia]) = house();
    let team = server.team("Blue", grace.id);
    let member = |person: &Person| format!("/teams/{team}/members/{}", person.id);
    server.seats(team, mia.id, Some("Manager"));
    let less = || json!({ "role": "Manager" });
    for person in [&ada, &adam, &grace] {
        person
            .deletes(&server, &member(&grace))
            .refused(409, "LAST_OWNER");
        person
            .patches(&server, &member(&grace), less())
            .refused(409, "LAST_OWNER");
    }
    server
        .operator("DELETE", &member(&grace), None)
        .refused(409, "LAST_OWNER");
    grace
        .patches(&server, &member(&grace), json!({ "role": "Owner" }))
        .expect(200);
    // An Owner who cannot sign in does not count.
    server.seats(team, mia.id, Some("Owner"));
    server.archives(mia.id);
    grace
        .deletes(&server, &member(&grace))
        .refused(409, "LAST_OWNER");
    server
        .operator("PATCH", "/users/restore", Some(json!({ "ids": [mia.id] })))
        .expect(200);
    let left = grace.deletes(&server, &member(&grace)).expect(200);
    assert_eq!(fields(&left.json), ["description", "message"]);
    let path = format!("/teams/{team}");
    grace.gets(&server, &path).refused(403, "ACCESS_DENIED");
    grace
        .deletes(&server, &member(&grace))
        .refused(403, "ACCESS_DENIED");
    let me = grace.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["teams"], json!([]));
    let support = "/teams/1/members/1";
    ada.deletes(&server, support).refused(409, "LAST_OWNER");
}

/// "Nothing was half written": what is refused leaves no team and no new name behind.
#[test]
fn what_is_refused_changes_nothing() {
    let (server, [ada, adam, grace, mia]) = house();
    server.team("Blue", grace.id);
    server.archives(mia.id);
    let before = server.all_teams();
    let marked = json!({ "name": "Helpers", "support": true });
    adam.posts(&server, "/teams", marked.clone())
        .refused(403, "ACCESS_DENIED");
    for owner in [99, 0, mia.id] {
        let body = json!({ "name": "Orphans", "ownerId": owner });
        adam.posts(&server, "/teams", body)
            .refused(404, "USER_NOT_FOUND");
        let body = json!({ "name": "Waifs", "ownerId": owner, "support": true });
        ada.posts(&server, "/teams", body)
            .refused(404, "USER_NOT_FOUND");
    }
    for person in [&adam, &grace] {
        person
            .patches(&server, "/teams/2", marked.clone())
            .refused(403, "ACCESS_DENIED");
    }
    let unmarked = json!({ "name": "Helpers", "support": false });
    ada.patches(&server, "/teams/1", unmarked)
        .refused(403, "ACCESS_DENIED");
    assert_eq!(server.all_teams(), before);
    let actions = server.audit_actions();
    assert!(!actions.contains(&"team.changed".to_owned()));
}

/// "A team keeps at least one Owner": the last one stays a member when archived, until there is another.
#[test]
fn the_last_owner_stays_when_archived_too() {
    let (server, [_, adam, grace, mia]) = house();
    let team = server.team("Blue", grace.id);
    server.seats(team, mia.id, Some("Viewer"));
    server.archives(grace.id);
    let member = |person: &Person| format!("/teams/{team}/members/{}", person.id);
    adam.deletes(&server, &member(&grace))
        .refused(409, "LAST_OWNER");
    adam.patches(&server, &member(&grace), json!({ "role": "Viewer" }))
        .refused(409, "LAST_OWNER");
    adam.patches(&server, &member(&mia), json!({ "role": "Owner" }))
        .expect(200);
    adam.deletes(&server, &member(&grace)).expect(200);
    adam.deletes(&server, &member(&mia))
        .refused(409, "LAST_OWNER");
    // Where nobody ever was an Owner, others come and go.
    let body = json!({ "name": "Orphans" });
    let made = server.operator("POST", "/teams", Some(body)).expect(201);
    let orphans = made.json["id"].as_u64().unwrap();
    server.seats(orphans, mia.id, Some("Manager"));
    let path = format!("/teams/{orphans}/members/{}", mia.id);
    mia.deletes(&server, &path).expect(200);
}
