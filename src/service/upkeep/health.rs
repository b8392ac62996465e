//! Whether the service can do its work.

use super::Upkeep;
use super::condition::Condition;
use crate::platform::files;
use std::sync::PoisonError;

/// Least free space on the store's disk.
pub(super) const FREE_BYTES: u64 = 32 * 1024 * 1024;
/// 2026-01-01T00:00:00Z: a clock before it is wrong, and codes cannot be checked with it.
pub(super) const EARLIEST_UNIX_SECONDS: u64 = 1_767_225_600;
/// Seconds that the store may be ahead of the clock before the clock is doubted.
pub(super) const AHEAD_SECONDS: u64 = 300;

impl Upkeep {
    /// Whether the store can be written, space is left on its disk, and the clock is sane.
    pub async fn is_ready(&self) -> bool {
        let condition = self.condition();
        let writable = self.core.store_is_writable().await;
        let ready = condition.is_good() && writable;
        self.tell_change(condition, writable);
        ready
    }

    /// Logs when the answer changes: it may be asked for as often as anybody likes.
    fn tell_change(&self, condition: Condition, writable: bool) {
        let seen = (condition, writable);
        let mut last = self
            .last_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = last.replace(seen);
        if before == Some(seen) {
            return;
        }
        if !(condition.is_good() && writable) {
            tracing::warn!(
                event = "health.not_ready",
                clock_sane = condition.clock_is_sane,
                disk_free = condition.disk_has_room,
                writable,
                "not ready"
            );
        } else if before.is_some() {
            tracing::info!(event = "health.ready", "ready again");
        }
    }

    /// How the service is, as far as that can be seen without a write; cheap enough to be asked every
    /// few seconds, all day.
    pub fn condition(&self) -> Condition {
        let now = self.core.now();
        let newest = self.core.store.read(|read| read.newest_event_at());
        // Behind what happened last, the clock was set back: codes that were used stay refused.
        let behind = newest.as_ref().ok().copied().flatten().unwrap_or(0);
        Condition {
            store_works: newest.is_ok() && self.failure().borrow().is_none(),
            disk_has_room: match &self.core.foundation.settings.data_directory {
                Some(directory) => {
                    files::free_bytes(directory).is_none_or(|free| free >= FREE_BYTES)
                }
                None => true,
            },
            clock_is_sane: now.unix_seconds >= EARLIEST_UNIX_SECONDS
                && behind <= now.unix_seconds.saturating_add(AHEAD_SECONDS),
        }
    }
}
