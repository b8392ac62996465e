//! The main job with peers that are not ours: codes come from oathtool, pictures are read by
//! zbarimg, tokens are verified by PyJWT.

use crate::harness::binary::{Instance, Service, output_of};
use crate::harness::person::{PASSWORD, secret_of};
use crate::harness::phone::Phone;
use crate::harness::tools::{PEERS, path_of};
use crate::harness::{Answer, Http};
use serde_json::{Value, json};

/// Somebody with an authenticator app that is oathtool.
pub struct Peer {
    email: &'static str,
    pub access: String,
    refresh: String,
    /// Once the picture was scanned.
    phone: Option<Phone>,
}

impl Peer {
    pub fn new(email: &'static str) -> Self {
        Self {
            email,
            access: String::new(),
            refresh: String::new(),
            phone: None,
        }
    }

    /// The first Super Admin, once the claim is made; a second one is refused.
    pub fn claims(instance: &Instance, service: &Service) -> Self {
        let answer = instance.json(&["setup-url"], "");
        let url = answer["url"].as_str().unwrap();
        assert!(url.starts_with(&service.base_url), "{url}");
        let mut peer = Self::new("ada@example.com");
        let claim = json!({
            "token": url.split_once("#token=").unwrap().1, "email": peer.email,
            "password": PASSWORD, "firstName": "Ada", "lastName": "King",
        });
        let http = &service.http;
        let answer = http.post("/setup", "", claim.clone()).expect(201);
        assert_eq!(answer.json["stage"], "enrolment");
        peer.takes(&answer);
        http.post("/setup", "", claim).refused(404, "NOT_FOUND");
        peer
    }

    pub fn takes(&mut self, answer: &Answer) {
        self.access = answer.text_field("accessToken");
        self.refresh = answer.text_field("refreshToken");
    }

    /// The next code that was not used yet.
    pub fn code(&mut self) -> String {
        self.phone.as_mut().unwrap().code()
    }

    pub fn posts(&self, http: &Http, path: &str, body: Value) -> Answer {
        http.post(path, &self.access, body)
    }

    pub fn scans(&mut self, instance: &Instance, http: &Http, query: &str) {
        let path = format!("/2fa/generate-qr{query}");
        let answer = http.get(&path, &self.access).expect(200);
        let link = answer.text_field("link");
        let picture = answer.text_field("qrCode");
        let png = picture.strip_prefix("data:image/png;base64,").unwrap();
        let file = instance.beside("qr.png");
        std::fs::write(&file, data_encoding::BASE64.decode(png.as_bytes()).unwrap()).unwrap();
        let read = output_of("zbarimg", &["--quiet", "--raw", file.to_str().unwrap()]);
        assert_eq!(read.trim_end(), link);
        assert_eq!(
            http.get(&path, &self.access).expect(200).text_field("link"),
            link
        );
        assert!(!link.contains("period="), "{link}");
        self.phone = Some(Phone::with_key(&secret_of(&link), 30));
    }

    /// Confirms the scanned code; the recovery codes.
    pub fn enables(&mut self, http: &Http) -> Vec<String> {
        let body = json!({ "code": self.code() });
        self.enables_by(http, body)
    }

    /// The same for a new phone, with a recovery code of the factor that it replaces.
    fn replaces(&mut self, http: &Http, recovery_code: &str) -> Vec<String> {
        let body = json!({ "code": self.code(), "currentCode": recovery_code });
        self.enables_by(http, body)
    }

    fn enables_by(&mut self, http: &Http, body: Value) -> Vec<String> {
        let answer = self.posts(http, "/2fa/enable-two-factor-auth", body);
        let answer = answer.expect(200);
        self.takes(&answer);
        let codes = answer.json["recoveryCodes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect()
    }

    pub fn signs_in(&mut self, http: &Http, stage: &str) {
        let body = json!({ "email": self.email, "password": PASSWORD });
        let answer = http.post("/auth/sign-in", "", body).expect(200);
        assert_eq!(answer.json["stage"], stage);
        self.takes(&answer);
    }

    fn authenticates(&mut self, http: &Http, code: &str) {
        let answer = self
            .posts(http, "/2fa/authenticate", json!({ "code": code }))
            .expect(200);
        self.takes(&answer);
    }

    fn comes_in(&mut self, http: &Http) {
        self.signs_in(http, "pending");
        let code = self.code();
        self.authenticates(http, &code);
        http.get("/auth/me", &self.access).expect(200);
    }

    pub fn refreshes(&mut self, http: &Http) {
        let body = json!({ "refreshToken": self.refresh });
        let answer = http.post("/auth/refresh-token", "", body).expect(200);
        self.takes(&answer);
    }
}

/// Verifies a token by the published keys, as a local app would.
pub fn verify_independently(service: &Service, token: &str, algorithm: &str) -> Value {
    const PROGRAM: &str = "
import json, sys, jwt
keys = jwt.PyJWKSet.from_dict(json.loads(sys.argv[1]))
token, issuer, algorithm = sys.argv[2:5]
header = jwt.get_unverified_header(token)
assert header['typ'] == 'at+jwt', header
key = next(key for key in keys.keys if key.key_id == header['kid'])
claims = jwt.decode(token, key, algorithms=[algorithm], audience='vestibule', issuer=issuer,
                    options={'require': ['exp', 'iat', 'nbf', 'sub', 'jti']})
print(json.dumps(claims))
";
    let keys = service
        .http
        .get("/.well-known/jwks.json", "")
        .expect(200)
        .text;
    let base_url = service.base_url.as_str();
    let arguments = ["-c", PROGRAM, &keys, token, base_url, algorithm];
    let claims = output_of(path_of("python"), &arguments);
    serde_json::from_str(&claims).unwrap()
}

#[test]
fn the_main_job_holds_with_independent_peers_through_restart_and_kill() {
    let Some(instance) = PEERS.then(Instance::new) else {
        return;
    };
    let service = instance.serve();
    let http = service.http.clone();
    let mut ada = Peer::claims(&instance, &service);
    ada.scans(&instance, &http, "");
    let recovery = ada.enables(&http);
    ada.comes_in(&http);
    let claims = verify_independently(&service, &ada.access, "EdDSA");
    assert_eq!(claims["sub"], "1");
    assert_eq!(claims["amr"], json!(["pwd", "otp"]));
    assert_eq!(claims["roles"], json!(["Super Admin"]));
    ada.refreshes(&http);
    ada.signs_in(&http, "pending");
    ada.authenticates(&http, &recovery[0]);
    ada.scans(&instance, &http, "?replace=true");
    let renewed = ada.replaces(&http, &recovery[2]);
    let disable = ada.posts(&http, "/2fa/disable-two-factor-auth", json!({}));
    disable.refused(403, "TWO_FACTOR_REQUIRED");

    let listen = service.listen();
    assert!(service.interrupt().success());
    let service = instance.serve_on(&listen);
    ada.refreshes(&service.http);
    ada.comes_in(&service.http);
    service.kill();
    let service = instance.serve_on(&listen);
    let http = service.http.clone();
    ada.refreshes(&http);
    ada.signs_in(&http, "pending");
    let body = json!({ "code": recovery[1] });
    ada.posts(&http, "/2fa/authenticate", body)
        .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    ada.authenticates(&http, &renewed[0]);
    verify_independently(&service, &ada.access, "EdDSA");
    let verified = instance.json(&["audit", "verify"], "");
    assert_eq!(verified["intact"], true);
}

#[test]
fn an_ordinary_user_switches_off_again() {
    let Some(instance) = PEERS.then(Instance::new) else {
        return;
    };
    let service = instance.serve();
    let http = service.http.clone();
    let arguments = ["user", "add", "bob@example.com", "--password-stdin"];
    instance.json(&arguments, PASSWORD);
    let mut bob = Peer::new("bob@example.com");
    bob.signs_in(&http, "full");
    bob.scans(&instance, &http, "");
    bob.enables(&http);
    let answer = bob
        .posts(&http, "/2fa/disable-two-factor-auth", json!({}))
        .expect(200);
    let message = "Two-factor authentication disabled successfully";
    assert_eq!(answer.json["message"], message);
    bob.signs_in(&http, "full");
}

#[test]
fn tokens_of_the_other_algorithm_are_verified_too() {
    let Some(instance) =
        PEERS.then(|| Instance::with("VESTIBULE_SESSION__SIGNING_ALGORITHM", "ES256"))
    else {
        return;
    };
    let service = instance.serve();
    let arguments = ["user", "add", "bob@example.com", "--password-stdin"];
    instance.json(&arguments, PASSWORD);
    let mut bob = Peer::new("bob@example.com");
    bob.signs_in(&service.http, "full");
    let claims = verify_independently(&service, &bob.access, "ES256");
    assert_eq!(claims["sub"], "1");
    bob.refreshes(&service.http);
    verify_independently(&service, &bob.access, "ES256");
    service.http.get("/auth/me", &bob.access).expect(200);
}
