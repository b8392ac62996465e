//! `/openapi.json`: what this service answers to, for programs that write programs.

use super::{Answer, ok};
use crate::http::endpoint::Endpoint;
use crate::http::error::ApiError;
use crate::http::filters::{Call, NoBody};
use crate::http::principal::Anybody;
use crate::http::{openapi, routes};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::sync::OnceLock;
use warp::http::Method;

/// The row of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/openapi.json", document)
            .summary("Describes this API as an OpenAPI 3.1 document."),
    ]
}

#[derive(Serialize, JsonSchema)]
struct Server {
    url: String,
}

/// An OpenAPI 3.1 document.
#[derive(Serialize, JsonSchema)]
struct Document {
    servers: Vec<Server>,
    /// All the rest, which is the same for every instance of a version.
    #[serde(flatten)]
    #[schemars(with = "serde_json::Map<String, Value>")]
    rest: &'static Value,
}

async fn document(call: Call, _: Anybody, _: NoBody) -> Result<Answer<Document>, ApiError> {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    let rest = DOCUMENT.get_or_init(|| openapi::document(&routes::table()));
    let url = call.services.settings().base_url.clone();
    ok(Document {
        servers: vec![Server { url }],
        rest,
    })
}
