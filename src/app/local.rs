//! The instance within this process.

use super::listeners;
use super::opened::Opened;
use super::sources::Sources;
use crate::config::Config;
use crate::http::{Gate, Peer, operator_gate};
use crate::service::Services;
use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;

/// The instance without a network: the command line's way when no service runs.
pub struct Local {
    gate: Gate,
    services: Arc<Services>,
    _lock: Option<File>,
}

impl Local {
    /// Builds the use cases and the operator's routes on an open instance.
    pub fn new(opened: Opened, config: &Config, sources: &Sources) -> Self {
        let port = config.server.listen.first().map_or(0, SocketAddr::port);
        let base_url = listeners::base_url(config, port);
        let built = opened.services(config, base_url, sources);
        Self {
            gate: operator_gate(&built.services),
            services: built.services,
            _lock: built.lock,
        }
    }

    /// Answers a request of the operator, known by the operating system's name.
    ///
    /// # Errors
    /// If the body of the answer cannot be read.
    pub async fn answer(
        &self,
        request: Request<Bytes>,
        operator: String,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let response = self.gate.answer(request, Peer::Operator(operator)).await;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// Writes what waits and closes the store.
    pub async fn close(&self) {
        self.services.upkeep.tick().await;
        self.services.upkeep.close();
    }
}
