//! One layer of configuration, read strictly, and how a TOML file becomes one; `environment_and_flags` makes the others.
//!
//! Invariant: a layer read from a file, the environment or flags holds only keys of the catalogue, each with the key's own
//! type. The `config` crate, which merges layers, would take `"yes"` for 1 and 6.4 for 6, and could not say which layer erred.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ::config::{ConfigError, Map, Source, Value, ValueKind};
use toml::de::{DeTable, DeValue};

use super::catalogue::Catalogue;
use super::entry::{Entry, Kind, Setting, Spelling};
use super::error::Error;
use super::nearest;

/// The keys one layer sets, in the order it sets them.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    pub entries: Vec<Entry>,
}

impl Layer {
    /// A file that may be absent.
    pub(super) fn from_optional_file(
        path: &Path,
        catalogue: &Catalogue,
    ) -> Result<Option<Self>, Error> {
        match Self::from_file(path, catalogue) {
            Ok(layer) => Ok(Some(layer)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A file that must be there.
    pub(super) fn from_file(path: &Path, catalogue: &Catalogue) -> Result<Self, Error> {
        let origin = format!("file {}", path.display());
        match fs::read_to_string(path) {
            Ok(text) => {
                let layer = Self::from_toml(&text, &origin)?;
                layer.check(catalogue)?;
                Ok(layer)
            }
            // Accounts without a home often have /dev/null for one; a file below it is absent, not broken.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Err(Error::Missing { layer: origin })
            }
            Err(error) => Err(Error::Unreadable {
                layer: origin,
                reason: error.to_string(),
            }),
        }
    }

    /// Whatever is in the text, unchecked.
    pub(super) fn from_toml(text: &str, origin: &str) -> Result<Self, Error> {
        let table = DeTable::parse(text).map_err(|error| syntax(text, origin, &error))?;
        let mut found = Vec::new();
        for (key, value) in table.into_inner() {
            let (position, section) = (key.span().start, bare(key.get_ref()));
            match value.into_inner() {
                DeValue::Table(keys) => {
                    for (key, value) in keys {
                        let path = format!("{section}.{}", bare(key.get_ref()));
                        let setting = Setting::from_toml(value.into_inner());
                        found.push((key.span().start, path, setting));
                    }
                    found.push((position, section, Setting::Section));
                }
                value => found.push((position, section, Setting::from_toml(value))),
            }
        }
        // The parser sorts by name; people think in the order of the file.
        found.sort_by_key(|(position, ..)| *position);
        let entries = found.into_iter().map(|(_, key, setting)| Entry {
            key,
            setting,
            origin: origin.into(),
            spelling: Spelling::File,
        });
        Ok(Self {
            entries: entries.collect(),
        })
    }

    /// Refuses unknown names and wrong types.
    pub(super) fn check(&self, catalogue: &Catalogue) -> Result<(), Error> {
        let sections = catalogue.sections();
        for entry in &self.entries {
            let is_section = sections.contains(&entry.key.as_str());
            let (right, expected) = match catalogue.kind(&entry.key) {
                Some(kind) => (entry.setting.matches(kind), expected_in_file(kind).into()),
                None if is_section => (
                    entry.setting == Setting::Section,
                    format!("a section, which begins with [{}]", entry.key),
                ),
                None => {
                    return Err(unknown(
                        &entry.key,
                        &entry.origin,
                        entry.spelling,
                        catalogue,
                    ));
                }
            };
            if !right {
                return Err(Error::Invalid {
                    key: entry.key.clone(),
                    layer: entry.origin.clone(),
                    found: entry.setting.describe(),
                    expected,
                });
            }
        }
        Ok(())
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let values = self.entries.iter().filter_map(|entry| {
            let value: ValueKind = match &entry.setting {
                Setting::Text(text) => text.as_str().into(),
                Setting::Whole(number) => (*number).into(),
                Setting::List(items) => items.clone().into(),
                Setting::Section | Setting::Other(_) => return None,
            };
            Some((entry.key.clone(), Value::new(Some(&entry.origin), value)))
        });
        Ok(values.collect())
    }
}

/// The error for a name that the catalogue lacks.
pub(super) fn unknown(key: &str, origin: &str, spelling: Spelling, catalogue: &Catalogue) -> Error {
    Error::Unknown {
        key: key.into(),
        layer: origin.into(),
        hint: nearest::hint(key, spelling, catalogue),
    }
}

fn expected_in_file(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text in quotes",
        Kind::Whole => "a whole number without quotes",
        Kind::List => r#"a list of texts, such as ["one", "two"]"#,
    }
}

/// A key as part of a path. One with a dot inside keeps its quotes: `"totp.digits"` at the top of a file is no key.
fn bare(key: &str) -> String {
    if key.contains('.') {
        format!("{key:?}")
    } else {
        key.into()
    }
}

fn syntax(text: &str, origin: &str, error: &toml::de::Error) -> Error {
    let position = error.span().map_or(text.len(), |span| span.start);
    let before = text.as_bytes().iter().take(position);
    Error::Syntax {
        layer: origin.into(),
        line: 1 + before.filter(|byte| **byte == b'\n').count(),
        reason: error.message().replace('\n', ", "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::built_in::built_in;
    use super::*;

    fn file(text: &str) -> String {
        let (_, catalogue) = built_in().unwrap();
        let layer = Layer::from_toml(text, "file ./x.toml").unwrap();
        match layer.check(&catalogue) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_file_must_use_the_type_of_the_key() {
        assert_eq!(file("[totp]\ndigits = 7\n[server]\nhosts = ['a']"), "");
        assert_eq!(
            file("[totp]\ndigits = \"6\""),
            "`totp.digits` (file ./x.toml) is the text \"6\", but it must be a whole number without quotes"
        );
        for (value, found) in [
            ("6.4", "6.4"),
            ("true", "true"),
            ("\"yes\"", "the text \"yes\""),
            ("[6]", "a list with something else than text in it"),
            ("2026-11-24", "2026-11-24"),
            ("{ a = 1 }", "a table"),
            ("9223372036854775808", "9223372036854775808"),
        ] {
            let message = file(&format!("[totp]\ndigits = {value}"));
            let start = format!("`totp.digits` (file ./x.toml) is {found}, but it must be a whole");
            assert!(message.starts_with(&start), "{message}");
        }
        assert!(file("[server]\nlisten = 6238").contains("is 6238, but it must be text in quotes"));
        assert!(file("[server]\nhosts = \"a\"").contains("must be a list of texts"));
        assert!(file("[server]\nhosts = ['a', 1]").contains("must be a list of texts"));
        assert_eq!(
            file("server = 3"),
            "`server` (file ./x.toml) is 3, but it must be a section, which begins with [server]"
        );
        assert!(file("[[server]]\nlisten = ''").contains("must be a section"));
    }

    #[test]
    fn a_file_may_hold_known_names_only() {
        assert_eq!(
            file("[totp]\ndigit = 6"),
            "`totp.digit` (file ./x.toml) is unknown; did you mean `totp.digits`?"
        );
        assert_eq!(
            file("[sever]"),
            "`sever` (file ./x.toml) is unknown; did you mean `server`?"
        );
        assert!(file("\"totp.digits\" = 6").contains("is unknown; did you mean `totp.digits`?"));
        assert!(file("[totp.digits]\nx = 1").contains("is a table, but it must be a whole number"));
        // The first fault in the file is the one to be told, whatever its name.
        assert!(file("[totp]\nzebra = 1\napple = 1").contains("`totp.zebra`"));
    }

    #[test]
    fn a_broken_file_is_told_with_its_line() {
        let error = Layer::from_toml("[totp]\ndigits = 6\nissuer = \"a\n", "file ./x.toml");
        let message = error.unwrap_err().to_string();
        assert!(
            message.starts_with("file ./x.toml, line 3, is not valid TOML: "),
            "{message}"
        );
        assert!(!message.contains('\n'));
        let twice = Layer::from_toml("[log]\nlevel = 'info'\nlevel = 'warn'", "file ./x.toml");
        assert!(twice.unwrap_err().to_string().contains("line 3"));
    }
}
