//! Costly work on passwords off the async threads: few at a time, in memory that is used again, with a
//! bounded queue, so that a flood of sign-ins costs neither memory nor the code checks of others.

use crate::domain::password::Memory;
use crate::service::core::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// The pool.
pub(super) struct PasswordPool {
    lanes: Arc<Semaphore>,
    lane_count: usize,
    most_waiting: usize,
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
    /// A pool that computes so many at the same time, and lets so many wait; more are refused as busy.
    pub(super) fn new(lane_count: usize, most_waiting: usize) -> Self {
        Self {
            lanes: Arc::new(Semaphore::new(lane_count)),
            lane_count,
            most_waiting,
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
        if before >= self.most_waiting {
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
        if self.lanes.available_permits() == self.lane_count {
            lock(&self.memories).clear();
        }
    }
}

fn lock(memories: &Mutex<Vec<Memory>>) -> std::sync::MutexGuard<'_, Vec<Memory>> {
    memories.lock().unwrap_or_else(PoisonError::into_inner)
}
