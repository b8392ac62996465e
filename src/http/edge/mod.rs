//! The edge: everything between a socket and the routes.

pub mod forwarded;
pub mod gate;
mod headers;
pub mod hosts;
pub mod limits;
pub mod listener;
pub mod tls;
