//! Where the next sweep of lapsed records goes on.

use crate::store::Progress;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The place in the store.
#[derive(Default)]
pub(super) struct Sweep {
    progress: Mutex<Progress>,
}

impl Sweep {
    /// The place, to read or move.
    pub(super) fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
