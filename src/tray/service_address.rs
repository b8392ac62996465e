//! Where the service is.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the service is, and with it what may be asked.
#[derive(Clone, Debug)]
pub enum ServiceAddress {
    /// Its local socket, which lets this account in.
    Socket(PathBuf),
    /// Its address alone: it belongs to another account.
    Tcp {
        /// Where it listens.
        at: SocketAddr,
        /// Where browsers find it.
        base_url: String,
        /// Whether it speaks plain HTTP, so that it can be asked how it is.
        is_plain: bool,
    },
}
