//! What a provider of the key-encryption key does.
//!
//! A first start goes in four steps, and a kill between any two of them is healed by the next start:
//! ```text
//! key under a temporary name ── store made under a temporary name ── store renamed ── key renamed
//! ```

use crate::domain::secret::Secret;
use crate::platform::entropy::{Entropy, EntropyError};
use std::io;
use std::path::PathBuf;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The provider holds none.
    #[error("the key {} is missing", .0.display())]
    Missing(PathBuf),
    /// The provider holds something that is no key.
    #[error("the file {} is not a key of this program", .0.display())]
    Damaged(PathBuf),
    /// The provider could not be asked.
    #[error("the key {} could not be read or written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// No randomness for a new key.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Keeps the key that wraps the data key. A service keeps it in a file; a systemd credential, a
/// desktop's keyring or a passphrase can stand in its place.
pub trait KeyProvider: Send + Sync {
    /// The name that the store records.
    fn name(&self) -> &'static str;

    /// The key in place, if there is one.
    ///
    /// # Errors
    /// If the provider cannot be asked or holds something else than a key.
    fn load(&self) -> Result<Option<Secret<32>>, KeyError>;

    /// The key of a first start that did not come to its end, if there is one.
    ///
    /// # Errors
    /// As [`KeyProvider::load`].
    fn load_prepared(&self) -> Result<Option<Secret<32>>, KeyError>;

    /// Draws a new key and keeps it under a temporary name, in place of any other such key.
    ///
    /// # Errors
    /// If it cannot be drawn or kept.
    fn prepare(&self, entropy: &dyn Entropy) -> Result<Secret<32>, KeyError>;

    /// Puts the prepared key in place.
    ///
    /// # Errors
    /// If it cannot be moved.
    fn commit(&self) -> Result<(), KeyError>;

    /// Forgets a prepared key.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn discard_prepared(&self) -> Result<(), KeyError>;

    /// Where a person would look for the key.
    fn location(&self) -> PathBuf;
}
