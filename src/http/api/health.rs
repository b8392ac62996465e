//! `/health` and `/.well-known`: what anybody may know.

use super::{Answer, ok};
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::NoBody;
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::Anybody;
use crate::http::error::ApiError;
use crate::wire::health::{Health, PublicKeys};
use crate::wire::paths;
use warp::http::Method;

/// The rows of these families.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::LIVE, live).summary("Tells that the process is up."),
        Endpoint::new(Method::GET, paths::READY, ready)
            .summary("Tells whether the store is writable, the disk not full and the clock sane."),
        Endpoint::new(Method::GET, paths::PUBLIC_KEYS, public_keys)
            .summary("Shows the public keys that verify access tokens (RFC 7517)."),
    ]
}

async fn live(_: Call, _: Anybody, _: NoBody) -> Result<Answer<Health>, ApiError> {
    ok(Health {
        status: "live".into(),
    })
}

async fn ready(call: Call, _: Anybody, _: NoBody) -> Result<Answer<Health>, ApiError> {
    if call.services.upkeep.is_ready().await {
        ok(Health {
            status: "ready".into(),
        })
    } else {
        Err(ApiError::not_ready())
    }
}

async fn public_keys(call: Call, _: Anybody, _: NoBody) -> Result<Answer<PublicKeys>, ApiError> {
    ok(PublicKeys(call.services.public_keys()))
}
