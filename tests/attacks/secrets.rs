//! Canaries: secrets of a whole life, and every place in which they must not be found again.

use crate::harness::binary::{Instance, Service};
use crate::harness::person::{PASSWORD, code_of, secret_of};
use crate::harness::records::damage_factor_record;
use crate::harness::{Answer, Http};
use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const EMAIL: &str = "canary.ada@example.com";
const SECOND_PASSWORD: &str = "four quiet herons at dusk";
const WRONG_PASSWORD: &str = "seven lamps burn at noon";
const MISPLACED_PASSWORD: &str = "nine barges drift by noon";
/// Bytes by which a secret is recognised before it is compared whole; none is shorter.
const PREFIX: usize = 8;

/// The spellings in which a secret could turn up.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = vec![secret.to_vec()];
    let encodings = [
        HEXLOWER,
        HEXUPPER,
        BASE32_NOPAD,
        BASE64_NOPAD,
        BASE64URL_NOPAD,
    ];
    spellings.extend(encodings.map(|encoding| encoding.encode(secret).into_bytes()));
    spellings
}

/// Secrets by name.
#[derive(Default)]
struct Canaries {
    secrets: Vec<(String, Vec<u8>)>,
}

impl Canaries {
    fn add(&mut self, name: &str, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref().to_vec();
        assert!(secret.len() >= PREFIX, "{name}");
        self.secrets.push((name.to_owned(), secret));
    }

    /// A token: as it is written, and the random part of what it is made of.
    fn add_token(&mut self, name: &str, token: &str) {
        assert!(token.len() > 20, "{name}: {token}");
        self.add(name, token);
        let part = token.rsplit('.').next().unwrap();
        let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
        // The session's id comes first and is no secret.
        self.add(
            &format!("{name}, its end"),
            &bytes[bytes.len().saturating_sub(32)..],
        );
    }

    fn add_tokens(&mut self, answer: &Answer) {
        self.add_token("access token", &answer.text_field("accessToken"));
        let refresh = answer.text_field("refreshToken");
        if !refresh.is_empty() {
            self.add_token("refresh token", &refresh);
        }
    }

    fn add_seed(&mut self, base32: &str) {
        self.add("seed", BASE32_NOPAD.decode(base32.as_bytes()).unwrap());
    }

    fn add_recovery_codes(&mut self, answer: &Answer) -> Vec<String> {
        let codes = answer.json["recoveryCodes"].as_array().unwrap();
        let codes: Vec<String> = codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(codes.len(), 10);
        for code in &codes {
            let plain = code.replace('-', "");
            self.add("recovery code", code);
            self.add("recovery code without hyphens", &plain);
            self.add("recovery code in small letters", plain.to_lowercase());
            let bytes = BASE32_NOPAD.decode(plain.as_bytes()).unwrap();
            self.add("recovery code's bytes", bytes);
        }
        codes
    }

    /// Names of the secrets that these bytes hold, in whatever spelling.
    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let mut by_prefix: HashMap<&[u8], Vec<(&str, &[u8])>> = HashMap::new();
        let spelt: Vec<(&str, Vec<u8>)> = self
            .secrets
            .iter()
            .flat_map(|(name, secret)| {
                spellings(secret)
                    .into_iter()
                    .map(|spelling| (name.as_str(), spelling))
            })
            .collect();
        for (name, spelling) in &spelt {
            let same = by_prefix.entry(&spelling[..PREFIX]).or_default();
            same.push((name, spelling));
        }
        let mut found = Vec::new();
        for (at, window) in bytes.windows(PREFIX).enumerate() {
            // Most of a store is empty.
            if window[0] == 0 && window[PREFIX - 1] == 0 {
                continue;
            }
            for (name, spelling) in by_prefix.get(window).into_iter().flatten() {
                if bytes[at..].starts_with(spelling) {
                    found.push(*name);
                }
            }
        }
        found
    }
}

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}

/// Somebody who leads the life, and writes down every secret that comes by.
struct Life<'a> {
    instance: &'a Instance,
    http: Http,
    canaries: Canaries,
    token: String,
    seed: String,
    password: &'static str,
    /// The last step whose code was used.
    used: u64,
}

impl Life<'_> {
    fn posts(&self, path: &str, body: Value) -> Answer {
        self.http.post(path, &self.token, body)
    }

    fn takes(&mut self, answer: &Answer) {
        self.canaries.add_tokens(answer);
        self.token = answer.text_field("accessToken");
    }

    /// The next code: of the current step or the one after it, so that it is still good when it
    /// arrives a little later.
    fn code(&mut self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        self.used = (self.used + 1).max(now.as_secs() / 30);
        code_of(&self.seed, self.used * 30)
    }

    fn signs_in(&mut self) {
        let body = json!({ "email": EMAIL, "password": self.password });
        let answer = self.http.post("/auth/sign-in", "", body).expect(200);
        self.takes(&answer);
    }

    fn authenticates(&mut self, code: &str) -> Answer {
        let answer = self.posts("/2fa/authenticate", json!({ "code": code }));
        let answer = answer.expect(200);
        self.takes(&answer);
        answer
    }

    fn claims(&mut self) {
        for _ in 0..2 {
            let link = self.instance.json(&["setup-url"], "");
            let (_, token) = link["url"].as_str().unwrap().split_once("#token=").unwrap();
            self.canaries.add_token("set-up token", token);
            self.token = token.to_owned();
        }
        let mut claim = json!({
            "token": self.token, "email": "no address", "password": PASSWORD,
            "firstName": "Ada", "lastName": "King",
        });
        self.http
            .post("/setup", "", claim.clone())
            .refused(400, "INVALID_REQUEST");
        claim["email"] = EMAIL.into();
        let answer = self.http.post("/setup", "", claim).expect(201);
        self.takes(&answer);
    }

    fn scans(&mut self, query: &str) {
        let path = format!("/2fa/generate-qr{query}");
        let answer = self.http.get(&path, &self.token).expect(200);
        self.seed = secret_of(&answer.text_field("link"));
        self.canaries.add_seed(&self.seed);
    }

    fn enables(&mut self) -> Vec<String> {
        let code = self.code();
        let answer = self.posts("/2fa/enable-two-factor-auth", json!({ "code": code }));
        let answer = answer.expect(200);
        self.takes(&answer);
        self.canaries.add_recovery_codes(&answer)
    }

    /// Secrets where they do not belong: in addresses, in other headers, in broken bodies, in the
    /// field beside.
    fn errs(&self) {
        let (token, seed) = (&self.token, &self.seed);
        let refused = |answer: Answer| assert!((400..500).contains(&answer.status));
        for path in ["/auth/me", "/2fa/status", "/nowhere", "/users"] {
            refused(self.http.get(&format!("{path}?accessToken={token}"), ""));
            refused(self.http.get(&format!("{path}/{token}"), seed));
            let value = format!("Basic {token}");
            let headers = [("authorization", value.as_str()), ("cookie", seed)];
            refused(self.http.send_raw("GET", path, "", &headers, vec![]));
        }
        let json = ("content-type", "application/json");
        for path in ["/auth/sign-in", "/2fa/authenticate", "/auth/refresh-token"] {
            for body in [
                format!(r#"{{"password":"{WRONG_PASSWORD}","code":"{token}","#),
                format!(r#"{{"password":{{"{WRONG_PASSWORD}":1}},"refreshToken":["{token}"]}}"#),
                format!("{WRONG_PASSWORD} {token}"),
            ] {
                let bytes = body.into_bytes();
                refused(self.http.send_raw("POST", path, token, &[json], bytes));
            }
        }
        let misplaced = json!({ "email": MISPLACED_PASSWORD, "password": EMAIL });
        refused(self.http.post("/auth/sign-in", "", misplaced));
        let wrong = json!({ "email": EMAIL, "password": WRONG_PASSWORD });
        refused(self.http.post("/auth/sign-in", "", wrong));
    }

    fn refreshes_twice(&mut self, refresh: &str) {
        let mut refresh = refresh.to_owned();
        for _ in 0..2 {
            let body = json!({ "refreshToken": refresh });
            let answer = self.http.post("/auth/refresh-token", "", body).expect(200);
            self.takes(&answer);
            refresh = answer.text_field("refreshToken");
        }
    }

    fn changes_the_password(&mut self) {
        let mut body = json!({ "currentPassword": WRONG_PASSWORD, "newPassword": SECOND_PASSWORD });
        self.posts("/auth/change-password", body.clone())
            .refused(400, "INVALID_CREDENTIALS");
        body["currentPassword"] = PASSWORD.into();
        let answer = self.posts("/auth/change-password", body).expect(200);
        self.takes(&answer);
        self.password = SECOND_PASSWORD;
    }

    /// From the claim to the sign-out.
    fn is_led(&mut self) {
        self.claims();
        self.scans("");
        self.scans("?restart=true");
        let recovery = self.enables();
        self.signs_in();
        self.errs();
        for wrong in ["AAAA-BBBB-CCCC-DDDD", "", "no code at all"] {
            self.posts("/2fa/authenticate", json!({ "code": wrong }))
                .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
        }
        let code = self.code();
        let answer = self.authenticates(&code);
        self.refreshes_twice(&answer.text_field("refreshToken"));
        self.changes_the_password();
        self.signs_in();
        self.authenticates(&recovery[0]);
        let renewed = self.posts("/2fa/recovery-codes", json!({})).expect(200);
        let renewed = self.canaries.add_recovery_codes(&renewed);
        self.scans("?replace=true");
        self.signs_in();
        self.authenticates(&renewed[0].replace('-', " ").to_lowercase());
        self.posts("/auth/sign-out", json!({ "everywhere": true }))
            .expect(200);
    }
}

/// A record that cannot be read, and what is sent while it is there.
fn fails_within(instance: &Instance, life: &mut Life<'_>) {
    let store = instance.data().join("vestibule.redb");
    damage_factor_record(&redb::Database::open(store).unwrap(), 1);
    let service = instance.serve();
    let body = json!({ "email": EMAIL, "password": life.password });
    let incident = service.http.post("/auth/sign-in", "", body).incident();
    service
        .http
        .get("/auth/me", &life.token)
        .refused(401, "UNAUTHORIZED");
    assert!(service.interrupt().success());
    // "The answer is 500 with an incident id; the log has the cause."
    let log = instance.log();
    let line = log.lines().find(|line| line.contains(&incident));
    let line = line.expect("the incident is in the log");
    assert!(line.contains("unknown version 99"), "{line}");
}

fn commands(instance: &Instance, canaries: &mut Canaries) {
    let password = "six otters row at night";
    canaries.add("password of the command line", password);
    let arguments = ["user", "add", "bob@example.com", "--password-stdin"];
    let added = instance.json(&arguments, password);
    let id = added["id"].to_string();
    let again = "two foxes sing at dawn";
    canaries.add("second password of the command line", again);
    instance.json(&["user", "set-password", &id, "--password-stdin"], again);
}

fn begin(instance: &Instance) -> Life<'_> {
    let mut canaries = Canaries::default();
    for (name, password) in [
        ("password", PASSWORD),
        ("second password", SECOND_PASSWORD),
        ("wrong password", WRONG_PASSWORD),
        ("misplaced password", MISPLACED_PASSWORD),
    ] {
        canaries.add(name, password);
    }
    Life {
        instance,
        http: Http::new("127.0.0.1:1".parse().unwrap()),
        canaries,
        token: String::new(),
        seed: String::new(),
        password: PASSWORD,
        used: 0,
    }
}

/// "Canary secrets in 5 encodings: 0 hits in logs, database, temporary files"; "tokens are in no
/// log".
#[test]
fn no_secret_is_found_again_in_store_log_or_any_other_file() {
    let instance = Instance::with("VESTIBULE_LOG__LEVEL", "trace");
    let mut life = begin(&instance);
    let service: Service = instance.serve();
    life.http = service.http.clone();
    life.is_led();
    commands(&instance, &mut life.canaries);
    // Once as it lies there while it is in use, and once at rest.
    let store = instance.data().join("vestibule.redb");
    std::fs::copy(&store, instance.beside("store in use")).unwrap();
    assert!(service.interrupt().success());
    fails_within(&instance, &mut life);
    let key = instance.data().join("key/key-encryption-key");
    let text = std::fs::read_to_string(&key).unwrap();
    let mut canaries = life.canaries;
    canaries.add(
        "key-encryption key",
        HEXLOWER.decode(text.trim().as_bytes()).unwrap(),
    );

    // The controls: the search finds every spelling of every one, what the store has in clear, and
    // the key in its own file.
    for (name, secret) in &canaries.secrets {
        for spelling in spellings(secret) {
            let planted = [b"\0\x01", spelling.as_slice(), b"\0"].concat();
            assert!(
                canaries.found_in(&planted).contains(&name.as_str()),
                "{name}"
            );
        }
    }
    let mut clear = Canaries::default();
    clear.add("e-mail", EMAIL);
    assert!(!clear.found_in(&std::fs::read(&store).unwrap()).is_empty());
    assert!(!canaries.found_in(&std::fs::read(&key).unwrap()).is_empty());

    let files = files(instance.root());
    assert!(files.len() >= 5, "{files:?}");
    for file in files.iter().filter(|file| **file != key) {
        let found = canaries.found_in(&std::fs::read(file).unwrap());
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
}
