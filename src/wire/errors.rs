//! Why a request was refused, whatever the path.

use super::Text;
use serde::{Deserialize, Serialize};

/// The body of every refusal.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Refused {
    /// One short sentence for a person.
    pub message: Text,
    /// What to do next.
    pub description: Text,
    /// For programs; never changes.
    pub code: Text,
}
