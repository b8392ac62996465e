//! Whether sign-ins are paused, in memory: for the way of a sign-in, which asks before any work is done.

use crate::domain::pause::Pause;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The pause as sign-ins see it.
pub(super) struct PauseMirror {
    is_on: AtomicBool,
    /// Held while the mirror is set, so that the older of two changes cannot come last.
    order: Mutex<()>,
}

impl PauseMirror {
    pub(super) fn of(pause: Pause) -> Self {
        Self {
            is_on: AtomicBool::new(pause.is_on()),
            order: Mutex::new(()),
        }
    }

    /// Sets it to what `read` finds.
    ///
    /// # Errors
    /// Those of `read`; the mirror stays as it was.
    pub(super) fn follow<E>(&self, read: impl FnOnce() -> Result<Pause, E>) -> Result<(), E> {
        let _order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_on.store(read()?.is_on(), Ordering::Release);
        Ok(())
    }

    /// Whether sign-ins are paused.
    pub(super) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Acquire)
    }
}
