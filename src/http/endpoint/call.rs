//! A request to an endpoint: where it came in, and what it brings.

use crate::service::{Client, Services};
use std::sync::Arc;
use warp::http::HeaderMap;
use warp::http::header::{AUTHORIZATION, USER_AGENT};
use warp::hyper::body::Bytes;

/// Longest client name that is kept, in characters.
const DEVICE_CHARACTERS: usize = 200;

/// Where a request came in.
#[derive(Clone, Debug)]
pub enum Peer {
    /// Over TCP, from this address.
    Tcp(std::net::SocketAddr),
    /// Over the local socket or within the process, from the operating system's account of this
    /// name. Made by the listener, from the peer's credentials, and within the process.
    Operator(String),
}

/// A request to one endpoint.
#[derive(Clone)]
pub struct Call {
    pub services: Arc<Services>,
    pub peer: Peer,
    pub headers: HeaderMap,
    pub parameters: Vec<String>,
    pub query: String,
    pub body: Bytes,
}

impl Call {
    /// The bearer token (RFC 6750, section 2.1).
    pub fn bearer(&self) -> Option<&str> {
        let value = self.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    }

    /// Where the request comes from and what the client calls itself.
    pub fn client(&self) -> Client {
        let device = self.headers.get(USER_AGENT);
        let device = device.and_then(|value| value.to_str().ok()).unwrap_or("");
        Client {
            address: match &self.peer {
                Peer::Tcp(address) => address.ip().to_string(),
                Peer::Operator(_) => "socket".to_owned(),
            },
            device: device.chars().take(DEVICE_CHARACTERS).collect(),
        }
    }

    /// The path's parameter at `index` as a number.
    pub fn id(&self, index: usize) -> Option<u64> {
        whole_number(self.parameters.get(index)?)
    }
}

/// Digits and nothing else: the standard library would take a sign.
pub(super) fn whole_number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}
