//! The key as a file in the data directory.

use super::provider::{KeyError, KeyProvider};
use crate::domain::secret::Secret;
use crate::platform::entropy::{self, Entropy};
use crate::platform::files;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

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
