//! The configuration as it is written: the serde mirror of `config.toml`, and the catalogue of its keys.
//!
//! Invariant: a key exists if and only if the built-in `config.toml` holds it, and it has the type that it has there. The
//! mirror refuses unknown and missing fields, so it and the file cannot drift apart.

use serde::Deserialize;

use super::error::Error;
use super::layer::Layer;
use super::setting::Setting;

/// The documented defaults, embedded.
pub(super) const BUILT_IN: &str = include_str!("../../config.toml");

/// The name of the layer that holds [`BUILT_IN`].
pub(super) const BUILT_IN_LAYER: &str = "built-in";

/// All layers merged; types are right, ranges are not checked yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub server: Server,
    pub store: Store,
    pub totp: Totp,
    pub policy: Policy,
    pub session: Session,
    pub password: Password,
    pub audit: Audit,
    pub log: Log,
    pub tray: Tray,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    pub listen: String,
    pub base_url: String,
    pub hosts: Vec<String>,
    pub tls_certificate: String,
    pub tls_key: String,
    pub trusted_proxies: Vec<String>,
    pub connections: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    pub data_dir: String,
    pub cache_mebibytes: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Totp {
    pub issuer: String,
    pub algorithm: String,
    pub digits: i64,
    pub period_seconds: i64,
    pub window: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub require_two_factor: String,
    pub grace_days: i64,
    pub registration: String,
    pub impersonation: String,
    pub impersonation_reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    pub profile: String,
    pub access_minutes: i64,
    pub refresh_idle_hours: i64,
    pub refresh_absolute_days: i64,
    pub signing_algorithm: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    pub min_length: i64,
    pub min_strength: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audit {
    pub keep_months: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub level: String,
    pub format: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tray {
    pub enabled: String,
    pub notifications: String,
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    List,
}

/// Every key there is, in the order of `config.toml`.
#[derive(Debug)]
pub(super) struct Catalogue {
    keys: Vec<(String, Kind)>,
}

impl Catalogue {
    /// The keys that a layer holds, with their types.
    pub(super) fn of(layer: &Layer) -> Self {
        let keys = layer.entries.iter().filter_map(|entry| {
            let kind = match entry.setting {
                Setting::Text(_) => Kind::Text,
                Setting::Whole(_) => Kind::Whole,
                Setting::List(_) => Kind::List,
                Setting::Section | Setting::Other(_) => return None,
            };
            Some((entry.key.clone(), kind))
        });
        Self {
            keys: keys.collect(),
        }
    }

    pub(super) fn kind(&self, key: &str) -> Option<Kind> {
        self.keys
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, kind)| *kind)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(key, _)| key.as_str())
    }

    pub(super) fn sections(&self) -> Vec<&str> {
        let mut sections: Vec<&str> = self
            .keys()
            .filter_map(|key| key.split_once('.'))
            .map(|(section, _)| section)
            .collect();
        // Keys of a section stand together, so neighbours are all the duplicates there are.
        sections.dedup();
        sections
    }
}

/// The built-in layer and the catalogue it spells out.
///
/// # Errors
/// Only if the embedded file is broken, which a test rules out.
pub(super) fn built_in() -> Result<(Layer, Catalogue), Error> {
    let layer = Layer::from_toml(BUILT_IN, BUILT_IN_LAYER)?;
    let catalogue = Catalogue::of(&layer);
    layer.check(&catalogue)?;
    Ok((layer, catalogue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_has_exactly_the_keys_of_config_toml() {
        toml::from_str::<Raw>(BUILT_IN).unwrap();
        let without_one_key = BUILT_IN.replace("\ndigits = 6\n", "\n");
        assert!(toml::from_str::<Raw>(&without_one_key).is_err());
        let with_one_more = format!("{BUILT_IN}\ncolour = 1\n");
        assert!(toml::from_str::<Raw>(&with_one_more).is_err());
    }

    #[test]
    fn the_catalogue_keeps_the_order_of_the_file() {
        let (_, catalogue) = built_in().unwrap();
        let expected = [
            "server", "store", "totp", "policy", "session", "password", "audit", "log", "tray",
        ];
        assert_eq!(catalogue.sections(), expected);
        assert_eq!(catalogue.keys().next(), Some("server.listen"));
        assert_eq!(catalogue.keys().last(), Some("tray.notifications"));
        assert_eq!(catalogue.kind("server.hosts"), Some(Kind::List));
        assert_eq!(catalogue.kind("totp.digits"), Some(Kind::Whole));
        assert_eq!(catalogue.kind("totp.issuer"), Some(Kind::Text));
        assert_eq!(catalogue.kind("totp"), None);
    }

    #[test]
    fn every_key_is_documented_with_its_reason_unit_and_default() {
        let lines: Vec<&str> = BUILT_IN.lines().collect();
        let mut documented = 0;
        for (number, line) in lines.iter().enumerate() {
            let Some((key, value)) = line.split_once(" = ") else {
                continue;
            };
            if line.starts_with('#') {
                continue;
            }
            let comment: Vec<&str> = lines[..number]
                .iter()
                .rev()
                .take_while(|line| line.starts_with('#'))
                .copied()
                .collect();
            assert!(comment.len() >= 3, "`{key}` says too little");
            let unit_and_default = comment[0];
            assert!(
                unit_and_default.starts_with("# Unit: "),
                "`{key}` names no unit"
            );
            assert!(
                unit_and_default.ends_with(&format!(" Default: {value}.")),
                "`{key}` does not tell its default, {value}"
            );
            assert!(
                comment.iter().any(|line| line.starts_with("# Why: ")),
                "`{key}` gives no reason"
            );
            let what = comment[comment.len() - 1];
            assert!(
                !what.starts_with("# Why: ") && !what.starts_with("# Unit: "),
                "`{key}` does not say what it is"
            );
            documented += 1;
        }
        let (_, catalogue) = built_in().unwrap();
        assert_eq!(documented, catalogue.keys().count());
    }
}
