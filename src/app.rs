//! The composition root: builds store, use cases and HTTP in this order, and takes them down in the
//! other. The only room beside `cli` that speaks `anyhow`.

mod listeners;

use crate::config::Config;
use crate::http::{
    Allowed, Gate, Limits, Peer, Proxies, Tls, operator_gate, public_gate, serve_socket, serve_tcp,
};
use crate::platform::clock::{Clock, SystemClock};
use crate::platform::entropy::{self, Entropy, SystemEntropy};
use crate::platform::files;
use crate::platform::key_provider::{self, KeyProvider};
use crate::platform::paths::DataDirectory;
use crate::platform::shutdown::{self, Stop, Stopper};
use crate::service::upkeep::instance::{self, Material, Unlocked};
use crate::service::{Services, Settings};
use crate::store::{Medium, Store};
pub use listeners::{bind, tls};

use anyhow::{Context, bail};
use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How often what is due from time to time is done.
const TICK: Duration = Duration::from_secs(60);

/// Where time and randomness come from.
#[derive(Clone)]
pub struct Sources {
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Sources {
    /// Those of the machine.
    ///
    /// # Errors
    /// If there is no randomness to name this run with.
    pub fn of_machine() -> anyhow::Result<Self> {
        let run = u64::from_be_bytes(entropy::bytes(&SystemEntropy)?);
        Ok(Self {
            clock: Arc::new(SystemClock::new(run)),
            entropy: Arc::new(SystemEntropy),
        })
    }
}

/// An instance that is open and unlocked, and nobody else's meanwhile.
pub struct Opened {
    store: Store,
    unlocked: Unlocked,
    directory: Option<DataDirectory>,
    lock: Option<File>,
}

/// Another process has the instance.
#[derive(Debug, thiserror::Error)]
#[error("another process is using the instance in {0}")]
pub struct InUse(String);

impl Opened {
    /// Opens the instance in a directory, making it if `may_create` and nothing is there.
    ///
    /// # Errors
    /// [`InUse`], and what [`instance::open`] and [`instance::unlock`] say.
    pub async fn in_directory(
        directory: DataDirectory,
        config: &Config,
        sources: &Sources,
        may_create: bool,
    ) -> anyhow::Result<Self> {
        let root = directory.root().display().to_string();
        if !may_create && !directory.store().exists() {
            bail!(instance::InstanceError::None(directory.root().to_owned()));
        }
        files::private_directory(directory.root())
            .with_context(|| format!("the data directory {root} cannot be used"))?;
        let lock = files::lock(&directory.lock())
            .with_context(|| format!("the data directory {root} cannot be used"))?;
        let Some(lock) = lock else {
            bail!(InUse(root));
        };
        let provider = key_provider::of_instance(&directory);
        let provider = provider.as_ref();
        let (clock, entropy) = (sources.clock.as_ref(), sources.entropy.as_ref());
        let cache = config.store.cache_bytes;
        let (store, key) = instance::open(&directory, provider, clock, entropy, cache, may_create)?;
        let algorithm = config.session.signing_algorithm;
        let unlocked = instance::unlock(&store, &key, provider, algorithm, clock, entropy).await?;
        Ok(Self {
            store,
            unlocked,
            directory: Some(directory),
            lock: Some(lock),
        })
    }

    /// Opens, or makes, an instance on any medium; for tests.
    ///
    /// # Errors
    /// If the medium or the provider fails.
    pub async fn on<M: Medium>(
        medium: impl Fn() -> M + Send + Sync + 'static,
        provider: &dyn KeyProvider,
        config: &Config,
        sources: &Sources,
    ) -> anyhow::Result<Self> {
        let (clock, entropy) = (sources.clock.as_ref(), sources.entropy.as_ref());
        let key = match provider.load()? {
            Some(key) => key,
            None => {
                let key = provider.prepare(entropy)?;
                provider.commit()?;
                key
            }
        };
        let material = Material::draw(entropy)?;
        let (first_key, name) = (key.clone(), provider.name());
        let created_at = clock.now().unix_seconds;
        let store = Store::on(medium, move |write| {
            material.write(write, &first_key, name, created_at)
        })?;
        let algorithm = config.session.signing_algorithm;
        let unlocked = instance::unlock(&store, &key, provider, algorithm, clock, entropy).await?;
        Ok(Self {
            store,
            unlocked,
            directory: None,
            lock: None,
        })
    }

    fn services(self, config: &Config, base_url: String, sources: &Sources) -> Built {
        let settings = Settings {
            base_url,
            issuer: config.totp.issuer.clone(),
            parameters: config.totp.parameters,
            window: config.totp.window,
            policy: config.policy,
            lifetimes: config.session.lifetimes,
            password_rules: config.password,
            audit_keep_months: config.audit.keep_months,
            data_directory: self
                .directory
                .as_ref()
                .map(|directory| directory.root().to_owned()),
        };
        let (clock, entropy) = (Arc::clone(&sources.clock), Arc::clone(&sources.entropy));
        Built {
            services: Arc::new(Services::new(
                self.store,
                self.unlocked,
                settings,
                clock,
                entropy,
            )),
            directory: self.directory,
            lock: self.lock,
        }
    }
}

struct Built {
    services: Arc<Services>,
    directory: Option<DataDirectory>,
    lock: Option<File>,
}

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

    /// Answers a request of the person at the machine, known by the operating system's name.
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

    /// Ends it: no new requests, a short time for those under way, then everything that was
    /// acknowledged is on the disk and the store is closed.
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
