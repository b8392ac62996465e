//! Time as a value: `Now` is one reading of both clocks, `Stamp` a reading that was kept.
//!
//! Within one run of the process ages come from the monotonic clock alone, so that setting the wall
//! clock neither shortens a wait nor keeps a code fresh. Across a restart only the wall clock is
//! left; an age that would be negative is then taken in the way that lets less through.

use serde::{Deserialize, Serialize};

/// One reading of the clocks, taken by `platform::clock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Wall clock: whole seconds since 1970-01-01T00:00:00Z.
    pub unix_seconds: u64,
    /// Milliseconds on a clock that never goes back, counted from any point of this run.
    pub monotonic_milliseconds: u64,
    /// Names the run of the process that the monotonic reading belongs to.
    pub run: u64,
}

impl Now {
    /// Whole seconds that have passed since an earlier reading of the same run, sleep included.
    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.monotonic_milliseconds
            .saturating_sub(earlier.monotonic_milliseconds)
            / 1000
    }

    /// Seconds by which the wall clock was set ahead (or back, if negative) since an earlier reading of
    /// the same run.
    pub fn wall_clock_moved_since(self, earlier: Self) -> i64 {
        let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        let wall = signed(self.unix_seconds).saturating_sub(signed(earlier.unix_seconds));
        wall.saturating_sub(signed(self.seconds_since(earlier)))
    }

    /// This reading, to be kept.
    pub fn stamp(self) -> Stamp {
        Stamp {
            unix_seconds: self.unix_seconds,
            monotonic_milliseconds: self.monotonic_milliseconds,
            run: self.run,
        }
    }
}

/// A moment in the past, as both clocks told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Wall clock: whole seconds since 1970.
    pub unix_seconds: u64,
    monotonic_milliseconds: u64,
    run: u64,
}

impl Stamp {
    /// A moment so many seconds before this one, by both clocks; by the wall clock alone if this run
    /// had not begun then.
    pub fn before(self, seconds: u64) -> Self {
        let milliseconds = seconds.saturating_mul(1000);
        let earlier = self.monotonic_milliseconds.checked_sub(milliseconds);
        Self {
            unix_seconds: self.unix_seconds.saturating_sub(seconds),
            monotonic_milliseconds: earlier.unwrap_or(0),
            run: earlier.map_or(!self.run, |_| self.run),
        }
    }

    /// Milliseconds since this moment; `None` if the wall clock, the only witness after a restart,
    /// says that it lies in the future.
    fn age_milliseconds(self, now: Now) -> Option<u64> {
        if self.run == now.run {
            Some(
                now.monotonic_milliseconds
                    .saturating_sub(self.monotonic_milliseconds),
            )
        } else {
            now.unix_seconds
                .checked_sub(self.unix_seconds)
                .map(|seconds| seconds.saturating_mul(1000))
        }
    }

    /// Whether less than `seconds` have passed. A moment in the future is not within anything.
    pub fn is_within(self, seconds: u64, now: Now) -> bool {
        self.age_milliseconds(now)
            .is_some_and(|age| age < seconds.saturating_mul(1000))
    }

    /// Whole seconds, rounded up, until `seconds` have passed since this moment; never more than
    /// `seconds`, and all of them if the moment lies in the future.
    pub fn remaining_seconds(self, seconds: u64, now: Now) -> u64 {
        let length = seconds.saturating_mul(1000);
        let age = self.age_milliseconds(now).unwrap_or(0);
        length.saturating_sub(age).div_ceil(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Now = Now {
        unix_seconds: 1_000_000,
        monotonic_milliseconds: 5_000,
        run: 1,
    };

    #[test]
    fn a_jump_of_the_wall_clock_changes_nothing_within_a_run() {
        let stamp = START.stamp();
        for jump in [0, 500_000, 1_000_000, 9_000_000] {
            let now = Now {
                unix_seconds: jump,
                monotonic_milliseconds: 15_000,
                run: 1,
            };
            assert_eq!(stamp.remaining_seconds(30, now), 20);
            assert!(stamp.is_within(11, now));
            assert!(!stamp.is_within(10, now));
        }
    }

    #[test]
    fn after_a_restart_a_moment_in_the_future_waits_longest_and_is_never_fresh() {
        let stamp = START.stamp();
        let now = Now {
            unix_seconds: 10,
            monotonic_milliseconds: 0,
            run: 2,
        };
        assert_eq!(stamp.remaining_seconds(30, now), 30);
        assert!(!stamp.is_within(30, now));
    }

    #[test]
    fn a_clock_that_was_set_is_told_from_time_that_passed() {
        let later = |unix_seconds: u64, monotonic_milliseconds: u64| Now {
            unix_seconds,
            monotonic_milliseconds,
            run: 1,
        };
        for (now, moved) in [
            (later(1_000_060, 65_000), 0),
            (later(1_003_660, 65_000), 3600),
            (later(996_460, 65_000), -3600),
            (later(0, 65_000), -1_000_060),
        ] {
            assert_eq!(now.wall_clock_moved_since(START), moved);
            assert_eq!(now.seconds_since(START), 60);
        }
    }
}
