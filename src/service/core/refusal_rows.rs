//! Writes the counts of refusals into the audit log, one row a kind and account.

use super::context::{Client, event_by};
use super::error::Error;
use super::jobs::Core;
use super::refusals::Kind;
use crate::domain::audit::{Action, Actor, Event};

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
