//! The support team and its mark: there is one from the first day on, and never two.

use super::house;
use crate::harness::{Person, Server};
use serde_json::json;

fn super_admin_at_the_machine(server: &Server, email: &str) -> Person {
    Person::added(server, email, &["Super Admin"])
}

/// Names are unique; that of the first team is taken from the beginning.
#[test]
fn its_name_is_taken() {
    let (server, [ada, adam, grace, _]) = house();
    for taken in ["Support", " support "] {
        adam.posts(&server, "/teams", json!({ "name": taken }))
            .refused(409, "ALREADY_EXISTS");
    }
    let blue = server.team("Blue", grace.id);
    let path = format!("/teams/{blue}");
    let name = json!({ "name": "SUPPORT" });
    grace
        .patches(&server, &path, name.clone())
        .refused(409, "ALREADY_EXISTS");
    ada.patches(&server, "/teams/1", json!({ "name": "Helpers" }))
        .expect(200);
    grace.patches(&server, &path, name).expect(200);
}

/// "The first Super Admin, member of the first team, "Support"", also where the person at the machine
/// made a team before.
#[test]
fn it_is_made_at_set_up_whatever_was_there_before() {
    let server = Server::start();
    let body = json!({ "name": "Early birds" });
    server.operator("POST", "/teams", Some(body)).expect(201);
    let ada = Person::super_admin(&server);
    let me = ada.gets(&server, "/auth/me").expect(200);
    let teams = me.json["teams"].as_array().unwrap();
    assert_eq!(teams.len(), 1, "{}", me.text);
    assert_eq!(teams[0]["name"], "Support");
    assert_eq!(
        (&teams[0]["role"], &teams[0]["support"]),
        (&json!("Owner"), &json!(true))
    );
}

/// "Exactly one team bears the support mark", also after the first team is gone.
#[test]
fn a_new_super_admin_makes_no_second_one() {
    let (server, [ada, ..]) = house();
    let body = json!({ "name": "Second line", "support": true });
    let second = ada.posts(&server, "/teams", body).expect(201);
    let second = second.json["id"].as_u64().unwrap();
    ada.deletes(&server, "/teams/1").expect(200);
    super_admin_at_the_machine(&server, "sue@example.com");
    let expected = (second, "Second line".to_owned(), true);
    assert_eq!(server.all_teams(), [expected]);
}

/// The person at the machine may make the first Super Admin: the same team, the same membership.
#[test]
fn it_is_made_with_the_first_super_admin_at_the_machine() {
    let server = Server::start();
    let mut sue = super_admin_at_the_machine(&server, "sue@example.com");
    super_admin_at_the_machine(&server, "tim@example.com");
    assert_eq!(server.all_teams(), [(1, "Support".to_owned(), true)]);
    sue.signs_in(&server).expect(200);
    let me = sue.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["teams"][0]["role"], "Owner");
    let path = "/teams/1/members";
    let members = server.operator("GET", path, None).expect(200);
    assert_eq!(members.json["members"].as_array().unwrap().len(), 1);
}

#[test]
fn the_support_mark_is_a_super_admins_to_give_and_one_team_bears_it() {
    let (server, [ada, adam, grace, _]) = house();
    let team = server.team("Second line", grace.id);
    let path = format!("/teams/{team}");
    let mark = json!({ "support": true });
    for person in [&adam, &grace] {
        person
            .patches(&server, &path, mark.clone())
            .refused(403, "ACCESS_DENIED");
    }
    let marked = |id: u64| {
        let teams = server.all_teams();
        let bearing: Vec<u64> = teams.iter().filter(|t| t.2).map(|t| t.0).collect();
        assert_eq!(bearing, [id]);
    };
    marked(1);
    let answer = ada.patches(&server, &path, mark.clone()).expect(200);
    assert_eq!(answer.json["support"], true);
    marked(team);
    // It is given to another team, never taken away.
    for (person, team) in [(&ada, team), (&grace, team)] {
        let path = format!("/teams/{team}");
        person
            .patches(&server, &path, json!({ "support": false }))
            .refused(403, "ACCESS_DENIED");
        person.deletes(&server, &path).refused(403, "ACCESS_DENIED");
    }
    ada.patches(&server, "/teams/1", json!({ "support": false }))
        .expect(200);
    let body = json!({ "name": "Third line", "support": true });
    let third = ada.posts(&server, "/teams", body).expect(201);
    marked(third.json["id"].as_u64().unwrap());
    ada.deletes(&server, &path).expect(200);
    ada.deletes(&server, "/teams/1").expect(200);
    marked(third.json["id"].as_u64().unwrap());
}
