//! Files that no other account may read: made with mode 0600 in directories of mode 0700, never through
//! a link, and refused when they belong to another account.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes `path` a directory that only its owner enters, or checks that it is one.
///
/// # Errors
/// If it cannot be made, is a link, or belongs to another account.
pub fn private_directory(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            match fs::DirBuilder::new().mode(0o700).create(path) {
                // Another start was quicker by a moment; what it made is looked at like any other.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    private_directory(path)
                }
                made => made,
            }
        }
        Err(error) => Err(error),
        Ok(metadata) => {
            check_owner(path, &metadata)?;
            if !metadata.is_dir() {
                return Err(refused(path, "is not a directory"));
            }
            if metadata.mode() & 0o077 == 0 {
                return Ok(());
            }
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        }
    }
}

/// Checks that a file is a plain one, belongs to this account, and that no other account may read it;
/// takes rights away that are too wide.
///
/// # Errors
/// If it is not there, is a link, or belongs to another account.
pub fn check_private_file(path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    check_owner(path, &metadata)?;
    if !metadata.is_file() {
        return Err(refused(path, "is not a plain file"));
    }
    if metadata.mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn check_owner(path: &Path, metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.file_type().is_symlink() {
        return Err(refused(path, "is a link"));
    }
    if metadata.uid() != super::account::own() {
        return Err(refused(path, "belongs to another account"));
    }
    Ok(())
}

fn refused(path: &Path, what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("{} {what}", path.display()),
    )
}

/// Takes every right on `path` from all but its owner.
///
/// # Errors
/// If it is not there or belongs to another account.
pub fn make_private(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// Opens a private file for reading and writing, making it if need be.
///
/// # Errors
/// If it cannot be opened or made, or is a link.
pub fn open_private(path: &Path) -> io::Result<File> {
    if path.symlink_metadata().is_ok() {
        check_private_file(path)?;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(no_follow())
        .open(path)
}

/// Opens a private file for lines at its end, making it if need be; they come there also when others
/// write into it or empty it.
///
/// # Errors
/// If it cannot be opened or made, or is a link.
pub fn append_private(path: &Path) -> io::Result<File> {
    if path.symlink_metadata().is_ok() {
        check_private_file(path)?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(no_follow())
        .open(path)
}

fn no_follow() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0)
}

/// Writes a new private file and syncs it and its directory.
///
/// # Errors
/// If it exists already or cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_parent(path)
}

/// Longer than a look at a lock takes.
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

/// Locks the file at `path`, making it if need be; `None` if another process holds the lock. It is
/// held for as long as the file is open.
///
/// # Errors
/// If the file cannot be opened or made, or there are no locks.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = open_private(path)?;
    for is_last in [false, true] {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            // Another process may only be looking whether it is locked, see `is_locked`.
            Err(TryLockError::WouldBlock) if !is_last => std::thread::sleep(LOOK),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether another process holds the lock of the file at `path`.
pub fn is_locked(path: &Path) -> bool {
    path.exists() && matches!(lock(path), Ok(None))
}

/// Renames a file and syncs the directory, so that the new name survives a power cut.
///
/// # Errors
/// If it cannot be renamed or synced.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_parent(to)
}

/// Removes a file if it is there.
///
/// # Errors
/// If it is there and cannot be removed.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// Bytes that are free for this account on the file system of `path`; `None` if it cannot be told.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let statistics = rustix::fs::statvfs(path).ok()?;
    Some(statistics.f_bavail.saturating_mul(statistics.f_frsize))
}

/// Whether `path` is a directory of this account, or any directory if this is root.
pub fn may_use_directory(path: &Path) -> bool {
    let own = super::account::own();
    fs::symlink_metadata(path)
        .is_ok_and(|metadata| metadata.is_dir() && (own == 0 || metadata.uid() == own))
}

/// The other account that `path` belongs to, if it is there and belongs to one.
pub fn other_owner(path: &Path) -> Option<u32> {
    let owner = fs::symlink_metadata(path).ok()?.uid();
    (owner != super::account::own()).then_some(owner)
}

#[cfg(test)]
mod tests {
    use super::private_directory;
    use std::sync::Barrier;

    #[test]
    fn a_directory_that_others_make_at_the_same_moment_is_taken() {
        for _ in 0..200 {
            let parent = tempfile::tempdir().unwrap();
            let path = parent.path().join("data");
            let barrier = Barrier::new(4);
            std::thread::scope(|scope| {
                let make = || {
                    barrier.wait();
                    private_directory(&path)
                };
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
                for thread in threads {
                    thread.join().unwrap().unwrap();
                }
            });
        }
    }
}
