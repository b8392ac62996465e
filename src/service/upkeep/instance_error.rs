//! Why an instance could not be opened.

use crate::platform::entropy::EntropyError;
use crate::platform::key_provider::KeyError;
use crate::store::StoreError;
use std::io;
use std::path::PathBuf;

/// Why an instance could not be opened. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// There is none.
    #[error("there is no instance in {}: start it once with `vestibule serve`", .0.display())]
    None(PathBuf),
    /// The store is there, its key is not.
    #[error("the store is there, but its key {} is missing: put the key back from where it was saved; without it nothing in the store can be opened", .0.display())]
    KeyMissing(PathBuf),
    /// The key is there, its store is not.
    #[error("the key {} is there, but the store {} is missing or empty: put the store back from a backup, or, to begin anew and lose every account, move the key away", key.display(), store.display())]
    StoreMissing {
        /// Where the key is.
        key: PathBuf,
        /// Where the store should be.
        store: PathBuf,
    },
    /// The key does not open the store.
    #[error("the key {} does not open this store: it belongs to another instance", .0.display())]
    KeyWrong(PathBuf),
    /// The store was made with another key provider.
    #[error(
        "this instance was made with the key provider {recorded:?}, and {asked:?} was found instead: start it as it was made; a provider is never changed by itself"
    )]
    ProviderChanged {
        /// What the store says.
        recorded: String,
        /// What was configured.
        asked: &'static str,
    },
    /// The store could not be opened.
    #[error("{error}. The store {} was left as it is", path.display())]
    Store {
        /// Where it is.
        path: PathBuf,
        /// What was the matter.
        error: StoreError,
    },
    /// The key provider failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A file could not be moved.
    #[error("{} could not be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}
