//! The document of the API, OpenAPI 3.1, made of the table of routes and of nothing else: what is
//! served is described, and what is described is served.
//!
//! Schemas come from the very types that are read and written. Refusals with few codes are shared
//! answers, named after them.

use super::endpoint::body::BodyShape;
use super::endpoint::parameter::{Kind, Parameter};
use super::endpoint::principal::Who;
use super::endpoint::{EVERYWHERE, Endpoint};
use super::error::{Refusal, TABLE};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use warp::http::StatusCode;

const ABOUT: &str = "Two-factor sign-in for small teams, on their own machine. Every refusal is \
    an `Error`; only what is refused before there is a request (a malformed head, 400; a target \
    or headers that are too long, 414 and 431) has no body. Any other method at a path is 405, \
    any other path 404. Answers may gain fields, never lose one.";
const JSON: &str = "application/json";
const MOST_CODES_OF_A_NAME: usize = 2;
const SCHEMAS: &str = "/components/schemas";

/// The document, but for `servers`, which the configuration knows.
pub(super) fn document(rows: &[Endpoint]) -> Value {
    let mut builder = Builder::new();
    let mut paths = Map::new();
    for row in rows {
        let operation = builder.operation(row);
        let methods = paths.entry(row.path).or_insert_with(|| json!({}));
        methods[row.method.as_str().to_ascii_lowercase()] = operation;
    }
    let mut tags: Vec<&str> = rows.iter().map(tag).collect();
    tags.sort_unstable();
    tags.dedup();
    let tags = tags.iter().map(|name| json!({ "name": name }));
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Vestibule",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": builder.components(),
    })
}

/// Gathers what operations share.
struct Builder {
    /// What is read may leave out what is written always, so the two have generators of their own.
    bodies: SchemaGenerator,
    answers: SchemaGenerator,
    refusals: BTreeMap<String, Value>,
}

impl Builder {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = SCHEMAS.into();
                settings.meta_schema = None;
            })
        };
        Self {
            bodies: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
            refusals: BTreeMap::new(),
        }
    }

    fn components(mut self) -> Value {
        let mut schemas = self.bodies.take_definitions(true);
        schemas.extend(self.answers.take_definitions(true));
        schemas.insert("Error".into(), error_schema());
        json!({
            "schemas": schemas,
            "responses": self.refusals,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The `accessToken` of a sign-in; signed (JWT) once it is a full session, opaque before.",
                },
            },
        })
    }

    fn operation(&mut self, row: &Endpoint) -> Value {
        let mut operation = json!({
            "operationId": operation_id(row),
            "summary": row.summary,
            "tags": [tag(row)],
            "responses": self.responses(row),
        });
        let parameters = parameters(row);
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if let Some(BodyShape { required, schema }) = row.body {
            let schema = schema(&mut self.bodies);
            operation["requestBody"] = json!({ "required": required, "content": content(&schema) });
        }
        if row.who != Who::Anybody {
            operation["security"] = json!([{ "bearer": [] }]);
        }
        operation
    }

    fn responses(&mut self, row: &Endpoint) -> Map<String, Value> {
        let mut by_status: BTreeMap<u16, Vec<&Refusal>> = BTreeMap::new();
        for refusal in row.refusals.iter().chain(&EVERYWHERE) {
            let refusals = by_status.entry(refusal.status).or_default();
            if !refusals.contains(refusal) {
                refusals.push(refusal);
            }
        }
        let mut responses = Map::new();
        for status in row.statuses {
            let schema = (row.answer)(&mut self.answers);
            // A status that both an answer and refusals may carry takes either form.
            let schema = match by_status.remove(status) {
                Some(refusals) => json!({ "anyOf": [schema, refusal_schema(&refusals)] }),
                None => schema.to_value(),
            };
            let response = json!({ "description": reason(*status), "content": { JSON: { "schema": schema } } });
            responses.insert(status.to_string(), response);
        }
        for (status, mut refusals) in by_status {
            refusals.sort_by_key(|refusal| refusal.code);
            responses.insert(status.to_string(), self.refusal(status, &refusals));
        }
        responses
    }

    /// One answer with one of these codes; few codes make a name, and so a shared answer.
    fn refusal(&mut self, status: u16, refusals: &[&Refusal]) -> Value {
        let response = refusal_response(status, refusals);
        if refusals.len() > MOST_CODES_OF_A_NAME {
            return response;
        }
        let name = name_of(refusals);
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        self.refusals.insert(name, response);
        reference
    }
}

fn content(schema: &Schema) -> Value {
    json!({ JSON: { "schema": schema } })
}

fn reason(status: u16) -> &'static str {
    let status = StatusCode::from_u16(status).ok();
    status
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Answer")
}

/// The family, by the path's first segment.
fn tag(row: &Endpoint) -> &'static str {
    match row.path.split('/').find(|segment| !segment.is_empty()) {
        Some(".well-known" | "openapi.json") | None => "discovery",
        Some(first) => first,
    }
}

/// The method and the path's words: `getUsersById`.
fn operation_id(row: &Endpoint) -> String {
    let mut id = row.method.as_str().to_ascii_lowercase();
    let path = row.path.replace('{', "by-");
    for word in path.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut characters = word.chars();
        id.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        id.extend(characters);
    }
    id
}

fn parameters(row: &Endpoint) -> Vec<Value> {
    let named = row.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        let declared = row.path_parameters.iter().find(|one| one.name == name);
        Some(match declared {
            Some(declared) => parameter("path", declared),
            None => json!({
                "name": name,
                "in": "path",
                "required": true,
                "schema": { "type": "integer", "format": "uint64", "minimum": 1 },
            }),
        })
    });
    let asked = row.query.iter().map(|one| parameter("query", one));
    named.chain(asked).collect()
}

fn parameter(place: &str, parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Number => json!({ "type": "integer", "format": "uint64", "minimum": 0 }),
        Kind::Switch => json!({ "type": "boolean", "default": false }),
        // An empty one is none: forms send it where nothing was chosen.
        Kind::Choice(words) => {
            let words = [words, &[""]].concat();
            json!({ "type": "string", "enum": words })
        }
    };
    json!({
        "name": parameter.name,
        "in": place,
        "required": place == "path",
        "description": parameter.description,
        "schema": schema,
    })
}

fn error_schema() -> Value {
    let codes: Vec<&str> = TABLE.iter().map(|refusal| refusal.code).collect();
    json!({
        "type": "object",
        "description": "Why a request was refused.",
        "required": ["message", "description", "code"],
        "properties": {
            "message": { "type": "string", "description": "One short sentence for a person." },
            "description": { "type": "string", "description": "What to do next." },
            "code": { "type": "string", "description": "For programs; never changes.", "enum": codes },
        },
    })
}

/// An `Error` with one of these codes.
fn refusal_schema(refusals: &[&Refusal]) -> Value {
    let codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code).collect();
    json!({
        "allOf": [
            { "$ref": "#/components/schemas/Error" },
            { "type": "object", "properties": { "code": { "enum": codes } } },
        ],
    })
}

/// `UnauthorizedOrSecondFactorRequired`.
fn name_of(refusals: &[&Refusal]) -> String {
    let names = refusals.iter().map(|refusal| {
        let words = refusal.code.split('_').map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            format!("{first}{}", rest.to_ascii_lowercase())
        });
        words.collect::<String>()
    });
    names.collect::<Vec<_>>().join("Or")
}

fn refusal_response(status: u16, refusals: &[&Refusal]) -> Value {
    let lines = refusals
        .iter()
        .map(|refusal| format!("`{}`: {}", refusal.code, refusal.message));
    let mut response = json!({
        "description": lines.collect::<Vec<_>>().join("\n\n"),
        "content": { JSON: { "schema": refusal_schema(refusals) } },
    });
    match status {
        401 => {
            response["headers"] = json!({
                "WWW-Authenticate": { "required": true, "schema": { "type": "string" } },
            });
        }
        429 | 503 => {
            response["headers"] = json!({
                "Retry-After": {
                    "required": true,
                    "description": "Whole seconds to wait.",
                    "schema": { "type": "integer", "minimum": 0 },
                },
            });
        }
        _ => {}
    }
    response
}
