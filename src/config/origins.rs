//! Where every value came from, and refusals that say so.
//!
//! Invariant: every key of the catalogue is here once, with the value in effect and the layer that set it.

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use ::config::{ConfigError, Source, Value, ValueKind};

use super::built_in::BUILT_IN_LAYER;
use super::catalogue::Catalogue;
use super::error::Error;

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

/// The origins of all keys, in the order of `config.toml`.
pub(super) struct Origins(Vec<Origin>);

impl Origins {
    /// Every key of the catalogue with its merged value and the layer it came from.
    pub(super) fn of(
        merged: &::config::Config,
        catalogue: &Catalogue,
    ) -> Result<Self, ConfigError> {
        let mut values: HashMap<String, Value> = HashMap::new();
        for (section, keys) in merged.collect()? {
            for (key, value) in keys.into_table()? {
                values.insert(format!("{section}.{key}"), value);
            }
        }
        let origins = catalogue.keys().filter_map(|key| {
            let value = values.get(key)?;
            Some(Origin {
                key: key.into(),
                value: plain(&value.kind),
                layer: value.origin().unwrap_or(BUILT_IN_LAYER).into(),
            })
        });
        Ok(Self(origins.collect()))
    }

    pub(super) fn into_inner(self) -> Vec<Origin> {
        self.0
    }

    /// A whole number within a range that fits its type.
    pub(super) fn whole<T: TryFrom<i64>>(
        &self,
        key: &str,
        value: i64,
        range: RangeInclusive<i64>,
    ) -> Result<T, Error> {
        range
            .contains(&value)
            .then(|| T::try_from(value).ok())
            .flatten()
            .ok_or_else(|| {
                let expected = format!("a whole number from {} to {}", range.start(), range.end());
                self.refuse(key, value.to_string(), expected)
            })
    }

    /// One of a few words, spelt exactly.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        value: &str,
        choices: &[(&str, T)],
    ) -> Result<T, Error> {
        let chosen = choices.iter().find(|(name, _)| *name == value);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<String> = choices
                .iter()
                .map(|(name, _)| format!("{name:?}"))
                .collect();
            let (last, others) = names
                .split_last()
                .map_or(("", [].as_slice()), |(last, others)| {
                    (last.as_str(), others)
                });
            self.refuse_text(key, value, &format!("{} or {last}", others.join(", ")))
        })
    }

    /// The layer that set a key.
    pub(super) fn layer(&self, key: &str) -> &str {
        self.0
            .iter()
            .find(|origin| origin.key == key)
            .map_or(BUILT_IN_LAYER, |origin| &origin.layer)
    }

    /// Records that a value follows from another key instead of being set itself.
    pub(super) fn derive(&mut self, key: &str, value: &impl Display, layer: &str) {
        if let Some(origin) = self.0.iter_mut().find(|origin| origin.key == key) {
            origin.value = value.to_string();
            origin.layer = layer.into();
        }
    }

    /// The error for a value of this key.
    pub(super) fn refuse(&self, key: &str, found: String, expected: String) -> Error {
        Error::Invalid {
            key: key.into(),
            layer: self.layer(key).into(),
            found,
            expected,
        }
    }

    /// The same, with the value in quotes.
    pub(super) fn refuse_text(&self, key: &str, found: &str, expected: &str) -> Error {
        self.refuse(key, format!("{found:?}"), expected.into())
    }
}

fn plain(value: &ValueKind) -> String {
    match value {
        ValueKind::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| plain(&item.kind)).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}
