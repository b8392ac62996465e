//! What is wrong with the owner, the rights or the kind of a file. Nothing is put right here.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a path should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory that only its owner enters.
    PrivateDirectory,
    /// A file that only its owner reads.
    PrivateFile,
    /// A file that no stranger reads; it may belong to any account, a group may read it, and it may be
    /// reached through a link, as other programs leave their keys.
    GuardedFile,
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is a link.
    Link,
    /// It belongs to another account, of this number.
    Foreign(u32),
    /// Others have rights on it; the mode's last nine bits.
    Open(u32),
    /// It is no file or no directory, where it should be one.
    WrongKind,
    /// The account may not even look.
    Hidden,
}

/// The account whose files those in the directory of an instance should be: this one, or for root, who
/// asks the service of another account, the directory's own.
pub fn owner_to_expect(directory: &Path) -> u32 {
    let own = super::account::own();
    match super::files::other_owner(directory) {
        Some(owner) if own == 0 => owner,
        _ => own,
    }
}

/// What is wrong with `path`, which should belong to `owner`; nothing if it is not there.
pub fn fault_of(path: &Path, kind: Kind, owner: u32) -> Option<Fault> {
    let looked = match kind {
        Kind::GuardedFile => fs::metadata(path),
        _ => fs::symlink_metadata(path),
    };
    let found = match looked {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(_) => return Some(Fault::Hidden),
    };
    let right_kind = match kind {
        Kind::PrivateDirectory => found.is_dir(),
        Kind::PrivateFile | Kind::GuardedFile => found.is_file(),
    };
    let others = match kind {
        Kind::GuardedFile => 0o007,
        _ => 0o077,
    };
    if found.file_type().is_symlink() {
        Some(Fault::Link)
    } else if !right_kind {
        Some(Fault::WrongKind)
    } else if kind != Kind::GuardedFile && found.uid() != owner {
        Some(Fault::Foreign(found.uid()))
    } else if found.mode() & others != 0 {
        Some(Fault::Open(found.mode() & 0o777))
    } else {
        None
    }
}
