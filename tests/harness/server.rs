//! A service under test: the real composition on a port of its own, with the test's clock and a
//! medium that survives restarts.

use super::clock::ManualClock;
use super::entropy::FiniteEntropy;
use super::http::{Answer, Http};
use super::key::MemoryKey;
use super::medium::SharedMedium;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use vestibule::app::{Local, Opened, Running, Sources};
use vestibule::config::Config;
use vestibule::http::{Gate, Peer, operator_gate};
use vestibule::service::Services;

/// How a service is started.
#[derive(Clone, Default)]
pub struct ServerOptions {
    /// Changes the configuration.
    pub configure: Option<fn(&mut Config)>,
}

/// A running service.
pub struct Server {
    runtime: Runtime,
    running: Option<Running>,
    config: Config,
    key: Arc<MemoryKey>,
    gate: Option<Gate>,
    pub clock: Arc<ManualClock>,
    pub entropy: Arc<FiniteEntropy>,
    pub medium: SharedMedium,
    pub http: Http,
}

impl Server {
    /// A new, unclaimed instance.
    pub fn start() -> Self {
        Self::start_with(&ServerOptions::default())
    }

    pub fn start_with(options: &ServerOptions) -> Self {
        let mut config = Config::default();
        config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
        if let Some(configure) = options.configure {
            configure(&mut config);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let mut server = Self {
            runtime,
            running: None,
            config,
            key: Arc::new(MemoryKey::default()),
            gate: None,
            clock: Arc::new(ManualClock::new()),
            entropy: Arc::new(FiniteEntropy::new()),
            medium: SharedMedium::default(),
            http: Http::new("127.0.0.1:1".parse().unwrap()),
        };
        server.run();
        server
    }

    fn run(&mut self) {
        let sources = Sources {
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        };
        let medium = self.medium.clone();
        let running = self.runtime.block_on(async {
            let listeners = listeners(&self.config).await;
            let opened = Opened::on(
                move || medium.clone(),
                self.key.as_ref(),
                &self.config,
                &sources,
            )
            .await
            .unwrap();
            Running::start(opened, listeners, &self.config, &sources)
                .await
                .unwrap()
        });
        // The base URL is part of the tokens: a restart keeps the port.
        self.config.server.listen = running.addresses().to_vec();
        self.http = Http::new(running.addresses()[0]);
        self.gate = Some(operator_gate(running.services()));
        self.running = Some(running);
    }

    /// Ends the service and starts it again on the same medium, as another run of the process.
    pub fn restart(&mut self) {
        self.stop();
        self.clock.begin_run();
        self.run();
    }

    /// Restarts with another configuration.
    pub fn restart_configured(&mut self, configure: fn(&mut Config)) {
        configure(&mut self.config);
        self.restart();
    }

    /// Restarts on a store that somebody has changed by hand meanwhile.
    pub fn restart_edited(&mut self, edit: impl FnOnce(&redb::Database)) {
        self.restart_after(|medium| {
            let database = redb::Database::builder().create_with_backend(medium.clone());
            edit(&database.unwrap());
        });
    }

    /// Restarts after `act` on the medium that nobody uses meanwhile.
    pub fn restart_after(&mut self, act: impl FnOnce(&SharedMedium)) {
        self.stop();
        act(&self.medium);
        // Many restarts on one port would sooner or later meet somebody else on it.
        for address in &mut self.config.server.listen {
            address.set_port(0);
        }
        self.clock.begin_run();
        self.run();
    }

    /// Opens what another medium holds as this instance, with a clock of its own.
    pub fn opens(&self, medium: &SharedMedium, clock: &Arc<ManualClock>) -> anyhow::Result<Local> {
        let sources = Sources {
            clock: clock.clone(),
            entropy: self.entropy.clone(),
        };
        let medium = medium.clone();
        let opening = Opened::on(
            move || medium.clone(),
            self.key.as_ref(),
            &self.config,
            &sources,
        );
        let opened = self.block_on(opening)?;
        Ok(Local::new(opened, &self.config, &sources))
    }

    /// Ends the service.
    pub fn stop(&mut self) {
        self.gate = None;
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().addresses()[0]
    }

    pub fn base_url(&self) -> String {
        format!("http://localhost:{}", self.address().port())
    }

    pub fn services(&self) -> &Arc<Services> {
        self.running.as_ref().unwrap().services()
    }

    /// Waits for a use case that is asked for directly.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Asks as the person at the machine.
    pub fn operator(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.body(bytes.into()).unwrap();
        let gate = self.gate.as_ref().unwrap();
        self.runtime.block_on(async {
            let response = gate.answer(request, Peer::Operator("tester".into())).await;
            let (parts, body) = response.into_parts();
            let bytes = http_body_util::BodyExt::collect(body)
                .await
                .unwrap()
                .to_bytes();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                json: serde_json::from_str(&text).unwrap_or(Value::Null),
                text,
            }
        })
    }

    /// A set-up link's token.
    pub fn set_up_token(&self) -> String {
        let answer = self
            .operator("POST", "/operator/set-up-link", None)
            .expect(201);
        let url = answer.text_field("url");
        url.split_once("#token=").unwrap().1.to_owned()
    }

    /// Actions of the audit log, oldest first.
    pub fn audit_actions(&self) -> Vec<String> {
        let answer = self
            .operator("GET", "/audit?after=0&limit=1000", None)
            .expect(200);
        let events = answer.json["events"].as_array().unwrap();
        events
            .iter()
            .map(|event| event["action"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Events of one action, oldest first.
    pub fn events(&self, action: &str) -> Vec<Value> {
        let path = format!("/audit?after=0&limit=1000&action={action}");
        let answer = self.operator("GET", &path, None).expect(200);
        answer.json["events"].as_array().unwrap().clone()
    }

    /// What is done once a minute.
    pub fn tick(&self) {
        self.block_on(self.services().upkeep.tick());
    }

    /// Whether the audit chain holds.
    pub fn audit_is_intact(&self) -> bool {
        let answer = self.operator("POST", "/operator/audit/verify", Some(json!({})));
        answer.expect(200).json["intact"] == true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Binds the listeners. A program that another test starts holds those of the last run for the
/// moment until it is loaded, so that the port of a restart may still be in use.
async fn listeners(config: &Config) -> Vec<TcpListener> {
    let mut attempts = 0;
    loop {
        match vestibule::app::bind(config).await {
            Ok(listeners) => return listeners,
            Err(error) => assert!(attempts < 1000, "{error:#}"),
        }
        attempts += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
