//! Floor 3: URLs, headers, statuses and pages around the use cases.

pub mod api;
mod embedded;
mod endpoint;
mod error;
mod filters;
mod headers;
mod listener;
mod openapi;
mod principal;
pub mod routes;
mod schemas;

pub use error::ApiError;
pub use filters::Peer;
pub use headers::Allowed;
pub use listener::{Gate, Limits, serve_socket, serve_tcp};
pub use principal::Who;

use crate::service::Services;
use std::sync::Arc;

/// What is served over TCP, to the hosts and origins that are `allowed`.
pub fn public_gate(services: &Arc<Services>, allowed: Allowed) -> Gate {
    Gate {
        routes: routes::routes(services, false),
        allowed: Some(allowed),
    }
}

/// What is served on the local socket and within the process: all that, and the operator's routes.
pub fn operator_gate(services: &Arc<Services>) -> Gate {
    Gate {
        routes: routes::routes(services, true),
        allowed: None,
    }
}
