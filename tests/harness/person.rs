//! A person with a password and an authenticator app.

use super::http::Answer;
use super::server::Server;
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use vestibule::domain::secret::Secret;
use vestibule::domain::totp::{Generator, Parameters, SEED_BYTES};

/// A password that every rule accepts.
pub const PASSWORD: &str = "grey otter plays cello";

/// Somebody who uses the service.
#[derive(Clone, Default)]
pub struct Person {
    pub id: u64,
    pub email: String,
    pub password: String,
    /// The access token, opaque or signed, of the last answer.
    pub access: String,
    /// The refresh token of the last answer.
    pub refresh: String,
    /// Base32 of the seed in the authenticator app.
    pub secret: String,
    pub recovery_codes: Vec<String>,
}

impl Person {
    fn new(email: &str) -> Self {
        Self {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            ..Self::default()
        }
    }

    /// The first Super Admin, with the claim made and the second factor still to be set up.
    pub fn claims(server: &Server) -> Self {
        let mut person = Self::new("ada@example.com");
        let body = json!({
            "token": server.set_up_token(),
            "email": person.email,
            "password": person.password,
            "firstName": "Ada",
            "lastName": "King",
        });
        let answer = server.http.post("/setup", "", body).expect(201);
        person.id = 1;
        person.takes(&answer);
        person
    }

    /// The first Super Admin, signed in with both factors.
    pub fn super_admin(server: &Server) -> Self {
        let mut person = Self::claims(server);
        person.enrols(server);
        person
    }

    /// An ordinary user whom the person at the machine added; not signed in.
    pub fn added(server: &Server, email: &str, roles: &[&str]) -> Self {
        let mut person = Self::new(email);
        let body = json!({
            "email": email,
            "password": person.password,
            "firstName": "Grace",
            "lastName": "Murray",
            "roles": roles,
        });
        let answer = server
            .operator("POST", "/operator/users", Some(body))
            .expect(201);
        person.id = answer.json["id"].as_u64().unwrap();
        person
    }

    /// An ordinary user, signed in with the password alone.
    pub fn user(server: &Server, email: &str) -> Self {
        let mut person = Self::added(server, email, &["User"]);
        person.signs_in(server).expect(200);
        person
    }

    /// An ordinary user, signed in with both factors.
    pub fn protected(server: &Server, email: &str) -> Self {
        let mut person = Self::user(server, email);
        person.enrols(server);
        person
    }

    /// Keeps the tokens of an answer.
    pub fn takes(&mut self, answer: &Answer) {
        for (field, place) in [
            ("accessToken", &mut self.access),
            ("refreshToken", &mut self.refresh),
        ] {
            if let Some(token) = answer.json[field].as_str() {
                place.replace_range(.., token);
            }
        }
    }

    /// First door.
    pub fn signs_in(&mut self, server: &Server) -> Answer {
        let body = json!({ "email": self.email, "password": self.password });
        let answer = server.http.post("/auth/sign-in", "", body);
        self.takes(&answer);
        answer
    }

    /// Second door, with this code.
    pub fn authenticates(&mut self, server: &Server, code: &str) -> Answer {
        let body = json!({ "code": code });
        let answer = server.http.post("/2fa/authenticate", &self.access, body);
        self.takes(&answer);
        answer
    }

    /// Both doors, a step later, so that the code is a new one.
    pub fn comes_in(&mut self, server: &Server) {
        server.clock.advance(30);
        self.signs_in(server).expect(200);
        let code = self.code(server);
        self.authenticates(server, &code).expect(200);
    }

    /// Scans the QR code (reads its link) with what generate-qr answers.
    pub fn scans(&mut self, server: &Server) -> Answer {
        self.scans_with(server, "")
    }

    pub fn scans_with(&mut self, server: &Server, query: &str) -> Answer {
        let path = format!("/2fa/generate-qr{query}");
        let answer = server.http.get(&path, &self.access);
        if let Some(link) = answer.json["link"].as_str() {
            self.secret = secret_of(link);
        }
        answer
    }

    /// Sets the second factor up.
    pub fn enrols(&mut self, server: &Server) {
        self.scans(server).expect(200);
        let code = self.code(server);
        let answer = self.posts(
            server,
            "/2fa/enable-two-factor-auth",
            json!({ "code": code }),
        );
        self.keeps_recovery_codes(&answer.expect(200));
    }

    pub fn keeps_recovery_codes(&mut self, answer: &Answer) {
        self.takes(answer);
        let codes = answer.json["recoveryCodes"].as_array().unwrap();
        self.recovery_codes = codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
    }

    pub fn posts(&self, server: &Server, path: &str, body: Value) -> Answer {
        server.http.post(path, &self.access, body)
    }

    pub fn gets(&self, server: &Server, path: &str) -> Answer {
        server.http.get(path, &self.access)
    }

    /// Asks to act as somebody, a step later, so that the code is a new one.
    pub fn impersonates(&self, server: &Server, target: u64, team: u64) -> Answer {
        server.clock.advance(30);
        let body = json!({ "userId": target, "teamId": team, "code": self.code(server) });
        self.posts(server, "/2fa/impersonate", body)
    }

    /// The code that the authenticator app shows now.
    pub fn code(&self, server: &Server) -> String {
        self.code_at(server.clock.unix_seconds())
    }

    /// The code that it shows at another time.
    pub fn code_at(&self, unix_seconds: u64) -> String {
        code_of(&self.secret, unix_seconds)
    }

    /// A code that is wrong for ten minutes around now.
    pub fn wrong_code(&self, server: &Server) -> String {
        let now = server.clock.unix_seconds();
        let near: Vec<String> = (0..=44)
            .map(|step| self.code_at(now + step * 30 - 22 * 30))
            .collect();
        (0..1_000_000)
            .map(|number| format!("{number:06}"))
            .find(|code| !near.contains(code))
            .unwrap()
    }
}

/// The code of a secret (default parameters) at a time.
pub fn code_of(secret: &str, unix_seconds: u64) -> String {
    let bytes = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let seed = Secret::<SEED_BYTES>::from_slice(&bytes).unwrap();
    let generator = Generator::new(&seed, Parameters::DEFAULT);
    generator.text(generator.step_at(unix_seconds))
}

/// The secret of an `otpauth` link.
pub fn secret_of(link: &str) -> String {
    let (_, rest) = link.split_once("secret=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}
