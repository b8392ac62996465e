//! Floor 1: what goes over the wire, as types. `http` reads bodies and writes answers with them, and the client does
//! the reverse, so that a misspelt field or path does not compile.
//!
//! - One file per family of URLs, like `http/api`; all paths and the names of parameters in `paths.rs`.
//! - The schemas of the API's document are derived from these types: a doc comment here is a description there.
//! - Both directions are derived only where the client needs the second one. Unknown fields are ignored, since a
//!   newer service may send them. A field added to an answer that the client reads gets a default, since an older
//!   service may still be running.

pub mod account;
pub mod audit;
pub mod auth;
pub mod errors;
pub mod health;
pub mod impersonation;
pub mod invitations;
pub mod operator;
pub mod paths;
pub mod pause;
pub mod set_up;
pub mod shape;
pub mod teams;
pub mod two_factor;
pub mod users;

use crate::domain::secret::SecretText;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A fixed text of the service, which the client reads as its own.
pub type Text = Cow<'static, str>;

/// What was done, for a person.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Done {
    pub message: Text,
    pub description: Text,
}

/// A time as RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "date-time"))]
pub struct Time(String);

impl Time {
    /// Writes Unix seconds; `None` for a time that no calendar has.
    pub fn of(unix_seconds: u64) -> Option<Self> {
        let seconds = i64::try_from(unix_seconds).ok()?;
        Some(Self(Timestamp::from_second(seconds).ok()?.to_string()))
    }

    /// Reads Unix seconds; `None` for a text that is no time, or one before 1970.
    pub fn unix_seconds(&self) -> Option<u64> {
        let time: Timestamp = self.0.parse().ok()?;
        u64::try_from(time.as_second()).ok()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Writes secrets to the one answer that tells them.
fn exposed<S: Serializer>(secrets: &[SecretText], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(secrets.len()))?;
    for secret in secrets {
        list.serialize_element(secret.expose())?;
    }
    list.end()
}

/// Writes the secret of a body that the client sends.
fn exposed_one<S: Serializer>(secret: &SecretText, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// Writes a secret that may be left out of such a body.
fn exposed_option<S: Serializer>(
    secret: &Option<SecretText>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(SecretText::expose)
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn a_time_is_read_as_it_was_written() {
        for seconds in [0, 1_111_111_109, 253_402_207_200] {
            let time = Time::of(seconds).unwrap();
            assert_eq!(time.unix_seconds(), Some(seconds), "{time}");
        }
        assert_eq!(
            Time::of(1_111_111_109).unwrap().to_string(),
            "2005-03-18T01:58:29Z"
        );
        assert_eq!(Time::of(u64::MAX), None);
        for bad in ["", "yesterday", "1969-12-31T23:59:59Z"] {
            assert_eq!(Time(bad.into()).unix_seconds(), None, "{bad}");
        }
    }
}
