//! The database beneath the store: how it is opened and made, and what readers and the writer share.

use super::error::StoreError;
use super::migrate;
use super::transaction::Write;
use redb::{Builder, Database};
use std::sync::RwLock;
use tokio::sync::watch;

/// Opens the database, also anew after a failure.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>;

/// What readers and the writer share.
pub(super) struct Shared {
    /// `None` while the database is being reopened, and after the end.
    pub(super) database: RwLock<Option<Database>>,
    pub(super) opener: Opener,
    pub(super) failure: watch::Sender<Option<String>>,
}

/// How databases are opened: checked whole, with a cache of at most `cache_bytes`.
pub(super) fn builder(cache_bytes: usize) -> Builder {
    let mut builder = Database::builder();
    builder
        .set_cache_size(cache_bytes)
        .set_check_integrity_on_open(true);
    builder
}

/// Makes the tables and runs `first` as the first job.
///
/// # Errors
/// Those of the medium and of `first`; nothing of the job is there then.
pub(super) fn initialise(
    database: &Database,
    first: impl FnOnce(&mut Write<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    migrate::run(database)?;
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    let outcome = Write::open(&transaction).and_then(|mut write| first(&mut write));
    match outcome {
        Ok(()) => Ok(transaction.commit()?),
        Err(error) => {
            transaction.abort()?;
            Err(error)
        }
    }
}
