//! An act that is refused leaves nothing of itself behind.

use crate::harness::{Answer, House};
use serde_json::{Value, json};

/// All teams as the person at the machine sees them.
fn teams(house: &House) -> Value {
    let teams = house.server.operator("GET", "/teams", None).expect(200);
    teams.json["teams"].clone()
}

/// The head of the audit log.
fn head(house: &House) -> Value {
    let head = house.server.operator("GET", "/audit/head", None);
    head.expect(200).json
}

/// Nothing has changed after a refusal, not even the log of what was done.
#[track_caller]
fn leaves_nothing(house: &House, asked: impl Fn() -> Answer, status: u16, code: &str) {
    let before = (teams(house), head(house));
    asked().refused(status, code);
    assert_eq!((teams(house), head(house)), before);
}

#[test]
fn a_team_that_is_refused_is_not_made() {
    let house = House::new();
    let marked = json!({ "name": "Second line", "support": true });
    let asked = || house.adam.posts(&house.server, "/teams", marked.clone());
    leaves_nothing(&house, asked, 403, "ACCESS_DENIED");
    let owned = json!({ "name": "Second line", "ownerId": 99 });
    let asked = || house.adam.posts(&house.server, "/teams", owned.clone());
    leaves_nothing(&house, asked, 404, "USER_NOT_FOUND");
    let both = json!({ "name": "Second line", "support": true, "ownerId": 99 });
    let asked = || house.ada.posts(&house.server, "/teams", both.clone());
    leaves_nothing(&house, asked, 404, "USER_NOT_FOUND");
}

#[test]
fn a_team_whose_change_is_refused_keeps_its_name() {
    let house = House::new();
    let path = format!("/teams/{}", house.team);
    for (person, support) in [(&house.tom, true), (&house.adam, true)] {
        let body = json!({ "name": "Quay", "support": support });
        let asked = || house.call("PATCH", &path, &person.access, Some(body.clone()));
        leaves_nothing(&house, asked, 403, "ACCESS_DENIED");
    }
    let body = json!({ "name": "Help", "support": false });
    let asked = || house.call("PATCH", "/teams/1", &house.ada.access, Some(body.clone()));
    leaves_nothing(&house, asked, 403, "ACCESS_DENIED");
}

#[test]
fn an_account_whose_change_is_refused_keeps_its_roles() {
    let house = House::new();
    let path = format!("/users/{}", house.tom.id);
    let body = json!({ "roles": ["Admin"], "email": "adam@example.com", "firstName": "Tim" });
    let shown = || house.ada.gets(&house.server, &path).expect(200).json;
    let before = shown();
    let asked = || house.call("PATCH", &path, &house.ada.access, Some(body.clone()));
    leaves_nothing(&house, asked, 409, "ALREADY_EXISTS");
    assert_eq!(shown(), before);
}
