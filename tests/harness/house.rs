//! A house with a support team, and somebody for it to act as.

use super::http::Answer;
use super::person::Person;
use super::server::{Server, ServerOptions};
use serde_json::{Value, json};

/// The support team, which comes with the first administrator.
pub const SUPPORT: u64 = 1;

/// Ada (1, Super Admin) and Adam (2, Admin) are in the support team; Tom (3) owns a team.
pub struct House {
    pub server: Server,
    pub ada: Person,
    pub adam: Person,
    pub tom: Person,
    /// Tom's team.
    pub team: u64,
}

impl House {
    pub fn new() -> Self {
        Self::with(&ServerOptions::default())
    }

    pub fn with(options: &ServerOptions) -> Self {
        let server = Server::start_with(options);
        let ada = Person::super_admin(&server);
        let mut adam = Person::added(&server, "adam@example.com", &["Admin"]);
        adam.signs_in(&server).expect(200);
        adam.enrols(&server);
        let tom = Person::protected(&server, "tom@example.com");
        let body = json!({ "name": "Harbour", "ownerId": tom.id });
        let made = server.operator("POST", "/teams", Some(body)).expect(201);
        let house = Self {
            team: made.json["id"].as_u64().unwrap(),
            server,
            ada,
            adam,
            tom,
        };
        house.joins(&house.adam, SUPPORT, "Viewer");
        house
    }

    /// The person at the machine makes somebody a member.
    pub fn joins(&self, person: &Person, team: u64, role: &str) {
        let body = json!({ "userId": person.id, "role": role });
        let path = format!("/teams/{team}/members");
        self.server.operator("POST", &path, Some(body)).expect(201);
    }

    /// The person at the machine takes a member out.
    pub fn leaves(&self, person: &Person, team: u64) {
        let path = format!("/teams/{team}/members/{}", person.id);
        self.server.operator("DELETE", &path, None).expect(200);
    }

    /// The person at the machine gives roles.
    pub fn has_roles(&self, person: &Person, roles: &[&str]) {
        self.operates(person, "roles", Some(json!({ "roles": roles })));
    }

    /// The person at the machine does something to an account.
    pub fn operates(&self, person: &Person, act: &str, body: Option<Value>) -> Answer {
        let path = format!("/operator/users/{}/{act}", person.id);
        let answer = self.server.operator("POST", &path, body);
        assert!(answer.status < 300, "{}", answer.text);
        answer
    }

    /// The person at the machine archives an account, or restores it.
    pub fn sets(&self, person: &Person, what: &str) {
        let body = Some(json!({ "ids": [person.id] }));
        let path = format!("/users/{what}");
        self.server.operator("PATCH", &path, body).expect(200);
    }

    /// A token by which this person acts as Tom.
    pub fn as_tom(&self, actor: &Person) -> String {
        actor
            .impersonates(&self.server, self.tom.id, self.team)
            .expect(200)
            .text_field("accessToken")
    }

    /// A call with any token.
    pub fn call(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        self.server.http.send(method, path, token, body.as_ref())
    }

    /// Who acted as Tom, newest first.
    pub fn history(&self) -> Vec<Value> {
        let answer = self.tom.gets(&self.server, "/auth/me/impersonations");
        let past = answer.expect(200).json["impersonations"].clone();
        past.as_array().unwrap().clone()
    }
}
