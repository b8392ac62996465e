//! The catalogue of all keys with their types.
//!
//! Invariant: a key exists if and only if the built-in `config.toml` holds it, and it has the type that it has there.

use super::entry::{Entry, Kind, Setting};

/// Every key there is, in the order of `config.toml`.
#[derive(Debug)]
pub(super) struct Catalogue {
    keys: Vec<(String, Kind)>,
}

impl Catalogue {
    /// The keys of these entries, with the types of their values.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let keys = entries.iter().filter_map(|entry| {
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
