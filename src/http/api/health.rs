//! `/health` and `/.well-known`: what anybody may know.

use super::{Answer, ok};
use crate::http::error::ApiError;
use crate::http::filters::{Call, NoBody};
use crate::http::principal::Anybody;
use crate::http::routes::Endpoint;
use serde_json::{Value, json};
use warp::http::Method;

/// The rows of these families.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/health/live", live),
        Endpoint::new(Method::GET, "/health/ready", ready),
        Endpoint::new(Method::GET, "/.well-known/jwks.json", public_keys),
    ]
}

type Reply = Result<Answer<Value>, ApiError>;

async fn live(_: Call, _: Anybody, _: NoBody) -> Reply {
    ok(json!({ "status": "live" }))
}

async fn ready(call: Call, _: Anybody, _: NoBody) -> Reply {
    if call.services.is_ready().await {
        ok(json!({ "status": "ready" }))
    } else {
        Err(ApiError::not_ready())
    }
}

async fn public_keys(call: Call, _: Anybody, _: NoBody) -> Reply {
    ok(call.services.public_keys())
}
