//! The configuration: `config.toml` and the layers above it, as one validated, immutable [`Config`].
//!
//! ```text
//! built-in config.toml → system file → user file → --config FILE → VESTIBULE_SECTION__KEY → flags      (later wins)
//!     each layer read strictly (layer) → merged (resolve) → ranges checked (check) → Config
//! ```
//!
//! Invariant: whoever holds a `Config` need check nothing again. An unknown key, a wrong type or a value out of range stops
//! [`load`] with one sentence that names the key and its layer. The environment is an argument; only files are read here.

mod address;
mod check;
mod error;
mod layer;
mod log;
mod nearest;
mod origins;
mod policy;
mod raw;
mod resolve;
mod server;
mod setting;
mod strings;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use crate::domain::jwt::SigningAlgorithm;
use crate::domain::password::Rules;
use crate::domain::policy::{Policy, RequireTwoFactor};
use crate::domain::session::Lifetimes;
use crate::domain::totp::{Algorithm, Parameters, Window};

pub use error::Error;
use ipnet::IpNet;
use layer::Layer;
pub use log::{Format, Level, Log};

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

/// Where the layers above the built-in one come from, lowest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The system file; may be absent.
    pub system: Option<PathBuf>,
    /// The user's file; may be absent.
    pub user: Option<PathBuf>,
    /// The file given with `--config`; must be there.
    pub explicit: Option<PathBuf>,
    /// All variables of the process; those that are not ours are passed over.
    pub environment: Vec<(String, String)>,
    /// Flags, as the key each stands for and its value: `("server.listen", "localhost:80")`.
    pub flags: Vec<(String, String)>,
}

/// A configuration and where each of its values came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub config: Config,
    /// Every key, in the order of `config.toml`.
    pub origins: Vec<Origin>,
}

/// Which layer set a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The path, as in `totp.digits`.
    pub key: String,
    /// The value in effect; the items of a list are separated by commas.
    pub value: String,
    /// `built-in`, `file PATH`, `environment NAME`, `flag --NAME`, or the key that this value follows from.
    pub layer: String,
}

/// Reads all layers and makes one configuration of them.
///
/// # Errors
/// The first fault found, lowest layer first.
pub fn load(sources: &Sources) -> Result<Loaded, Error> {
    let (built_in, catalogue) = raw::built_in()?;
    let mut layers = vec![built_in];
    for path in [&sources.system, &sources.user].into_iter().flatten() {
        layers.extend(Layer::from_optional_file(path, &catalogue)?);
    }
    if let Some(path) = &sources.explicit {
        layers.push(Layer::from_file(path, &catalogue)?);
    }
    layers.push(Layer::from_environment(&sources.environment, &catalogue)?);
    layers.push(Layer::from_flags(&sources.flags, &catalogue)?);
    resolve::resolve(layers, &catalogue)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
        pairs.iter().map(owned).collect()
    }

    fn origin<'a>(loaded: &'a Loaded, key: &str) -> (&'a str, &'a str) {
        let origin = loaded.origins.iter().find(|origin| origin.key == key);
        let origin = origin.unwrap();
        (&origin.value, &origin.layer)
    }

    #[test]
    fn config_toml_equals_the_defaults() {
        let loaded = load(&Sources::default()).unwrap();
        assert_eq!(loaded.config, Config::default());
        let layer_of = |key| origin(&loaded, key).1;
        assert_eq!(layer_of("totp.digits"), "built-in");
        assert_eq!(layer_of("server.base_url"), "from server.listen");
        let names: Vec<&str> = loaded
            .origins
            .iter()
            .map(|origin| origin.key.as_str())
            .collect();
        assert_eq!(names[..2], ["server.listen", "server.base_url"]);
    }

    #[test]
    fn a_later_layer_wins_key_by_key() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            Some(path)
        };
        let digits = |digits: u8| format!("[totp]\ndigits = {digits}\n");
        let mut sources = Sources {
            system: write("system", &(digits(7) + "issuer = 'System'\n")),
            ..Sources::default()
        };
        let layer = |sources: &Sources| {
            let loaded = load(sources).unwrap();
            assert_eq!(loaded.config.totp.issuer, "System");
            let (value, layer) = origin(&loaded, "totp.digits");
            assert_eq!(value, loaded.config.totp.parameters.digits.to_string());
            format!(
                "{value} {}",
                layer.replace(folder.path().to_str().unwrap(), "")
            )
        };
        assert_eq!(layer(&sources), "7 file /system");
        sources.user = write("user", &digits(8));
        assert_eq!(layer(&sources), "8 file /user");
        sources.explicit = write("explicit", &digits(6));
        assert_eq!(layer(&sources), "6 file /explicit");
        sources.environment = pairs(&[("HOME", "/"), ("VESTIBULE_TOTP__DIGITS", "7")]);
        assert_eq!(layer(&sources), "7 environment VESTIBULE_TOTP__DIGITS");
        sources.flags = pairs(&[("totp.digits", "8")]);
        assert_eq!(layer(&sources), "8 flag --digits");
    }

    #[test]
    fn a_list_replaces_the_list_below_it() {
        let mut sources = Sources {
            environment: pairs(&[("VESTIBULE_SERVER__HOSTS", "a.example, B.example")]),
            ..Sources::default()
        };
        let loaded = load(&sources).unwrap();
        assert_eq!(loaded.config.server.hosts, ["a.example", "b.example"]);
        assert_eq!(origin(&loaded, "server.hosts").0, "a.example, B.example");
        sources.flags = pairs(&[("server.hosts", "")]);
        assert!(load(&sources).unwrap().config.server.hosts.is_empty());
    }

    #[test]
    fn only_the_file_that_was_asked_for_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent.toml");
        let below_a_file = folder.path().join("file");
        fs::write(&below_a_file, "").unwrap();
        let mut sources = Sources {
            system: Some(absent.clone()),
            user: Some(below_a_file.join("config.toml")),
            ..Sources::default()
        };
        assert_eq!(load(&sources).unwrap().config, Config::default());
        sources.explicit = Some(absent.clone());
        assert_eq!(
            load(&sources).unwrap_err().to_string(),
            format!(
                "file {} does not exist; check the path given with --config",
                absent.display()
            )
        );
        sources.explicit = Some(folder.path().into());
        assert!(
            load(&sources)
                .unwrap_err()
                .to_string()
                .contains(" cannot be read: ")
        );
    }

    #[test]
    fn the_lowest_faulty_layer_is_told_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        fs::write(&file, "[totp]\ndigits = '6'\n").unwrap();
        let mut sources = Sources {
            environment: pairs(&[("VESTIBULE_LOG__LEVELS", "info")]),
            flags: pairs(&[("server.listen", "0.0.0.0:6238")]),
            user: Some(file),
            ..Sources::default()
        };
        let fault = |sources: &Sources| load(sources).unwrap_err().to_string();
        assert!(fault(&sources).starts_with("`totp.digits` (file "));
        sources.user = None;
        assert!(fault(&sources).contains("(environment VESTIBULE_LOG__LEVELS)"));
        sources.environment.clear();
        assert!(fault(&sources).contains("(flag --listen)"));
    }
}
