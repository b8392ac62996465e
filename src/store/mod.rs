//! Floor 1: bytes on disk. One redb file, one writer thread, readers wherever they are needed.
//!
//! **The durability promise**: when [`Store::write`] answers `Ok`, the job and everything before it
//! survives a power cut; when it answers a job's own error, nothing of the job is there. After
//! [`StoreError::Unavailable`] or [`StoreError::Full`] from a commit the job may or may not have
//! become durable, and it is never run a second time. Commits are two-phase and immediate, and the
//! whole file is checked whenever it is opened.

mod compact;
mod database;
mod error;
mod examine;
mod migrate;
mod migrations;
mod records;
mod sweep;
mod tables;
mod transaction;
mod writer;

pub use error::StoreError;
pub use records::audit::{Head, Verification};
pub use records::instance::{Counter, Identity, SigningKeyRecord};
pub use sweep::{Lapsed, Progress};
pub use transaction::{Read, Write};

use database::{Opener, Shared, builder, initialise};
pub use redb::StorageBackend as Medium;
use redb::{Database, ReadableDatabase};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// Writes that may wait; more are refused as [`StoreError::Busy`].
const QUEUE: usize = 4096;

/// The store.
pub struct Store {
    shared: Arc<Shared>,
    queue: Mutex<Option<SyncSender<Box<dyn writer::Work>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Makes a store in a new file and runs `first` as its first job. The file is complete and
    /// closed when this returns.
    ///
    /// # Errors
    /// If the file cannot be made or `first` fails.
    pub fn create(
        path: &Path,
        first: impl FnOnce(&mut Write<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let database = builder(1 << 20).create(path)?;
        initialise(&database, first)?;
        database.close()?;
        Ok(())
    }

    /// Opens the store in `path` with a cache of at most `cache_bytes`, checks it whole, brings it to
    /// this version's schema, and compacts it if more than half of it is free.
    ///
    /// # Errors
    /// If the file is missing, damaged, newer, or open elsewhere; it is left as it is.
    pub fn open(path: PathBuf, cache_bytes: usize) -> Result<Self, StoreError> {
        let file = path.clone();
        let opener: Opener = Box::new(move || Ok(builder(cache_bytes).open(path.as_path())?));
        Self::start(opener, |mut database, opener| {
            let Err(error) = compact::compact(&mut database, &file) else {
                return Ok(database);
            };
            tracing::warn!(event = "store.not_compacted", %error, "the store's file could not be compacted");
            // After a failure the library wants it opened anew.
            drop(database);
            opener()
        })
    }

    /// A store on any medium, for tests: `medium` is asked for it whenever the store is (re)opened,
    /// and `first` runs if nothing is there yet.
    ///
    /// # Errors
    /// If the medium fails.
    pub fn on<M: Medium>(
        medium: impl Fn() -> M + Send + Sync + 'static,
        first: impl Fn(&mut Write<'_>) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let opener: Opener = Box::new(move || {
            let database = builder(4 << 20).create_with_backend(medium())?;
            if migrate::schema(&database)? == 0 {
                initialise(&database, &first)?;
            }
            Ok(database)
        });
        Self::start(opener, |database, _| Ok(database))
    }

    /// A store that is gone with the process.
    ///
    /// # Errors
    /// If `first` fails.
    pub fn in_memory(
        first: impl Fn(&mut Write<'_>) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        Self::on(redb::backends::InMemoryBackend::new, first)
    }

    fn start(
        opener: Opener,
        settle: impl FnOnce(Database, &Opener) -> Result<Database, StoreError>,
    ) -> Result<Self, StoreError> {
        let database = opener()?;
        if migrate::schema(&database)? == 0 {
            return Err(StoreError::Damaged("the file holds no store".into()));
        }
        migrate::run(&database)?;
        let database = settle(database, &opener)?;
        let shared = Arc::new(Shared {
            database: RwLock::new(Some(database)),
            opener,
            failure: watch::Sender::new(None),
        });
        let (sender, receiver) = sync_channel(QUEUE);
        let writer_shared = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer::run(&writer_shared, &receiver))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            shared,
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Reads from one snapshot. Takes microseconds when the pages are cached.
    ///
    /// # Errors
    /// Those of `act`, and [`StoreError::Unavailable`] while the store is being reopened.
    pub fn read<T>(
        &self,
        act: impl FnOnce(&Read) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let guard = self
            .shared
            .database
            .try_read()
            .map_err(|_| StoreError::Unavailable("it is being reopened".into()))?;
        let Some(database) = guard.as_ref() else {
            return Err(StoreError::Unavailable("it is being reopened".into()));
        };
        let result = match database.begin_read() {
            Ok(transaction) => act(&Read { transaction }),
            Err(error) => Err(error.into()),
        };
        if result.as_ref().is_err_and(StoreError::needs_reopening) {
            // The writer finds the same error and reopens.
            let _ = self.enqueue(|_| Ok(()));
        }
        result
    }

    /// Runs `job` in the writer's next transaction and answers when it is durable. The job may run
    /// more than once and must not do anything but read and write its transaction.
    ///
    /// # Errors
    /// Those of the job, [`StoreError::Busy`], and those of the medium.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Write<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let answer = self.enqueue(job)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    fn enqueue<T, F>(&self, act: F) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError>
    where
        F: Fn(&mut Write<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(writer::Job {
            act,
            outcome: None,
            reply,
        });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = queue.as_ref().ok_or(StoreError::Closed)?;
        match sender.try_send(work) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }

    /// Tells when the store has failed for good; the value is the reason.
    pub fn failure(&self) -> watch::Receiver<Option<String>> {
        self.shared.failure.subscribe()
    }

    /// Finishes the writes that are queued and closes the file; later calls answer
    /// [`StoreError::Closed`].
    pub fn close(&self) {
        let sender = self
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(sender);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!(event = "store.panicked", "the store's writer panicked");
        }
        let mut database = self
            .shared
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        drop(database.take());
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}
