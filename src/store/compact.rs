//! The size of the file: given back to the disk when the store is opened and more than half of it is
//! free. At no other time, since that needs the database for itself.

use super::error::StoreError;
use super::tables;
use redb::{Database, ReadableDatabase};
use std::path::Path;

/// Bytes below which a file is not worth the work.
const LEAST_BYTES: u64 = 16 * 1024 * 1024;

/// Compacts `database` in the file `path` if that is worthwhile; whether it was tried, after which it
/// may only be used if this was no error.
///
/// # Errors
/// If the file cannot be read or written. What was in it still is.
pub(super) fn compact(database: &mut Database, path: &Path) -> Result<bool, StoreError> {
    let size = size(path);
    if size < LEAST_BYTES {
        return Ok(false);
    }
    let used = tables::used_bytes(&database.begin_read()?)?;
    if used > size / 2 {
        return Ok(false);
    }
    let compacted = database.compact();
    compacted.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let (before, after) = (mebibytes(size), mebibytes(self::size(path)));
    tracing::info!(
        event = "store.compacted",
        before,
        after,
        "the store's file was compacted; MiB"
    );
    Ok(true)
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}

fn mebibytes(bytes: u64) -> u64 {
    bytes / (1024 * 1024)
}
