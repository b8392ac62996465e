//! Floor 3: URLs, headers, statuses and pages around the use cases.

pub mod api;
mod embedded;
mod endpoint;
mod error;
mod filters;
mod forwarded;
mod gate;
mod headers;
mod limits;
mod listener;
mod openapi;
mod packed;
mod principal;
pub mod routes;
mod tls;

pub use error::ApiError;
pub use filters::Peer;
pub use forwarded::Proxies;
pub use gate::Gate;
pub use headers::Allowed;
pub use limits::Limits;
pub use listener::{serve_socket, serve_tcp};
pub use principal::Who;
pub use tls::Tls;

use crate::service::Services;
use std::sync::Arc;

/// What is served over TCP, to the hosts and origins that are `allowed`, directly or through
/// `proxies`.
pub fn public_gate(services: &Arc<Services>, allowed: Allowed, proxies: Proxies) -> Gate {
    Gate {
        routes: routes::routes(services, false),
        allowed: Some(allowed),
        proxies,
    }
}

/// What is served on the local socket and within the process: all that, and the operator's routes.
pub fn operator_gate(services: &Arc<Services>) -> Gate {
    Gate {
        routes: routes::routes(services, true),
        allowed: None,
        proxies: Proxies::default(),
    }
}
