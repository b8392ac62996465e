//! Refusals that anybody can cause as often as they like, on their way into the audit log: summed up per
//! minute and account, so that nobody fills the disk with them.

use crate::domain::audit::Action;
use crate::domain::id::UserId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What was refused, and to whom; `None` counts all accounts that do not exist together.
pub(super) type Kind = (Action, Option<UserId>);

/// Counts since the last time they were written.
#[derive(Default)]
pub struct Refusals {
    counts: Mutex<HashMap<Kind, u64>>,
}

impl Refusals {
    /// One more.
    pub fn add(&self, action: Action, user: Option<UserId>) {
        self.put_back([((action, user), 1)]);
    }

    /// The counts so far; they begin anew.
    pub(super) fn take(&self) -> Vec<(Kind, u64)> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken: Vec<_> = counts.drain().collect();
        taken.sort_unstable_by_key(|((action, user), _)| (action.name(), *user));
        taken
    }

    /// Keeps counts that could not be written.
    pub(super) fn put_back(&self, taken: impl IntoIterator<Item = (Kind, u64)>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, count) in taken {
            *counts.entry(kind).or_default() += count;
        }
    }
}
