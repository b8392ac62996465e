//! The k-th write to the medium fails, for every k, at every endpoint: no token, nothing half done,
//! and the store back by itself.

use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Person, Server};
use serde_json::{Value, json};
use std::time::Duration;
use vestibule::http::routes::{Endpoint, operator_table, table};

/// The people that every case begins with.
struct World {
    server: Server,
    /// Super Admin, full and fresh.
    ada: Person,
    /// Waits for the code.
    pending: Person,
    /// Was shown a seed and has the code at hand.
    enrolling: Person,
    /// An ordinary user, full and fresh.
    protected: Person,
    /// An ordinary user, by the password alone.
    plain: Person,
    /// Of the one-time link, as long as nobody used it.
    set_up_token: String,
    bytes: Vec<u8>,
    unclaimed: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let server = Server::start();
        let set_up_token = server.set_up_token();
        let unclaimed = server.medium.bytes();
        let mut ada = Person::super_admin(&server);
        let plain = Person::user(&server, "plain@example.com");
        let mut enrolling = Person::user(&server, "enrolling@example.com");
        enrolling.scans(&server).expect(200);
        let protected = Person::protected(&server, "protected@example.com");
        let mut pending = Person::protected(&server, "pending@example.com");
        ada.comes_in(&server);
        server.clock.advance(30);
        pending.signs_in(&server).expect(200);
        let bytes = server.medium.bytes();
        Self {
            server,
            ada,
            pending,
            enrolling,
            protected,
            plain,
            set_up_token,
            bytes,
            unclaimed,
        }
    }

    /// Everything as it was in the beginning: of the instance, for an endpoint of its set-up.
    fn begin_anew(&mut self, endpoint: &Endpoint) {
        let bytes = match endpoint.path {
            "/setup" | "/operator/set-up-link" => self.unclaimed.clone(),
            _ => self.bytes.clone(),
        };
        self.server.restart_after(|medium| medium.replace(bytes));
    }

    /// A request that this endpoint grants.
    fn ask(&self, endpoint: &Endpoint) -> Answer {
        let (server, method) = (&self.server, endpoint.method.as_str());
        let path = endpoint.path.replace("{id}", &self.plain.id.to_string());
        let (token, body) = self.request(&path);
        if path.starts_with("/operator/") {
            return server.operator(method, &path, body);
        }
        server.http.send(method, &path, &token, body.as_ref())
    }

    fn request(&self, path: &str) -> (String, Option<Value>) {
        let ada = self.ada.access.clone();
        let with = |token: &str, body: Value| (token.to_owned(), Some(body));
        let code = |person: &Person| json!({ "code": person.code(&self.server) });
        match path {
            "/auth/sign-in" => with(
                "",
                json!({ "email": self.plain.email, "password": PASSWORD }),
            ),
            "/auth/refresh-token" => with("", json!({ "refreshToken": self.plain.refresh })),
            "/auth/me/notices/dismiss" => with(&self.plain.access, json!({ "ids": [1] })),
            "/auth/change-password" => with(
                &self.plain.access,
                json!({ "currentPassword": PASSWORD, "newPassword": "four quiet herons at dusk" }),
            ),
            "/auth/sign-out" => (self.plain.access.clone(), None),
            "/2fa/generate-qr" => (self.plain.access.clone(), None),
            "/2fa/enable-two-factor-auth" => with(&self.enrolling.access, code(&self.enrolling)),
            "/2fa/authenticate" => with(&self.pending.access, code(&self.pending)),
            "/2fa/disable-two-factor-auth" => (self.protected.access.clone(), None),
            "/setup" => with(
                "",
                json!({ "token": self.set_up_token, "email": "ada@example.com", "password": PASSWORD,
                    "firstName": "Ada", "lastName": "King" }),
            ),
            "/2fa/recovery-codes" => with(&ada, code(&self.ada)),
            "/users/archive" | "/users/restore" => with(&ada, json!({ "ids": [self.plain.id] })),
            "/operator/users" => with(
                "",
                json!({ "email": "new@example.com", "password": PASSWORD, "firstName": "N", "lastName": "N" }),
            ),
            path if path.ends_with("/password") => with(&ada, json!({ "password": PASSWORD })),
            path if path.ends_with("/roles") => with(&ada, json!({ "roles": ["Admin"] })),
            path if path.starts_with("/operator/") => with("", json!({})),
            _ => (ada, None),
        }
    }

    /// Waits until the store has been opened anew, which it is by itself.
    fn comes_back(&self) {
        for _ in 0..200 {
            if self.server.http.get("/health/ready", "").status == 200 {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the store does not come back");
    }
}

fn has_token(answer: &Answer) -> bool {
    ["accessToken", "refreshToken", "recoveryCodes"]
        .iter()
        .any(|field| !answer.json[field].is_null())
}

/// How many faults an endpoint met before a request went through without one.
fn faults_at(world: &mut World, endpoint: &Endpoint) -> u64 {
    let name = format!("{} {}", endpoint.method, endpoint.path);
    for fault in 0.. {
        world.begin_anew(endpoint);
        world.server.medium.fail_after(fault);
        let answer = world.ask(endpoint);
        let was_met = world.server.medium.fault_was_met();
        world.server.medium.heal();
        if !was_met {
            assert!(
                answer.status < 500,
                "{name} without a fault: {}",
                answer.text
            );
            return fault;
        }
        assert!(
            !has_token(&answer),
            "{name}, fault {fault}: {}",
            answer.text
        );
        let is_told =
            endpoint.path == "/operator/doctor" && answer.text.contains("cannot be written");
        assert!(
            answer.status == 503 || is_told,
            "{name}, fault {fault}: {}",
            answer.text
        );
        world.comes_back();
        assert!(world.server.audit_is_intact(), "{name}, fault {fault}");
        // Done or not done, asking again is safe.
        let again = world.ask(endpoint);
        assert!(
            again.status < 500,
            "{name}, after fault {fault}: {}",
            again.text
        );
        assert!(
            world.server.audit_is_intact(),
            "{name}, after fault {fault}"
        );
    }
    unreachable!("a request writes a finite number of times")
}

#[test]
fn no_endpoint_gives_a_token_or_half_an_act_for_any_fault() {
    let mut world = World::new();
    let mut met = Vec::new();
    for endpoint in table().into_iter().chain(operator_table()) {
        let faults = faults_at(&mut world, &endpoint);
        met.push((format!("{} {}", endpoint.method, endpoint.path), faults));
    }
    println!("{met:#?}");
    let faults_of = |path: &str| met.iter().find(|(name, _)| name.ends_with(path)).unwrap().1;
    for writes in [
        "/auth/sign-in",
        "/auth/refresh-token",
        "/auth/sign-out",
        "/auth/change-password",
        "/2fa/generate-qr",
        "/2fa/enable-two-factor-auth",
        "/2fa/authenticate",
        "/2fa/recovery-codes",
        "/2fa/disable-two-factor-auth",
        "/setup",
        "/operator/set-up-link",
        "/users/archive",
        "/operator/users",
        "/operator/users/{id}/password",
    ] {
        assert!(
            faults_of(writes) > 3,
            "{writes} met {} faults",
            faults_of(writes)
        );
    }
}
