//! The clocks. The only file that reads them.

use crate::domain::time::Now;
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads the clocks.
pub trait Clock: Send + Sync {
    /// One reading of both.
    fn now(&self) -> Now;
}

/// The clocks of the machine.
pub struct SystemClock {
    run: u64,
    #[cfg(not(target_os = "linux"))]
    start: std::time::Instant,
}

impl SystemClock {
    /// The clocks, for a run of the process that the random number `run` names.
    pub fn new(run: u64) -> Self {
        Self {
            run,
            #[cfg(not(target_os = "linux"))]
            start: start(),
        }
    }

    /// Milliseconds that also count while the machine sleeps, so that sleep ends waits and tokens.
    #[cfg(target_os = "linux")]
    fn monotonic_milliseconds(&self) -> u64 {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let milliseconds = u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000;
        seconds.saturating_mul(1000).saturating_add(milliseconds)
    }

    #[cfg(not(target_os = "linux"))]
    fn monotonic_milliseconds(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
fn start() -> std::time::Instant {
    std::time::Instant::now()
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    fn now(&self) -> Now {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Now {
            // A clock set before 1970 reads 0, with which no code and no token is good.
            unix_seconds: since.map_or(0, |since| since.as_secs()),
            monotonic_milliseconds: self.monotonic_milliseconds(),
            run: self.run,
        }
    }
}
