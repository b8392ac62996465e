//! Refusals that anybody can cause as often as they like, on their way into the audit log: summed up per
//! minute and account, so that nobody fills the disk with them.

use super::context::{Client, event_by};
use super::error::Error;
use super::jobs::Core;
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::UserId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What was refused, and to whom; `None` counts all accounts that do not exist together.
type Kind = (Action, Option<UserId>);

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

    fn take(&self) -> Vec<(Kind, u64)> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken: Vec<_> = counts.drain().collect();
        taken.sort_unstable_by_key(|((action, user), _)| (action.name(), *user));
        taken
    }

    fn put_back(&self, taken: impl IntoIterator<Item = (Kind, u64)>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, count) in taken {
            *counts.entry(kind).or_default() += count;
        }
    }
}

/// Who tried: a wrong password may be anybody's, for anything else the user had signed in.
fn actor((action, user): Kind) -> Actor {
    match user {
        Some(user) if action != Action::PasswordRefused => Actor::User(user),
        _ => Actor::Anonymous,
    }
}

impl Core {
    /// Writes the counts, one row a kind and account.
    ///
    /// # Errors
    /// If the store fails; the counts are kept then.
    pub async fn write_refusals(&self) -> Result<(), Error> {
        let counts = self.refusals.take();
        if counts.is_empty() {
            return Ok(());
        }
        let job_counts = counts.clone();
        let client = Client::default();
        let written = self.run(&client, move |context, write| {
            for (kind, count) in &job_counts {
                let event = Event {
                    user: kind.1,
                    detail: format!("{count} times"),
                    ..event_by(actor(*kind), kind.0, context.now)
                };
                context.audit(write, &event)?;
            }
            Ok(())
        });
        let written = written.await;
        if written.is_err() {
            self.refusals.put_back(counts);
        }
        written
    }
}
