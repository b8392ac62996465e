//! Where the key-encryption key comes from. The provider is chosen when an instance is made,
//! recorded in the store, and never switched silently; a missing key is an error, never a new key.
//!
//! A first start goes in four steps, and a kill between any two of them is healed by the next start:
//! ```text
//! key under a temporary name ── store made under a temporary name ── store renamed ── key renamed
//! ```

use super::entropy::{self, Entropy, EntropyError};
use super::files;
use super::paths::DataDirectory;
use super::systemd_credential::SystemdCredential;
use crate::domain::secret::Secret;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

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

/// The provider of the instance in `directory`: the one that it was made with. For one that is still
/// to be made it is the systemd credential where this process was given one, else the key file.
pub fn of_instance(directory: &DataDirectory) -> Box<dyn KeyProvider> {
    let file = KeyFile::new(directory.keys());
    let credential = SystemdCredential::new(directory.keys());
    let has_file = file.location().symlink_metadata().is_ok();
    if credential.is_chosen() || (!has_file && credential.is_given()) {
        Box::new(credential)
    } else {
        Box::new(file)
    }
}

/// A file of mode 0600 in a directory of its own, so that a copy of the store alone is worth
/// nothing.
pub struct KeyFile {
    directory: PathBuf,
}

impl KeyFile {
    /// The key file in `directory`.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn prepared(&self) -> PathBuf {
        self.directory.join("key-encryption-key.new")
    }

    fn read(path: &Path) -> Result<Option<Secret<32>>, KeyError> {
        let failed = |source| KeyError::Io {
            path: path.to_owned(),
            source,
        };
        if let Err(error) = files::check_private_file(path) {
            return match error.kind() {
                io::ErrorKind::NotFound => Ok(None),
                _ => Err(failed(error)),
            };
        }
        let text = Zeroizing::new(std::fs::read(path).map_err(failed)?);
        let hexadecimal = text.trim_ascii();
        let bytes = data_encoding::HEXLOWER
            .decode(hexadecimal)
            .map(Zeroizing::new)
            .map_err(|_| KeyError::Damaged(path.to_owned()))?;
        match Secret::from_slice(&bytes) {
            Some(key) => Ok(Some(key)),
            None => Err(KeyError::Damaged(path.to_owned())),
        }
    }

    fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, KeyError> {
        result.map_err(|source| KeyError::Io {
            path: path.to_owned(),
            source,
        })
    }
}

impl KeyProvider for KeyFile {
    fn name(&self) -> &'static str {
        "key-file"
    }

    fn load(&self) -> Result<Option<Secret<32>>, KeyError> {
        if self.directory.symlink_metadata().is_ok() {
            Self::at(&self.directory, files::private_directory(&self.directory))?;
        }
        Self::read(&self.location())
    }

    fn load_prepared(&self) -> Result<Option<Secret<32>>, KeyError> {
        // A kill while the temporary key was written leaves a part of it; nothing depends on it yet.
        match Self::read(&self.prepared()) {
            Err(KeyError::Damaged(_)) => Ok(None),
            other => other,
        }
    }

    fn prepare(&self, entropy: &dyn Entropy) -> Result<Secret<32>, KeyError> {
        let path = self.prepared();
        Self::at(&self.directory, files::private_directory(&self.directory))?;
        Self::at(&path, files::remove_if_there(&path))?;
        let key: Secret<32> = entropy::secret(entropy)?;
        let text = Zeroizing::new(data_encoding::HEXLOWER.encode(key.expose()) + "\n");
        Self::at(&path, files::write_private(&path, text.as_bytes()))?;
        Ok(key)
    }

    fn commit(&self) -> Result<(), KeyError> {
        let path = self.location();
        Self::at(&path, files::rename(&self.prepared(), &path))
    }

    fn discard_prepared(&self) -> Result<(), KeyError> {
        let path = self.prepared();
        Self::at(&path, files::remove_if_there(&path))
    }

    fn location(&self) -> PathBuf {
        self.directory.join("key-encryption-key")
    }
}
