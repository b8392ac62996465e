//! A clock that tests set.

use std::sync::Mutex;
use vestibule::domain::time::Now;
use vestibule::platform::clock::Clock;

/// 2026-06-01T12:00:00Z, the beginning of a step.
pub const START_UNIX_SECONDS: u64 = 1_780_315_200;

/// A clock that stands still until it is moved.
pub struct ManualClock {
    now: Mutex<Now>,
}

impl ManualClock {
    pub fn new() -> Self {
        Self {
            now: Mutex::new(Now {
                unix_seconds: START_UNIX_SECONDS,
                monotonic_milliseconds: 1_000_000,
                run: 1,
            }),
        }
    }

    /// Both clocks go on.
    pub fn advance(&self, seconds: u64) {
        let mut now = self.now.lock().unwrap();
        now.unix_seconds += seconds;
        now.monotonic_milliseconds += seconds * 1000;
    }

    /// Somebody sets the wall clock; the monotonic one does not notice.
    pub fn jump(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        now.unix_seconds = now.unix_seconds.checked_add_signed(seconds).unwrap();
    }

    /// Another process begins at this moment.
    pub fn set(&self, unix_seconds: u64) {
        let mut now = self.now.lock().unwrap();
        now.unix_seconds = unix_seconds;
        now.monotonic_milliseconds = 500;
        now.run = u64::MAX;
    }

    /// The process starts again: another run, whose monotonic clock begins anew.
    pub fn begin_run(&self) {
        let mut now = self.now.lock().unwrap();
        now.run += 1;
        now.monotonic_milliseconds = 500;
    }

    pub fn unix_seconds(&self) -> u64 {
        self.now.lock().unwrap().unix_seconds
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.now.lock().unwrap()
    }
}
