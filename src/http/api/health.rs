//! `/health` and `/.well-known`: what anybody may know.

use super::{Answer, ok};
use crate::http::endpoint::Endpoint;
use crate::http::error::ApiError;
use crate::http::filters::{Call, NoBody};
use crate::http::principal::Anybody;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use warp::http::Method;

/// The rows of these families.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/health/live", live).summary("Tells that the process is up."),
        Endpoint::new(Method::GET, "/health/ready", ready)
            .summary("Tells whether the store is writable, the disk not full and the clock sane."),
        Endpoint::new(Method::GET, "/.well-known/jwks.json", public_keys)
            .summary("Shows the public keys that verify access tokens (RFC 7517)."),
    ]
}

/// How the service is.
#[derive(Serialize, JsonSchema)]
struct Health {
    #[schemars(extend("enum" = ["live", "ready"]))]
    status: &'static str,
}

async fn live(_: Call, _: Anybody, _: NoBody) -> Result<Answer<Health>, ApiError> {
    ok(Health { status: "live" })
}

async fn ready(call: Call, _: Anybody, _: NoBody) -> Result<Answer<Health>, ApiError> {
    if call.services.is_ready().await {
        ok(Health { status: "ready" })
    } else {
        Err(ApiError::not_ready())
    }
}

/// The public keys that verify access tokens.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("type" = "object", "required" = ["keys"], "properties" = {
    "keys": {
        "type": "array",
        "items": { "type": "object", "required": ["kty", "kid", "alg", "use"] },
    },
}))]
struct PublicKeys(Value);

async fn public_keys(call: Call, _: Anybody, _: NoBody) -> Result<Answer<PublicKeys>, ApiError> {
    ok(PublicKeys(call.services.public_keys()))
}
