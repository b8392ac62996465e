//! Says in the log when the clock was set, and when the machine slept: both explain what people then
//! ask about, and neither can be seen afterwards.

use crate::domain::time::Now;
use std::sync::{Mutex, PoisonError};

/// The clock may be led by so much between two looks without a word.
const LED_SECONDS: u64 = 5;
/// A look that comes so late was held up by more than a busy machine.
const LATE_SECONDS: u64 = 120;

/// The last look at the clocks.
#[derive(Default)]
pub(super) struct ClockWatch(Mutex<Option<Now>>);

impl ClockWatch {
    /// Looks at the clocks; called about once a minute.
    pub(super) fn look(&self, now: Now) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(before) = last.replace(now) else {
            return;
        };
        let seconds = now.wall_clock_moved_since(before);
        if seconds.unsigned_abs() > LED_SECONDS {
            tracing::warn!(
                event = "clock.set",
                seconds,
                "the clock of this machine was set; waits and ages do not follow it, codes and tokens do"
            );
        }
        let passed = now.seconds_since(before);
        if passed > LATE_SECONDS {
            tracing::info!(
                event = "service.resumed",
                seconds = passed,
                "the machine slept, or held this process, and goes on"
            );
        }
    }
}
