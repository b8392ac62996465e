//! People at the real binary, whose clock nobody moves: with recovery codes, since a code of the
//! authenticator app would have to be waited for.

use super::Http;
use super::binary::Instance;
use super::person::{PASSWORD, code_of, secret_of};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Somebody with a second factor.
pub struct Peer {
    pub email: String,
    /// Of a full session, by the code of the enrolment.
    pub access: String,
    pub refresh: String,
    pub recovery_codes: Vec<String>,
}

impl Peer {
    /// Adds an account and sets its second factor up.
    pub fn protected(instance: &Instance, http: &Http, email: &str) -> Self {
        instance.json(&["user", "add", email, "--password-stdin"], PASSWORD);
        let mut peer = Self {
            email: email.to_owned(),
            access: String::new(),
            refresh: String::new(),
            recovery_codes: Vec::new(),
        };
        peer.access = peer.opens_the_first_door(http).unwrap();
        let shown = http.get("/2fa/generate-qr", &peer.access).expect(200);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let code = code_of(&secret_of(&shown.text_field("link")), now.as_secs());
        let body = json!({ "code": code });
        let enabled = http.post("/2fa/enable-two-factor-auth", &peer.access, body);
        let enabled = enabled.expect(200);
        peer.access = enabled.text_field("accessToken");
        peer.refresh = enabled.text_field("refreshToken");
        let codes = enabled.json["recoveryCodes"].as_array().unwrap();
        let text = |code: &serde_json::Value| code.as_str().unwrap().to_owned();
        peer.recovery_codes = codes.iter().map(text).collect();
        peer
    }

    /// So many of them.
    pub fn several(instance: &Instance, http: &Http, count: usize) -> Vec<Self> {
        let email = |number| format!("peer{number}@example.com");
        let emails = (0..count).map(email);
        emails
            .map(|email| Self::protected(instance, http, &email))
            .collect()
    }

    /// Signs in with the password; the token for the second door, if the service can.
    pub fn opens_the_first_door(&self, http: &Http) -> Option<String> {
        let body = json!({ "email": self.email, "password": PASSWORD });
        let answer = http.attempt("POST", "/auth/sign-in", "", &body).ok()?;
        (answer.status == 200).then(|| answer.text_field("accessToken"))
    }
}

/// All recovery codes with whose they are.
pub fn recovery_codes(peers: &[Peer]) -> impl Iterator<Item = (&Peer, &String)> {
    peers.iter().flat_map(|peer| {
        let codes = peer.recovery_codes.iter();
        codes.map(move |code| (peer, code))
    })
}
