//! One key of one layer, before it is known whether the key takes the value.
//!
//! Invariant: nothing is converted. Text stays text and 6.4 stays 6.4, so that a wrong type can be told as what it is.

use toml::de::DeValue;

/// One key of a layer.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The whole path, as in `totp.digits`.
    pub key: String,
    pub setting: Setting,
    /// The layer as messages name it, as in `environment VESTIBULE_TOTP__DIGITS`.
    pub origin: String,
    pub spelling: Spelling,
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    List,
}

/// What a layer says about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Text(String),
    Whole(i64),
    List(Vec<String>),
    /// A section as a whole; its keys are entries of their own.
    Section,
    /// Something that no key takes, in words.
    Other(String),
}

impl Setting {
    pub(super) fn from_toml(value: DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.into_owned()),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .map_or_else(|_| Self::Other(digits.to_string()), Self::Whole),
            DeValue::Array(items) => items
                .into_iter()
                .map(|item| match item.into_inner() {
                    DeValue::String(text) => Some(text.into_owned()),
                    _ => None,
                })
                .collect::<Option<_>>()
                .map_or_else(
                    || Self::Other("a list with something else than text in it".into()),
                    Self::List,
                ),
            DeValue::Float(number) => Self::Other(number.as_str().into()),
            DeValue::Boolean(truth) => Self::Other(truth.to_string()),
            DeValue::Datetime(date) => Self::Other(date.to_string()),
            DeValue::Table(_) => Self::Other("a table".into()),
        }
    }

    /// The value as an error message shows it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(text) => format!("the text {text:?}"),
            Self::Whole(number) => number.to_string(),
            Self::List(_) => "a list".into(),
            Self::Section => "a section".into(),
            Self::Other(words) => words.clone(),
        }
    }

    pub(super) fn matches(&self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Text(_), Kind::Text)
                | (Self::Whole(_), Kind::Whole)
                | (Self::List(_), Kind::List)
        )
    }
}

/// What the names of all our environment variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "VESTIBULE_";

/// How a layer writes its keys, so that a hint can be copied as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    File,
    Environment,
    Flag,
}

impl Spelling {
    pub(super) fn of(self, key: &str) -> String {
        match self {
            Self::File => key.into(),
            Self::Environment => {
                let name = key.replace('.', "__").to_ascii_uppercase();
                format!("{VARIABLE_PREFIX}{name}")
            }
            Self::Flag => {
                let name = key.rsplit('.').next().unwrap_or(key).replace('_', "-");
                format!("--{name}")
            }
        }
    }
}
