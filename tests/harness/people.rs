//! What people do to each other: administrators, teams, invitations, links.

use super::http::Answer;
use super::person::Person;
use super::server::Server;
use serde_json::{Value, json};

impl Person {
    /// Somebody with these roles, signed in with both factors a moment ago.
    pub fn with_roles(server: &Server, email: &str, roles: &[&str]) -> Self {
        let mut person = Self::added(server, email, roles);
        person.signs_in(server).expect(200);
        person.enrols(server);
        person
    }

    /// An Admin, signed in with both factors a moment ago.
    pub fn admin(server: &Server, email: &str) -> Self {
        Self::with_roles(server, email, &["Admin"])
    }

    pub fn patches(&self, server: &Server, path: &str, body: Value) -> Answer {
        self.sends(server, "PATCH", path, Some(body))
    }

    pub fn deletes(&self, server: &Server, path: &str) -> Answer {
        self.sends(server, "DELETE", path, None)
    }

    pub fn sends(&self, server: &Server, method: &str, path: &str, body: Option<Value>) -> Answer {
        server.http.send(method, path, &self.access, body.as_ref())
    }

    /// What the person's notices tell of, oldest first.
    #[track_caller]
    pub fn notices(&self, server: &Server) -> Vec<String> {
        let me = self.gets(server, "/auth/me").expect(200);
        let notices = me.json["notices"].as_array().unwrap();
        notices
            .iter()
            .map(|notice| notice["kind"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Server {
    /// A team with this Owner, made at the machine; its id.
    #[track_caller]
    pub fn team(&self, name: &str, owner: u64) -> u64 {
        let body = json!({ "name": name, "ownerId": owner });
        let answer = self.operator("POST", "/teams", Some(body)).expect(201);
        answer.json["id"].as_u64().unwrap()
    }

    /// Makes somebody a member of a team, whatever they are there now; with no role, takes them out.
    #[track_caller]
    pub fn seats(&self, team: u64, user: u64, role: Option<&str>) {
        let members = format!("/teams/{team}/members");
        let member = format!("{members}/{user}");
        let Some(role) = role else {
            let answer = self.operator("DELETE", &member, None);
            assert!([200, 404].contains(&answer.status), "{}", answer.text);
            return;
        };
        let body = json!({ "userId": user, "role": role });
        let answer = self.operator("POST", &members, Some(body));
        if answer.status == 409 {
            let body = json!({ "role": role });
            self.operator("PATCH", &member, Some(body)).expect(200);
        } else {
            answer.expect(201);
        }
    }

    /// Sets global roles at the machine.
    #[track_caller]
    pub fn gives_roles(&self, user: u64, roles: &[&str]) {
        let path = format!("/operator/users/{user}/roles");
        let body = json!({ "roles": roles });
        self.operator("POST", &path, Some(body)).expect(200);
    }

    /// Archives an account at the machine.
    #[track_caller]
    pub fn archives(&self, user: u64) {
        let body = json!({ "ids": [user] });
        self.operator("PATCH", "/users/archive", Some(body))
            .expect(200);
    }

    /// An account as administrators see it.
    #[track_caller]
    pub fn shows(&self, user: u64) -> Value {
        let path = format!("/users/{user}");
        self.operator("GET", &path, None).expect(200).json
    }

    /// Teams as the person at the machine sees them: id, name and whether it bears the support mark.
    #[track_caller]
    pub fn all_teams(&self) -> Vec<(u64, String, bool)> {
        let answer = self.operator("GET", "/teams?limit=500", None).expect(200);
        let read = |team: &Value| {
            let name = team["name"].as_str().unwrap().to_owned();
            (team["id"].as_u64().unwrap(), name, team["support"] == true)
        };
        let teams = answer.json["teams"].as_array().unwrap();
        teams.iter().map(read).collect()
    }
}

/// The token of a link in an answer.
#[track_caller]
pub fn token_of(answer: &Answer) -> String {
    let url = answer.text_field("url");
    let fragment = url.split_once("#token=").unwrap().1;
    fragment.split('&').next().unwrap().to_owned()
}

/// Uses an invitation with a good password.
pub fn accepts(server: &Server, token: &str) -> Answer {
    let body = json!({
        "token": token,
        "password": super::person::PASSWORD,
        "firstName": "Nell",
        "lastName": "Guest",
    });
    server.http.post("/invitations/accept", "", body)
}
