//! The configuration: `config.toml` and the layers above it, as one validated, immutable [`Config`].
//!
//! ```text
//! built-in config.toml → system file → user file → --config FILE → VESTIBULE_SECTION__KEY → flags      (later wins)
//!     each layer read strictly (layer, environment_and_flags) → merged (here) → ranges checked (check) → Config (settings)
//! ```
//!
//! Invariant: a `Config` need not be checked again. An unknown key, a wrong type or a value out of range stops [`load`]
//! with one sentence that names the key and its layer. The environment is an argument; only files are read here.

mod address;
mod built_in;
mod catalogue;
mod check;
mod entry;
mod environment_and_flags;
mod error;
mod layer;
mod nearest;
mod origins;
mod policy;
mod raw;
mod server;
mod settings;

use std::path::PathBuf;

use ::config::ConfigError;

use catalogue::Catalogue;
use layer::Layer;
use origins::Origins;

pub use error::Error;
pub use origins::Origin;
pub use settings::{Audit, Config, Format, Level, Log, Server, Session, Store, Tls, Totp, Tray};

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

/// Reads all layers and makes one configuration of them.
///
/// # Errors
/// The first fault found, lowest layer first.
pub fn load(sources: &Sources) -> Result<Loaded, Error> {
    let (built_in, catalogue) = built_in::built_in()?;
    let mut layers = vec![built_in];
    for path in [&sources.system, &sources.user].into_iter().flatten() {
        layers.extend(Layer::from_optional_file(path, &catalogue)?);
    }
    if let Some(path) = &sources.explicit {
        layers.push(Layer::from_file(path, &catalogue)?);
    }
    layers.push(Layer::from_environment(&sources.environment, &catalogue)?);
    layers.push(Layer::from_flags(&sources.flags, &catalogue)?);
    resolve(layers, &catalogue)
}

/// Lays the layers over each other, and checks the result. Of two layers that set a key the later one wins; a list is
/// replaced as a whole, never joined.
fn resolve(layers: Vec<Layer>, catalogue: &Catalogue) -> Result<Loaded, Error> {
    let mut builder = ::config::Config::builder();
    for layer in layers {
        builder = builder.add_source(layer);
    }
    let merged = builder.build().map_err(|error| merge_fault(&error))?;
    let mut origins = Origins::of(&merged, catalogue).map_err(|error| merge_fault(&error))?;
    let raw = merged
        .try_deserialize()
        .map_err(|error| merge_fault(&error))?;
    let config = check::check(raw, &mut origins)?;
    Ok(Loaded {
        config,
        origins: origins.into_inner(),
    })
}

fn merge_fault(error: &ConfigError) -> Error {
    Error::Merge {
        reason: error.to_string(),
    }
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
