//! The configuration as the rest of the program sees it: what each section of `config.toml` comes to, and the defaults.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use crate::domain::jwt::SigningAlgorithm;
use crate::domain::password::Rules;
use crate::domain::policy::{Policy, RequireTwoFactor};
use crate::domain::session::Lifetimes;
use crate::domain::totp::{Algorithm, Parameters, Window};

/// Everything that can be set. What each key means is told in `config.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub server: Server,
    pub store: Store,
    pub totp: Totp,
    pub policy: Policy,
    pub session: Session,
    pub password: Rules,
    pub audit: Audit,
    pub log: Log,
    pub tray: Tray,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// One or two addresses, all with the same port. With port 0 the first one bound decides for the rest. Beyond loopback
    /// only with `tls` or `trusted_proxies`.
    pub listen: Vec<SocketAddr>,
    /// Scheme, host and port without a trailing slash, as a browser writes an origin. Empty if the port is 0 and no URL
    /// was set: then it is known once the port is.
    pub base_url: String,
    /// Further names allowed in `Host`, lower case, without port.
    pub hosts: Vec<String>,
    /// With it every connection over TCP is encrypted.
    pub tls: Option<Tls>,
    /// Who may tell where a request really came from.
    pub trusted_proxies: Vec<IpNet>,
    /// How many connections may be open at once.
    pub connections: usize,
}

/// The PEM files of a certificate's chain and of its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// Nothing means the usual place of the platform.
    pub data_dir: Option<PathBuf>,
    pub cache_bytes: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Totp {
    /// 1 to 64 characters, no colon, no control characters.
    pub issuer: String,
    pub parameters: Parameters,
    pub window: Window,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub lifetimes: Lifetimes,
    pub signing_algorithm: SigningAlgorithm,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// Whole months that are kept beside the current one.
    pub keep_months: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tray {
    /// Whether a start without a command shows an icon.
    pub enabled: bool,
    /// Whether it tells of what an administrator should know.
    pub notifications: bool,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    pub level: Level,
    pub format: Format,
}

/// How much is logged; each level includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Level {
    pub(crate) const ALL: [Self; 5] = [
        Self::Error,
        Self::Warn,
        Self::Info,
        Self::Debug,
        Self::Trace,
    ];

    /// The name, as in `config.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// The defaults, written a second time so that a test can hold `config.toml` against them.
impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server {
                listen: vec![
                    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 6238),
                    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 6238),
                ],
                base_url: "http://localhost:6238".into(),
                hosts: Vec::new(),
                tls: None,
                trusted_proxies: Vec::new(),
                connections: 512,
            },
            store: Store {
                data_dir: None,
                cache_bytes: 32 * 1024 * 1024,
            },
            totp: Totp {
                issuer: "Vestibule".into(),
                parameters: Parameters {
                    algorithm: Algorithm::Sha1,
                    digits: 6,
                    period_seconds: 30,
                },
                window: Window {
                    past_steps: 1,
                    future_steps: 1,
                },
            },
            policy: Policy {
                require_two_factor: RequireTwoFactor::Admins,
                grace_days: 0,
                registration: false,
                impersonation: true,
                impersonation_reason_required: false,
            },
            session: Session {
                lifetimes: Lifetimes {
                    access_seconds: 10 * 60,
                    refresh_idle_seconds: 12 * 60 * 60,
                    refresh_absolute_seconds: 7 * 24 * 60 * 60,
                },
                signing_algorithm: SigningAlgorithm::EdDsa,
            },
            password: Rules {
                min_length: 8,
                min_strength: 3,
            },
            audit: Audit { keep_months: 13 },
            log: Log {
                level: Level::Info,
                format: Format::Text,
            },
            tray: Tray {
                enabled: true,
                notifications: true,
            },
        }
    }
}
