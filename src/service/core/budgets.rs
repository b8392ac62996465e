//! Budgets by key, in memory: a restart forgets them, and who can restart the service can do worse.

use crate::domain::budget::{Budget, Spent};
use crate::domain::time::Now;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most keys that are remembered; beyond it the ones with nothing spent go, then all.
const CAPACITY: usize = 50_000;

/// What each key has spent of one budget.
pub struct Budgets<K> {
    budget: Budget,
    spent: Mutex<HashMap<K, Spent>>,
}

impl<K: Eq + Hash> Budgets<K> {
    /// So many tries at once for each key, then one every so many seconds.
    pub fn new(burst: u64, seconds_per_try: u64) -> Self {
        Self {
            budget: Budget {
                burst,
                seconds_per_try,
            },
            spent: Mutex::new(HashMap::new()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Spent>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a try.
    ///
    /// # Errors
    /// The seconds until the next one.
    pub fn take(&self, key: K, now: Now) -> Result<(), u64> {
        let mut spent = self.lock();
        if spent.len() >= CAPACITY {
            spent.retain(|_, spent| !self.budget.settle(*spent, now).is_nothing());
            if spent.len() >= CAPACITY {
                spent.clear();
            }
        }
        let entry = spent.entry(key).or_insert(Spent::nothing(now));
        *entry = self.budget.take(*entry, now)?;
        Ok(())
    }

    /// Gives a try back.
    pub fn give_back(&self, key: &K) {
        let mut spent = self.lock();
        if let Some(entry) = spent.get_mut(key) {
            *entry = self.budget.give_back(*entry);
            if entry.is_nothing() {
                spent.remove(key);
            }
        }
    }
}
