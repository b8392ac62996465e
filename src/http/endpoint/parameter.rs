//! Parameters of queries and paths, as the document of the API tells them and handlers read them.

use super::call::{Call, whole_number};
use crate::http::error::ApiError;

/// A parameter of a query or path, as the document tells it and the handler reads it.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub description: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text,
    Number,
    Switch,
    Choice(&'static [&'static str]),
}

impl Parameter {
    const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            kind,
            description,
        }
    }

    /// Any text.
    pub const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Text, description)
    }

    /// A number from 0.
    pub const fn number(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Number, description)
    }

    /// `true` or `false`; `false` if it is left out.
    pub const fn switch(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Switch, description)
    }

    /// One of these words.
    pub const fn choice(
        name: &'static str,
        words: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self::new(name, Kind::Choice(words), description)
    }
}

impl Call {
    /// The query's parameter, decoded.
    pub fn query(&self, parameter: Parameter) -> Option<String> {
        form_parameters(&self.query)
            .find(|(key, _)| key == parameter.name)
            .map(|(_, value)| value)
    }

    /// The query's parameter as a number, if it is there.
    pub fn number(&self, parameter: Parameter) -> Result<Option<u64>, ApiError> {
        let name = parameter.name;
        let read = |text: String| {
            whole_number(&text)
                .ok_or_else(|| ApiError::invalid_request(format!("`{name}` must be a number.")))
        };
        self.query(parameter).map(read).transpose()
    }

    /// Whether the query switches something on; `false` if it does not say.
    pub fn switch(&self, parameter: Parameter) -> Result<bool, ApiError> {
        match self.query(parameter).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(must_be(parameter, &["true", "false"])),
        }
    }

    /// Which of its words the query's parameter is; nothing if it is empty or not there.
    pub fn choice(&self, parameter: Parameter) -> Result<Option<&'static str>, ApiError> {
        let words = match parameter.kind {
            Kind::Choice(words) => words,
            Kind::Text | Kind::Number | Kind::Switch => &[],
        };
        match self.query(parameter).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => match words.iter().find(|word| **word == value) {
                Some(word) => Ok(Some(word)),
                None => Err(must_be(parameter, words)),
            },
        }
    }
}

fn must_be(parameter: Parameter, words: &[&str]) -> ApiError {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let words = words.join(" or ");
    ApiError::invalid_request(format!("`{}` must be {words}.", parameter.name))
}

fn form_parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced)
            .decode_utf8_lossy()
            .into_owned()
    };
    query.split('&').map(move |pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    })
}
