//! The key as a credential that systemd hands the service: `LoadCredential=vestibule-key:…` or its
//! encrypted kinds, in the directory that `$CREDENTIALS_DIRECTORY` names. The service never writes
//! it; a marker in the data directory says that this instance has it.
//!
//! The marker stands for the key where a key in place matters: beside it a store that is not there
//! was lost, and is not taken for a first run.

use super::provider::{KeyError, KeyProvider};
use crate::domain::secret::Secret;
use crate::platform::entropy::Entropy;
use crate::platform::files;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The credential's name in the unit.
const CREDENTIAL: &str = "vestibule-key";
const MARKER: &str = "systemd-credential";
const MARKER_TEXT: &[u8] =
    b"The key of this instance is the systemd credential `vestibule-key`; see the service's unit.\n";

/// A credential of systemd.
pub struct SystemdCredential {
    /// Where systemd put it; `None` outside a unit that has credentials.
    credential: Option<PathBuf>,
    /// The directory of the marker.
    directory: PathBuf,
}

impl SystemdCredential {
    /// The credential of this process, with its marker in `directory`.
    pub fn new(directory: PathBuf) -> Self {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
        Self {
            credential: credentials.map(|directory| Path::new(&directory).join(CREDENTIAL)),
            directory,
        }
    }

    /// Whether an instance has it as its key.
    pub(super) fn is_chosen(&self) -> bool {
        self.marker().symlink_metadata().is_ok()
    }

    /// Whether this process was given it.
    pub(super) fn is_given(&self) -> bool {
        self.credential.as_ref().is_some_and(|path| path.exists())
    }

    fn marker(&self) -> PathBuf {
        self.directory.join(MARKER)
    }

    fn read(&self) -> Result<Option<Secret<32>>, KeyError> {
        let Some(path) = &self.credential else {
            return Ok(None);
        };
        // systemd alone decides about owner and rights here: they differ from version to version.
        let bytes = match std::fs::read(path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                let path = path.clone();
                return Err(KeyError::Io { path, source });
            }
        };
        let decoded = data_encoding::HEXLOWER_PERMISSIVE.decode(bytes.trim_ascii());
        let decoded = decoded.map(Zeroizing::new);
        let key = match &decoded {
            Ok(decoded) => Secret::from_slice(decoded),
            Err(_) => Secret::from_slice(&bytes),
        };
        key.map(Some).ok_or_else(|| KeyError::Damaged(path.clone()))
    }
}

impl KeyProvider for SystemdCredential {
    fn name(&self) -> &'static str {
        "systemd-credential"
    }

    fn load(&self) -> Result<Option<Secret<32>>, KeyError> {
        if self.is_chosen() {
            self.read()
        } else {
            Ok(None)
        }
    }

    fn load_prepared(&self) -> Result<Option<Secret<32>>, KeyError> {
        self.read()
    }

    fn prepare(&self, _: &dyn Entropy) -> Result<Secret<32>, KeyError> {
        self.read()?
            .ok_or_else(|| KeyError::Missing(self.location()))
    }

    fn commit(&self) -> Result<(), KeyError> {
        let path = self.marker();
        files::private_directory(&self.directory)
            .and_then(|()| files::remove_if_there(&path))
            .and_then(|()| files::write_private(&path, MARKER_TEXT))
            .map_err(|source| KeyError::Io { path, source })
    }

    fn discard_prepared(&self) -> Result<(), KeyError> {
        Ok(())
    }

    fn location(&self) -> PathBuf {
        let nowhere = || Path::new("$CREDENTIALS_DIRECTORY").join(CREDENTIAL);
        self.credential.clone().unwrap_or_else(nowhere)
    }
}
