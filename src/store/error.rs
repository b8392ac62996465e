//! What can go wrong with the store. Texts are for the log and the operator; none
//! of them reaches a client.

use std::io;

/// An error of the store.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The medium failed; whether the last write is durable is unknown. The store is being reopened.
    #[error("the store cannot be read or written: {0}")]
    Unavailable(String),
    /// The medium is full. The store is being reopened.
    #[error("the disk is full: {0}")]
    Full(String),
    /// More writes are queued than can be taken.
    #[error("too many writes are waiting")]
    Busy,
    /// A record or the file is not what was written.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The file was made by a newer version.
    #[error("the store has schema {found}, but this version knows schema {known} at most")]
    Newer {
        /// Of the file.
        found: u32,
        /// Of this program.
        known: u32,
    },
    /// Another process has the store open.
    #[error("another process has the store open")]
    InUse,
    /// A job panicked; it was undone.
    #[error("a write was given up: {0}")]
    Panicked(String),
    /// A job gave up on its own; it was undone.
    #[error("a write was refused: {0}")]
    Refused(String),
    /// A job that had written refused what it was asked; it was undone.
    #[error("a write was undone")]
    Undone,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the database has to be opened anew before it can be used again.
    pub(super) fn needs_reopening(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_))
    }

    fn of_io(error: &io::Error) -> Self {
        let full = [
            io::ErrorKind::StorageFull,
            io::ErrorKind::QuotaExceeded,
            io::ErrorKind::FileTooLarge,
        ];
        if full.contains(&error.kind()) {
            Self::Full(error.to_string())
        } else {
            Self::Unavailable(error.to_string())
        }
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        match error {
            redb::StorageError::Corrupted(what) => Self::Damaged(what),
            redb::StorageError::Io(error) => Self::of_io(&error),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<redb::DatabaseError> for StoreError {
    fn from(error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            redb::DatabaseError::Storage(error) => match error {
                // The library's word for a file that is not a database.
                redb::StorageError::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                    Self::Damaged(error.to_string())
                }
                other => other.into(),
            },
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<redb::TransactionError> for StoreError {
    fn from(error: redb::TransactionError) -> Self {
        match error {
            redb::TransactionError::Storage(error) => error.into(),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> Self {
        match error {
            redb::TableError::Storage(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<redb::CommitError> for StoreError {
    fn from(error: redb::CommitError) -> Self {
        match error {
            redb::CommitError::Storage(error) => error.into(),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
