//! Where the key-encryption key comes from. The provider is chosen when an instance is made, recorded
//! in the store, and never switched silently; a missing key is an error, never a new key.

mod key_file;
mod provider;
mod systemd_credential;

pub use key_file::KeyFile;
pub use provider::{KeyError, KeyProvider};

use super::paths::DataDirectory;
use systemd_credential::SystemdCredential;

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
