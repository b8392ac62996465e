//! Wrong passwords on their way into the audit log: summed up per minute and account, so that
//! outsiders cannot fill the disk.

use super::{Error, Services};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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
}

impl Services {
    /// Writes the counts, one row an account.
    pub(super) async fn write_refused_passwords(&self) -> Result<(), Error> {
        let counts = self.refused_passwords.take();
        if counts.is_empty() {
            return Ok(());
        }
        let foundation = Arc::clone(&self.foundation);
        let at = self.now().unix_seconds;
        let job_counts = counts.clone();
        let written = self
            .store
            .write(move |write| {
                for (user, count) in &job_counts {
                    let event = Event {
                        at,
                        action: Action::PasswordRefused,
                        actor: Actor::Anonymous,
                        user: *user,
                        session: None,
                        address: String::new(),
                        detail: format!("{count} times"),
                    };
                    foundation.audit(write, &event)?;
                }
                Ok(())
            })
            .await;
        if written.is_err() {
            let mut kept = self
                .refused_passwords
                .counts
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            for (user, count) in counts {
                *kept.entry(user).or_default() += count;
            }
        }
        Ok(written?)
    }
}
