//! Argon2 off the async threads: two at a time, in memory that is used again, with a bounded queue,
//! so that a flood of sign-ins costs neither memory nor the code checks of others.

use crate::domain::password::Memory;
use crate::service::core::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Hashes computed at the same time.
const LANES: usize = 2;
/// Hashes waited for; more are refused as busy.
const QUEUE: usize = 128;

/// The pool.
pub(super) struct PasswordPool {
    lanes: Arc<Semaphore>,
    waiting: AtomicUsize,
    memories: Arc<Mutex<Vec<Memory>>>,
}

/// Counts one who waits, for as long as it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl PasswordPool {
    /// A pool that has computed nothing yet and holds no memory.
    pub(super) fn new() -> Self {
        Self {
            lanes: Arc::new(Semaphore::new(LANES)),
            waiting: AtomicUsize::new(0),
            memories: Arc::new(Mutex::new(Vec::new())),
        }
    }

    /// Runs `work` on a thread of its own with one of the pool's memories.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        if before >= QUEUE {
            return Err(Error::Busy);
        }
        let failed = |what: &str| Error::Internal(format!("the password pool {what}"));
        let lane = Arc::clone(&self.lanes).acquire_owned().await;
        let lane = lane.map_err(|_| failed("is closed"))?;
        drop(waiting);
        let memories = Arc::clone(&self.memories);
        let done = tokio::task::spawn_blocking(move || {
            let taken = lock(&memories).pop();
            let mut memory = taken.unwrap_or_default();
            let result = work(&mut memory);
            lock(&memories).push(memory);
            drop(lane);
            result
        });
        done.await.map_err(|_| failed("panicked"))
    }

    /// Gives memory back that nobody uses.
    pub(super) fn release_idle(&self) {
        if self.lanes.available_permits() == LANES {
            lock(&self.memories).clear();
        }
    }
}

fn lock(memories: &Mutex<Vec<Memory>>) -> std::sync::MutexGuard<'_, Vec<Memory>> {
    memories.lock().unwrap_or_else(PoisonError::into_inner)
}
