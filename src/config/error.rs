//! Why a configuration was refused.
//!
//! Invariant: every message is one sentence that names the layer, the key where there is one, and what to write instead;
//! it is complete in itself, so no error here has a `source` that a caller would print a second time.

/// A configuration that must stop the start. The layers read `file PATH`, `environment NAME`, `flag --NAME` or `built-in`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file that was asked for is not there. Missing system and user files are no error.
    #[error("{layer} does not exist; check the path given with --config")]
    Missing { layer: String },
    /// A file is there but cannot be read, or is not UTF-8.
    #[error("{layer} cannot be read: {reason}")]
    Unreadable { layer: String, reason: String },
    /// A file is not TOML.
    #[error("{layer}, line {line}, is not valid TOML: {reason}")]
    Syntax {
        layer: String,
        line: usize,
        reason: String,
    },
    /// A section or key that does not exist.
    #[error("`{key}` ({layer}) is unknown; {hint}")]
    Unknown {
        key: String,
        layer: String,
        /// The nearest right name, or else the names there are.
        hint: String,
    },
    /// A value of the wrong type or out of range.
    #[error("`{key}` ({layer}) is {found}, but it must be {expected}")]
    Invalid {
        key: String,
        layer: String,
        found: String,
        expected: String,
    },
    /// Layers that are each right could not be laid over each other: a fault of Vestibule, not of a file.
    #[error("the configuration layers cannot be merged: {reason}")]
    Merge { reason: String },
}
