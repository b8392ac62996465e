//! `/openapi.json`: the document of the API.

use crate::http::endpoint::body::NoBody;
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::Anybody;
use crate::http::endpoint::{Answers, Endpoint};
use crate::http::error::ApiError;
use crate::http::openapi;
use crate::http::pages::packed::Packed;
use crate::service::Error;
use crate::wire::paths;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use warp::Reply;
use warp::http::header::CONTENT_TYPE;
use warp::http::{HeaderValue, Method};
use warp::reply::Response;

/// The row of this family; the document tells of all rows of `table`.
pub fn endpoints(table: fn() -> Vec<Endpoint>) -> Vec<Endpoint> {
    let document = move |call: Call, _: Anybody, _: NoBody| document(call, table);
    vec![
        Endpoint::new(Method::GET, paths::DOCUMENT, document)
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
    rest: Value,
}

/// The document, packed if the caller takes it so.
struct Described(Response);

impl Reply for Described {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Answers for Described {
    const STATUSES: &'static [u16] = &[200];

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Document>()
    }
}

async fn document(call: Call, table: fn() -> Vec<Endpoint>) -> Result<Described, ApiError> {
    // The base URL is the same for the life of the process, but tests start several services in one.
    static DOCUMENT: Mutex<Option<(String, Arc<Packed>)>> = Mutex::new(None);
    let url = &call.services.settings().base_url;
    let mut kept = DOCUMENT.lock().unwrap_or_else(PoisonError::into_inner);
    let packed = match kept.as_ref().filter(|(of, _)| of == url) {
        Some((_, packed)) => Arc::clone(packed),
        None => {
            let packed = Arc::new(Packed::new(text(url, &table())?));
            *kept = Some((url.clone(), Arc::clone(&packed)));
            packed
        }
    };
    drop(kept);
    let mut response = packed.answer(&call.headers);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(Described(response))
}

fn text(url: &str, table: &[Endpoint]) -> Result<Vec<u8>, ApiError> {
    let url = url.to_owned();
    let document = Document {
        servers: vec![Server { url }],
        rest: openapi::document(table),
    };
    let text = serde_json::to_vec(&document);
    text.map_err(|error| Error::Internal(error.to_string()).into())
}
