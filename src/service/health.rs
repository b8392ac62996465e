//! Whether the service can do its work.

use super::Services;
use crate::platform::files;
use std::sync::atomic::Ordering;

/// Least free space on the store's disk.
pub(super) const FREE_BYTES: u64 = 32 * 1024 * 1024;
/// 2026-01-01T00:00:00Z: a clock before it is wrong, and codes cannot be checked with it.
pub(super) const EARLIEST_UNIX_SECONDS: u64 = 1_767_225_600;
/// Seconds that the store may be ahead of the clock before the clock is doubted.
pub(super) const AHEAD_SECONDS: u64 = 300;
/// Seconds for which a successful probe of the store is believed.
const PROBE_SECONDS: u64 = 2;

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The store can be read, and has not failed.
    pub store_works: bool,
    /// There is space left on the store's disk.
    pub disk_has_room: bool,
    /// The clock is not before 2026, nor behind the newest event.
    pub clock_is_sane: bool,
}

impl Condition {
    /// Whether nothing is the matter.
    pub fn is_good(self) -> bool {
        self.store_works && self.disk_has_room && self.clock_is_sane
    }
}

impl Services {
    /// Whether the store can be written, space is left on its disk, and the clock is sane.
    pub async fn is_ready(&self) -> bool {
        let condition = self.condition();
        let writable = self.store_is_writable().await;
        let ready = condition.is_good() && writable;
        if !ready {
            tracing::warn!(
                event = "health.not_ready",
                clock_sane = condition.clock_is_sane,
                disk_free = condition.disk_has_room,
                writable,
                "not ready"
            );
        }
        ready
    }

    /// How the service is, as far as that can be seen without a write; cheap enough to be asked every
    /// few seconds, all day.
    pub fn condition(&self) -> Condition {
        let now = self.now();
        let newest = self.store.read(|read| read.newest_event_at());
        // Behind what happened last, the clock was set back: codes that were used stay refused.
        let behind = newest.as_ref().ok().copied().flatten().unwrap_or(0);
        Condition {
            store_works: newest.is_ok() && self.failure().borrow().is_none(),
            disk_has_room: match &self.foundation.settings.data_directory {
                Some(directory) => {
                    files::free_bytes(directory).is_none_or(|free| free >= FREE_BYTES)
                }
                None => true,
            },
            clock_is_sane: now.unix_seconds >= EARLIEST_UNIX_SECONDS
                && behind <= now.unix_seconds.saturating_add(AHEAD_SECONDS),
        }
    }

    /// Has the store looked at anew, whatever an earlier look said.
    pub(super) fn doubt_the_store(&self) {
        self.last_probe.store(0, Ordering::Relaxed);
    }

    pub(super) async fn store_is_writable(&self) -> bool {
        // A durable write a probe is what tells the truth; many probes share one.
        let seconds = self.now().monotonic_milliseconds / 1000 + 1;
        let last = self.last_probe.load(Ordering::Relaxed);
        if last != 0 && seconds.saturating_sub(last) < PROBE_SECONDS {
            return self.store.read(|read| read.set_up()).is_ok();
        }
        let probe = self.store.write(|write| {
            let set_up = write.set_up()?.unwrap_or_default();
            write.put_set_up(&set_up)
        });
        let written = probe.await.is_ok();
        self.last_probe
            .store(if written { seconds } else { 0 }, Ordering::Relaxed);
        written
    }
}
