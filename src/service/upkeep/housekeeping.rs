//! What is thrown away from time to time: sessions, seeds and notices that have lapsed, and months of
//! the audit log that are no longer kept. In small transactions, so that nobody waits for them.

use super::Upkeep;
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::housekeeping::{Horizon, audit_begins_at};
use crate::service::core::context::{Client, event_by};
use crate::service::core::error::Error;
use crate::store::Write;
use std::sync::Arc;

/// Rows of each table that are read at once.
const ROWS_READ: usize = 10_000;
/// Parts of each table that are read in one minute.
const PARTS: usize = 8;
/// Rows of each table that are removed in one transaction.
const ROWS_REMOVED: usize = 256;
/// Transactions of one minute that cut the audit log.
const CUTS: usize = 64;

impl Upkeep {
    /// Sweeps a part of the store: called about once a minute. Does nothing else while it fails.
    pub async fn keep_house(&self) {
        let swept = self.sweep_lapsed().await;
        match &swept {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "lapsed records were removed"),
            Err(error) => {
                tracing::warn!(event = "housekeeping.failed", %error, "lapsed records could not be removed");
            }
        }
        if swept.is_ok()
            && let Err(error) = self.prune_audit().await
        {
            tracing::warn!(event = "housekeeping.failed", %error, "the audit log could not be cut");
        }
    }

    async fn sweep_lapsed(&self) -> Result<usize, Error> {
        let horizon = Horizon {
            now: self.core.now(),
            lifetimes: self.core.foundation.settings.lifetimes,
        };
        let mut removed = 0;
        for _ in 0..PARTS {
            let mut progress = self.sweep.lock().clone();
            let found = self
                .core
                .store
                .read(|read| read.lapsed(horizon, &mut progress, ROWS_READ));
            let mut found = found?;
            *self.sweep.lock() = progress.clone();
            while found.count() > 0 {
                let lapsed = found.take(ROWS_REMOVED);
                let job = move |write: &mut Write<'_>| write.remove_lapsed(&lapsed, horizon);
                removed += self.core.store.write(job).await?;
            }
            if progress.is_at_end() {
                break;
            }
            tokio::task::yield_now().await;
        }
        Ok(removed)
    }

    /// Cuts off the months that are no longer kept.
    async fn prune_audit(&self) -> Result<(), Error> {
        let now = self.core.now();
        let newest = self.core.store.read(|read| read.newest_event_at())?;
        let months = self.core.foundation.settings.audit_keep_months;
        let Some(begins_at) = newest.and_then(|newest| audit_begins_at(newest, months, now)) else {
            return Ok(());
        };
        let first = self
            .core
            .store
            .read(|read| read.audit_after(0)?.next().transpose())?;
        if first.is_none_or(|(_, event)| event.at >= begins_at) {
            return Ok(());
        }
        let mut cut = None;
        for _ in 0..CUTS {
            let foundation = Arc::clone(&self.core.foundation);
            let job = move |write: &mut Write<'_>| {
                write.prune_audit(&foundation.keys.audit, begins_at, ROWS_REMOVED)
            };
            match self.core.store.write(job).await? {
                Some(number) => cut = Some(number),
                None => break,
            }
        }
        let Some(number) = cut else { return Ok(()) };
        let client = Client::default();
        let cut = self.core.run(&client, move |context, write| {
            let event = Event {
                detail: format!("up to event {number}"),
                ..event_by(Actor::Service, Action::AuditPruned, context.now)
            };
            context.audit(write, &event)?;
            Ok(())
        });
        cut.await
    }
}
