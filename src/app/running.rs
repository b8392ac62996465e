//! The service: its tasks, and the order in which they end.

use super::listeners::{self, tls};
use super::opened::Opened;
use super::sources::Sources;
use crate::config::Config;
use crate::http::{
    Allowed, Limits, Proxies, Tls, operator_gate, public_gate, serve_socket, serve_tcp,
};
use crate::platform::clock::{Clock, SystemClock};
use crate::platform::files;
use crate::platform::paths::DataDirectory;
use crate::platform::shutdown::{self, Stop, Stopper};
use crate::service::Services;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How often what is due from time to time is done.
const TICK: Duration = Duration::from_secs(60);

/// A service that runs.
pub struct Running {
    services: Arc<Services>,
    addresses: Vec<SocketAddr>,
    stop: Stopper,
    tasks: JoinSet<()>,
    failure: tokio::sync::watch::Receiver<Option<String>>,
    directory: Option<DataDirectory>,
    _lock: Option<File>,
}

impl Running {
    /// Serves an open instance on bound listeners, and on the local socket if it has a directory.
    ///
    /// # Errors
    /// If the certificate cannot be used, or the local socket cannot be made.
    pub async fn start(
        opened: Opened,
        listeners: Vec<TcpListener>,
        config: &Config,
        sources: &Sources,
    ) -> anyhow::Result<Self> {
        let addresses: Vec<SocketAddr> = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<io::Result<_>>()?;
        let port = addresses.first().map_or(0, SocketAddr::port);
        let base_url = listeners::base_url(config, port);
        let tls = tls(config)?.map(Arc::new);
        let allowed = Allowed::new(port, &config.server.hosts, &base_url);
        let allowed = match tls {
            Some(_) => allowed.over_tls(),
            None => allowed,
        };
        let proxies = Proxies::new(config.server.trusted_proxies.clone());
        let built = opened.services(config, base_url, sources);
        let (stop, stopped) = shutdown::channel();
        // Connections are idle in real time, as their timeouts are, also where a test sets the clock.
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(0));
        let at_most = |count| Limits::new(count, Arc::clone(&clock), stopped.clone());
        let limits = at_most(config.server.connections);
        let gate = Arc::new(public_gate(&built.services, allowed, proxies));
        let mut tasks = JoinSet::new();
        for listener in listeners {
            let (tls, gate, limits) = (tls.clone(), Arc::clone(&gate), limits.clone());
            tasks.spawn(serve_tcp(listener, tls, gate, limits));
        }
        if let Some(tls) = tls {
            tasks.spawn(Tls::keep_up_to_date(tls, stopped.clone()));
        }
        if let Some(directory) = &built.directory {
            let socket = listeners::bind_socket(directory)?;
            let gate = Arc::new(operator_gate(&built.services));
            tasks.spawn(serve_socket(socket, gate, at_most(16)));
        }
        tasks.spawn(tick(Arc::clone(&built.services), stopped));
        Ok(Self {
            failure: built.services.upkeep.failure(),
            services: built.services,
            addresses,
            stop,
            tasks,
            directory: built.directory,
            _lock: built.lock,
        })
    }

    /// The addresses it listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The use cases.
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// Waits until the store has failed for good; the value is the reason.
    pub async fn failed(&mut self) -> String {
        let failure = self.failure.wait_for(Option::is_some).await;
        match failure.map(|reason| reason.clone().unwrap_or_default()) {
            Ok(reason) => reason,
            Err(_) => std::future::pending().await,
        }
    }

    /// Ends it: no new requests, and a short time for those under way; then everything that was acknowledged is on the
    /// disk, and the store is closed.
    pub async fn stop(mut self) {
        self.stop.stop();
        while self.tasks.join_next().await.is_some() {}
        if let Some(directory) = &self.directory
            && let Err(error) = files::remove_if_there(&directory.socket())
        {
            tracing::warn!(event = "socket.not_removed", %error, "the local socket could not be removed");
        }
        self.services.upkeep.tick().await;
        self.services.upkeep.close();
    }
}

async fn tick(services: Arc<Services>, mut stopped: Stop) {
    loop {
        tokio::select! {
            () = stopped.asked() => return,
            () = tokio::time::sleep(TICK) => {
                services.upkeep.tick().await;
                services.upkeep.keep_house().await;
            }
        }
    }
}
