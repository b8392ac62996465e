//! A source of randomness that runs dry when told to.

use std::sync::atomic::{AtomicU64, Ordering};
use vestibule::platform::entropy::{Entropy, EntropyError, SystemEntropy};

/// The machine's own, for so many draws.
pub struct FiniteEntropy {
    left: AtomicU64,
}

impl FiniteEntropy {
    pub fn new() -> Self {
        Self {
            left: AtomicU64::new(u64::MAX),
        }
    }

    /// After `draws` more it gives nothing.
    pub fn end_after(&self, draws: u64) {
        self.left.store(draws, Ordering::SeqCst);
    }

    /// It never ends.
    pub fn heal(&self) {
        self.end_after(u64::MAX);
    }
}

impl Entropy for FiniteEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let take = |left: u64| match left {
            u64::MAX => Some(u64::MAX),
            _ => left.checked_sub(1),
        };
        let taken = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take);
        taken.map_err(|_| EntropyError)?;
        SystemEntropy.fill(bytes)
    }
}
