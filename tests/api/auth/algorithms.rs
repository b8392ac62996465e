//! Tokens signed with ES256, and keys that sign no more.

use crate::api::{claims, fields, part_of};
use crate::harness::{Person, Server, ServerOptions};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use vestibule::config::Config;
use vestibule::domain::jwt::SigningAlgorithm;

fn es256(config: &mut Config) {
    config.session.signing_algorithm = SigningAlgorithm::Es256;
}

fn ed_dsa(config: &mut Config) {
    config.session.signing_algorithm = SigningAlgorithm::EdDsa;
}

/// The published keys, the one that signs first.
fn keys(server: &Server) -> Vec<Value> {
    let answer = server.http.get("/.well-known/jwks.json", "").expect(200);
    answer.json["keys"].as_array().unwrap().clone()
}

fn encode(part: &Value) -> String {
    BASE64URL_NOPAD.encode(part.to_string().as_bytes())
}

/// The token with another header and its old signature.
fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", encode(header))
}

#[test]
fn es256_signs_when_it_is_asked_for() {
    let server = Server::start_with(&ServerOptions {
        configure: Some(es256),
    });
    let mut ada = Person::super_admin(&server);
    ada.comes_in(&server);
    ada.gets(&server, "/auth/me").expect(200);
    let keys = keys(&server);
    assert_eq!(keys.len(), 1);
    assert_eq!(
        fields(&keys[0]),
        ["alg", "crv", "kid", "kty", "use", "x", "y"]
    );
    for (field, value) in [
        ("alg", "ES256"),
        ("crv", "P-256"),
        ("kty", "EC"),
        ("use", "sig"),
    ] {
        assert_eq!(keys[0][field], value);
    }
    for field in ["x", "y"] {
        let text = keys[0][field].as_str().unwrap();
        assert_eq!(BASE64URL_NOPAD.decode(text.as_bytes()).unwrap().len(), 32);
    }
    let header = part_of(&ada.access, 0);
    let expected = json!({ "alg": "ES256", "kid": keys[0]["kid"], "typ": "at+jwt" });
    assert_eq!(header, expected);
    assert_eq!(claims(&ada.access)["amr"], json!(["pwd", "otp"]));
}

/// "Public keys: the current one and the previous ones still in use."
#[test]
fn tokens_of_a_retired_key_are_good_until_they_expire() {
    let mut server = Server::start();
    let mut ada = Person::super_admin(&server);
    let old = ada.clone();
    let old_key = keys(&server).remove(0);
    server.restart_configured(es256);
    old.gets(&server, "/auth/me").expect(200);
    ada.comes_in(&server);
    ada.gets(&server, "/auth/me").expect(200);
    let both = keys(&server);
    let of = |key: &Value| key["alg"].as_str().unwrap().to_owned();
    assert_eq!(both.iter().map(of).collect::<Vec<_>>(), ["ES256", "EdDSA"]);
    assert_eq!(both[1], old_key);
    assert_eq!(part_of(&ada.access, 0)["kid"], both[0]["kid"]);
    // A retired key never signs again, whatever the configuration goes back to.
    server.restart_configured(ed_dsa);
    ada.gets(&server, "/auth/me").expect(200);
    let three = keys(&server);
    assert_eq!(three.len(), 3);
    assert_ne!(three[0]["kid"], old_key["kid"]);
    ada.comes_in(&server);
    assert_eq!(part_of(&ada.access, 0)["kid"], three[0]["kid"]);
    // Unchanged, nothing is made anew.
    server.restart();
    assert_eq!(keys(&server), three);
    server.clock.advance(600);
    old.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    let actions = server.audit_actions();
    let made = actions.iter().filter(|name| name.contains("signing_key"));
    assert_eq!(made.count(), 3, "{actions:?}");
}

/// "One algorithm per key, pinned; `kid` only looks up a fixed map."
#[test]
fn no_token_chooses_its_algorithm() {
    let mut server = Server::start();
    let old = Person::super_admin(&server);
    let first = keys(&server).remove(0);
    server.restart_configured(es256);
    let mut new = old.clone();
    new.comes_in(&server);
    let second = keys(&server).remove(0);
    for (token, own, other) in [
        (&old.access, &first, &second),
        (&new.access, &second, &first),
    ] {
        let (own_name, other_name) = (own["alg"].clone(), other["alg"].clone());
        let mut forged = Vec::new();
        for (algorithm, kid) in [
            (&other_name, &own["kid"]),
            (&other_name, &other["kid"]),
            (&own_name, &other["kid"]),
            (&own_name, &json!("unknown")),
            (&own_name, &Value::Null),
            (&json!("none"), &own["kid"]),
            (&json!("HS256"), &own["kid"]),
        ] {
            let header = json!({ "alg": algorithm, "kid": kid, "typ": "at+jwt" });
            forged.push(with_header(token, &header));
        }
        let (head, _) = forged.last().unwrap().rsplit_once('.').unwrap();
        let head = head.to_owned();
        // The public key as the secret of a keyed hash, in the forms in which people have it.
        let x = own["x"].as_str().unwrap();
        let raw = BASE64URL_NOPAD.decode(x.as_bytes()).unwrap();
        for secret in [raw, x.as_bytes().to_vec(), own.to_string().into_bytes()] {
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            mac.update(head.as_bytes());
            let signature = BASE64URL_NOPAD.encode(&mac.finalize().into_bytes());
            forged.push(format!("{head}.{signature}"));
        }
        let header = json!({ "alg": "none", "kid": own["kid"], "typ": "at+jwt" });
        let unsigned = with_header(token, &header);
        forged.push(unsigned[..=unsigned.rfind('.').unwrap()].to_owned());
        for token in forged {
            let answer = server.http.get("/auth/me", &token);
            answer.refused(401, "UNAUTHORIZED");
        }
        server.http.get("/auth/me", token).expect(200);
    }
}
