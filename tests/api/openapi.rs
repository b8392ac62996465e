//! The document of the API: it tells of every route and of nothing else, holds together, and real
//! answers look as it says.

use super::claims;
use crate::harness::{Answer, Person, Server};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use vestibule::http::Who;
use vestibule::http::routes::{operator_table, table};

fn document() -> Value {
    let server = Server::start();
    server.http.get("/openapi.json", "").expect(200).json
}

/// Every operation with its method and path.
fn operations(document: &Value) -> BTreeMap<(String, String), &Value> {
    let mut operations = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let key = (method.to_ascii_uppercase(), path.clone());
            operations.insert(key, operation);
        }
    }
    operations
}

/// What a `$ref` leads to, in as many steps as it takes.
fn resolved<'a>(document: &'a Value, mut value: &'a Value) -> &'a Value {
    while let Some(reference) = value["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').unwrap();
        value = document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{reference} leads nowhere"));
    }
    value
}

fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| match field.as_str() {
                Some(text) if name == "$ref" => BTreeSet::from([text.to_owned()]),
                _ => references(field),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

/// The status that says that it was done, and the answer's schema.
fn success(operation: &Value) -> (&str, &Value) {
    let responses = operation["responses"].as_object().unwrap();
    let (status, response) = responses
        .iter()
        .find(|(status, _)| status.starts_with('2'))
        .unwrap();
    (status, &response["content"]["application/json"]["schema"])
}

/// The codes that an operation may refuse with, by status.
fn codes<'a>(document: &'a Value, operation: &'a Value, status: &str) -> BTreeSet<&'a str> {
    let response = resolved(document, &operation["responses"][status]);
    let schema = &response["content"]["application/json"]["schema"];
    let codes = &schema["allOf"][1]["properties"]["code"]["enum"];
    let codes = codes.as_array().into_iter().flatten();
    codes.map(|code| code.as_str().unwrap()).collect()
}

#[test]
fn it_tells_of_every_route_and_of_nothing_else() {
    let document = document();
    let told: BTreeSet<(String, String)> = operations(&document).into_keys().collect();
    let served: BTreeSet<(String, String)> = table()
        .into_iter()
        .map(|row| (row.method.to_string(), row.path.to_owned()))
        .collect();
    assert_eq!(told, served);
    for row in operator_table() {
        assert!(document["paths"][row.path].is_null(), "{}", row.path);
    }
    let text = document.to_string();
    assert!(!text.contains("operator/"), "{text}");
}

#[test]
fn it_says_which_service_it_is() {
    let server = Server::start();
    let document = server.http.get("/openapi.json", "").expect(200).json;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Vestibule");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let base_url = claims(&Person::super_admin(&server).access)["iss"].clone();
    assert_eq!(document["servers"], json!([{ "url": base_url }]));
}

#[test]
fn all_references_lead_somewhere_and_all_parts_are_used() {
    let document = document();
    let references = references(&document);
    for reference in &references {
        resolved(&document, &json!({ "$ref": reference }));
    }
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(&reference), "{reference} is not used");
            // Two types of one name would be told apart by a number.
            assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "{name}");
        }
    }
}

#[test]
fn every_operation_is_described() {
    let document = document();
    let mut ids = BTreeSet::new();
    for ((method, path), operation) in operations(&document) {
        let place = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{place}: {id} is there twice");
        let summary = operation["summary"].as_str().unwrap();
        assert!(summary.ends_with('.') && summary.len() > 10, "{place}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
        let (status, schema) = success(operation);
        assert!(["200", "201"].contains(&status), "{place}");
        let schema = resolved(&document, schema);
        assert_eq!(schema["type"], "object", "{place}: {schema}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_id = parameter["in"] == "path";
            assert!(is_id || parameter["description"].is_string(), "{place}");
        }
        if let Some(body) = operation.get("requestBody") {
            let schema = &body["content"]["application/json"]["schema"];
            assert_eq!(resolved(&document, schema)["type"], "object", "{place}");
        }
    }
}

#[test]
fn refusals_are_complete() {
    let document = document();
    let operations = operations(&document);
    for row in table() {
        let place = format!("{} {}", row.method, row.path);
        let operation = operations[&(row.method.to_string(), row.path.to_owned())];
        let has = |status: &str, code: &str| codes(&document, operation, status).contains(code);
        assert!(has("403", "ORIGIN_REFUSED"), "{place}");
        assert!(has("408", "REQUEST_TIMEOUT"), "{place}");
        assert!(has("413", "BODY_TOO_LARGE"), "{place}");
        assert!(has("421", "UNKNOWN_HOST"), "{place}");
        assert!(has("500", "INTERNAL"), "{place}");
        let takes_body = operation.get("requestBody").is_some();
        assert_eq!(has("415", "UNSUPPORTED_MEDIA_TYPE"), takes_body, "{place}");
        let asks = operation["parameters"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["in"] == "query"));
        assert_eq!(has("400", "INVALID_REQUEST"), takes_body || asks, "{place}");
        let locked = row.who != Who::Anybody;
        assert_eq!(operation.get("security").is_some(), locked, "{place}");
        assert!(!locked || has("401", "UNAUTHORIZED"), "{place}");
        if row.path.contains('{') {
            assert!(!codes(&document, operation, "404").is_empty(), "{place}");
        }
    }
}

/// What is wrong with a value by a schema; knows the words that our schemas use, and no others.
fn faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let Some(words) = schema.as_object() else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    let inner = |schema: &Value, value: &Value, step: &str| -> Vec<String> {
        self::faults(document, schema, value, &format!("{at}/{step}"))
    };
    for (word, rule) in words {
        match word.as_str() {
            "type" => {
                let kinds = rule
                    .as_array()
                    .map_or(vec![rule], |all| all.iter().collect());
                if !kinds
                    .iter()
                    .any(|kind| is_of(value, kind.as_str().unwrap()))
                {
                    faults.push(format!("{at} is not {rule}: {value}"));
                }
            }
            "enum" if !rule.as_array().unwrap().contains(value) => {
                faults.push(format!("{at} is none of {rule}: {value}"));
            }
            "const" if rule != value => faults.push(format!("{at} is not {rule}: {value}")),
            "required" => {
                let names = rule.as_array().unwrap().iter().map(|name| name.as_str());
                let missing = names.flatten().filter(|name| value.get(name).is_none());
                faults.extend(missing.map(|name| format!("{at} lacks {name}")));
            }
            "properties" => {
                for (name, field) in value.as_object().into_iter().flatten() {
                    match rule.get(name) {
                        Some(schema) => faults.extend(inner(schema, field, name)),
                        None if words.contains_key("additionalProperties") => {}
                        None => faults.push(format!("{at}/{name} is not told")),
                    }
                }
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    faults.extend(inner(rule, item, "items"));
                }
            }
            "anyOf" | "oneOf" => {
                let forms = rule.as_array().unwrap();
                if !forms.iter().any(|form| inner(form, value, "").is_empty()) {
                    faults.push(format!("{at} has no form of {rule}: {value}"));
                }
            }
            "minimum" if value.is_number() && value.as_f64() < rule.as_f64() => {
                faults.push(format!("{at} is below {rule}: {value}"));
            }
            "enum" | "const" | "minimum" | "format" | "description" | "title" => {}
            "additionalProperties" => {}
            other => faults.push(format!("{at}: what is {other}?")),
        }
    }
    faults
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        _ => false,
    }
}

#[test]
fn the_check_of_answers_can_fail() {
    let schema = json!({
        "type": "object",
        "required": ["a"],
        "properties": { "a": { "type": "integer" }, "b": { "enum": ["c"] } },
    });
    let wrong = |value: Value| faults(&Value::Null, &schema, &value, "").len();
    assert_eq!(wrong(json!({ "a": 1, "b": "c" })), 0);
    for bad in [
        json!([]),
        json!({ "b": "c" }),
        json!({ "a": "1" }),
        json!({ "a": 1, "b": "d" }),
        json!({ "a": 1, "c": 2 }),
    ] {
        assert!(wrong(bad.clone()) > 0, "{bad}");
    }
}

/// Fails unless an answer has the status and the form that the document gives it.
#[track_caller]
fn fits(document: &Value, method: &str, path: &str, answer: &Answer) {
    let operation = &document["paths"][path][method.to_ascii_lowercase()];
    let (status, schema) = success(operation);
    assert_eq!(answer.status.to_string(), status, "{}", answer.text);
    let faults = faults(document, schema, &answer.json, "");
    assert!(faults.is_empty(), "{method} {path}: {faults:#?}");
}

#[test]
fn answers_look_as_it_says() {
    let server = Server::start();
    let document = server.http.get("/openapi.json", "").expect(200).json;
    let mut ada = Person::super_admin(&server);
    let bob = Person::user(&server, "bob@example.com");
    let reads = [
        ("/openapi.json", ""),
        ("/.well-known/jwks.json", ""),
        ("/health/live", ""),
        ("/health/ready", ""),
        ("/2fa/status", ""),
        ("/auth/me", ""),
        ("/users", "?limit=1"),
        ("/audit", "?after=0"),
        ("/audit/head", ""),
    ];
    for (path, query) in reads {
        let answer = ada.gets(&server, &format!("{path}{query}"));
        fits(&document, "GET", path, &answer);
    }
    let answer = ada.gets(&server, "/users/1");
    fits(&document, "GET", "/users/{id}", &answer);
    let ids = json!({ "ids": [bob.id] });
    for path in ["/users/archive", "/users/restore"] {
        let answer = server.http.send("PATCH", path, &ada.access, Some(&ids));
        fits(&document, "PATCH", path, &answer);
    }
    let answer = ada.posts(&server, "/2fa/recovery-codes", json!({}));
    fits(&document, "POST", "/2fa/recovery-codes", &answer);
    ada.keeps_recovery_codes(&answer);
    server.clock.advance(30);
    let answer = ada.signs_in(&server);
    fits(&document, "POST", "/auth/sign-in", &answer);
    let code = ada.recovery_codes[0].clone();
    let answer = ada.authenticates(&server, &code);
    fits(&document, "POST", "/2fa/authenticate", &answer);
    let answer = ada.gets(&server, "/auth/me");
    assert!(!answer.json["notices"].as_array().unwrap().is_empty());
    fits(&document, "GET", "/auth/me", &answer);
}

#[test]
fn one_time_links_look_as_it_says() {
    let server = Server::start();
    let document = server.http.get("/openapi.json", "").expect(200).json;
    let ada = Person::super_admin(&server);
    let bob = Person::user(&server, "bob@example.com");
    let body = json!({ "email": "nell@example.com" });
    let answer = ada.posts(&server, "/invitations", body.clone());
    fits(&document, "POST", "/invitations", &answer);
    for act in ["reset-password", "reset-two-factor"] {
        let path = format!("/users/{{id}}/{act}");
        let asked = path.replace("{id}", &bob.id.to_string());
        let answer = ada.posts(&server, &asked, json!({}));
        fits(&document, "POST", &path, &answer);
        let answer = server.operator("POST", &asked, None);
        fits(&document, "POST", &path, &answer);
    }
    let answer = server.operator("POST", "/invitations", Some(body));
    fits(&document, "POST", "/invitations", &answer);
}

#[test]
fn a_sign_in_from_the_first_door_on_looks_as_it_says() {
    let server = Server::start();
    let document = server.http.get("/openapi.json", "").expect(200).json;
    let mut bob = Person::user(&server, "bob@example.com");
    let answer = bob.scans(&server);
    fits(&document, "GET", "/2fa/generate-qr", &answer);
    let path = "/2fa/enable-two-factor-auth";
    let answer = bob.posts(&server, path, json!({ "code": bob.code(&server) }));
    fits(&document, "POST", path, &answer);
    bob.takes(&answer);
    let body = json!({ "currentPassword": bob.password, "newPassword": "seven loud bells at sea" });
    let answer = bob.posts(&server, "/auth/change-password", body);
    fits(&document, "POST", "/auth/change-password", &answer);
    bob.takes(&answer);
    let body = json!({ "refreshToken": bob.refresh });
    let answer = server.http.post("/auth/refresh-token", "", body);
    fits(&document, "POST", "/auth/refresh-token", &answer);
    bob.takes(&answer);
    let body = json!({ "ids": [] });
    let answer = bob.posts(&server, "/auth/me/notices/dismiss", body);
    fits(&document, "POST", "/auth/me/notices/dismiss", &answer);
    let path = "/2fa/disable-two-factor-auth";
    let answer = bob.posts(&server, path, json!({}));
    fits(&document, "POST", path, &answer);
    let answer = bob.posts(&server, "/auth/sign-out", json!({}));
    fits(&document, "POST", "/auth/sign-out", &answer);
    let refused = bob.gets(&server, "/auth/me");
    let schema = json!({ "$ref": "#/components/schemas/Error" });
    assert_eq!(
        faults(&document, &schema, &refused.json, ""),
        Vec::<String>::new()
    );
}
