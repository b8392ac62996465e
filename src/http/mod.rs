//! Floor 3: URLs, headers, statuses and pages around the use cases.

pub mod api;
mod edge;
mod endpoint;
mod error;
mod openapi;
mod pages;
pub mod routes;

pub use edge::forwarded::Proxies;
pub use edge::gate::Gate;
pub use edge::hosts::Allowed;
pub use edge::limits::Limits;
pub use edge::listener::{serve_socket, serve_tcp};
pub use edge::tls::Tls;
pub use endpoint::call::Peer;
pub use endpoint::principal::Who;
pub use error::ApiError;

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
