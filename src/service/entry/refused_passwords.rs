//! Wrong passwords on their way into the audit log: summed up per minute and account, so that
//! outsiders cannot fill the disk.

use super::Entry;
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::UserId;
use crate::service::core::context::{Client, event_by};
use crate::service::core::error::Error;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Counts since the last time they were written; `None` counts all unknown accounts together.
#[derive(Default)]
pub(super) struct RefusedPasswords {
    counts: Mutex<HashMap<Option<UserId>, u64>>,
}

impl RefusedPasswords {
    /// A wrong password for this account.
    pub(super) fn add(&self, user: Option<UserId>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(user).or_default() += 1;
    }

    fn take(&self) -> Vec<(Option<UserId>, u64)> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken: Vec<_> = counts.drain().collect();
        taken.sort_unstable();
        taken
    }

    fn put_back(&self, taken: Vec<(Option<UserId>, u64)>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (user, count) in taken {
            *counts.entry(user).or_default() += count;
        }
    }
}

impl Entry {
    /// Writes the counts, one row an account.
    pub(in crate::service) async fn write_refused_passwords(&self) -> Result<(), Error> {
        let counts = self.refused_passwords.take();
        if counts.is_empty() {
            return Ok(());
        }
        let job_counts = counts.clone();
        let client = Client::default();
        let written = self.core.run(&client, move |context, write| {
            for (user, count) in &job_counts {
                let event = Event {
                    user: *user,
                    detail: format!("{count} times"),
                    ..event_by(Actor::Anonymous, Action::PasswordRefused, context.now)
                };
                context.audit(write, &event)?;
            }
            Ok(())
        });
        let written = written.await;
        if written.is_err() {
            self.refused_passwords.put_back(counts);
        }
        written
    }
}
