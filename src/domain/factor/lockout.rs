//! The count of wrong codes and what follows from it, per person.
//!
//! ```text
//! open ── 5th wrong in a row ──> waiting (30 s, doubling to 15 min) ── time ──> open
//!   any ── 20th wrong in a row ──> locked ── recovery code, reset, unlock ──> open
//!   any ── right code ──> open, count 0
//! ```
//! While waiting or locked, codes from the phone are neither looked at nor counted; recovery codes
//! are, and wrong ones count unless the factor is locked, where each costs a wait of its own.

use super::near_miss::NearMiss;
use crate::domain::time::{Now, Stamp};
use serde::{Deserialize, Serialize};

/// Wrong codes in a row that cost nothing but the last of them.
pub const FREE: u32 = 5;
/// Wrong codes in a row that lock the second factor.
pub const LOCK_AT: u32 = 20;
const FIRST_WAIT_SECONDS: u64 = 30;
const LONGEST_WAIT_SECONDS: u64 = 15 * 60;

/// A wait that began at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Wait {
    since: Stamp,
    seconds: u64,
}

/// The count of one person's wrong codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lockout {
    /// Wrong codes in a row; only a success resets it.
    failures: u32,
    wait: Option<Wait>,
    recovery_wait: Option<Wait>,
    locked: bool,
    /// The last wrong code, if it would have been right within ten minutes.
    pub near_miss: Option<NearMiss>,
    /// Wrong codes since the last sign-in that was finished; told to the person, decides nothing.
    pub failed_since_sign_in: u32,
}

/// Whether a code may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// Not for so many seconds.
    Wait(u64),
    /// Not until the lock is lifted.
    Locked,
}

impl Lockout {
    /// Whether a code from the phone may be looked at now.
    pub fn gate(&self, now: Now) -> Gate {
        match (self.locked, remaining(self.wait, now)) {
            (true, _) => Gate::Locked,
            (false, 0) => Gate::Open,
            (false, seconds) => Gate::Wait(seconds),
        }
    }

    /// Whether a recovery code may be looked at now: always, but for the wait after a wrong one
    /// while the factor is locked.
    pub fn recovery_gate(&self, now: Now) -> Gate {
        match remaining(self.recovery_wait, now) {
            0 => Gate::Open,
            seconds => Gate::Wait(seconds),
        }
    }

    /// Whether the second factor is locked.
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// Counts a wrong code from the phone.
    pub fn fail(&mut self, near_miss: Option<NearMiss>, now: Now) {
        self.near_miss = near_miss;
        self.count(now);
    }

    /// Counts a wrong recovery code.
    pub fn fail_recovery(&mut self, now: Now) {
        if self.locked {
            self.failed_since_sign_in = self.failed_since_sign_in.saturating_add(1);
            self.recovery_wait = Some(Wait {
                since: now.stamp(),
                seconds: FIRST_WAIT_SECONDS,
            });
        } else {
            self.count(now);
        }
    }

    /// A right code, or an administrator, clears count, wait and lock; returns whether a lock was
    /// lifted.
    pub fn clear(&mut self) -> bool {
        let lifted = self.locked;
        *self = Self {
            failed_since_sign_in: self.failed_since_sign_in,
            ..Self::default()
        };
        lifted
    }

    fn count(&mut self, now: Now) {
        self.failures = self.failures.saturating_add(1);
        self.failed_since_sign_in = self.failed_since_sign_in.saturating_add(1);
        if self.failures >= LOCK_AT {
            self.locked = true;
        } else if self.failures >= FREE {
            let doublings = (self.failures - FREE).min(16);
            let seconds = (FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS);
            self.wait = Some(Wait {
                since: now.stamp(),
                seconds,
            });
        }
    }
}

fn remaining(wait: Option<Wait>, now: Now) -> u64 {
    wait.map_or(0, |wait| wait.since.remaining_seconds(wait.seconds, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now {
            unix_seconds: 1_000_000 + seconds,
            monotonic_milliseconds: seconds * 1000,
            run: 1,
        }
    }

    #[test]
    fn waits_double_to_fifteen_minutes_and_the_twentieth_locks() {
        let mut lockout = Lockout::default();
        let mut time = 0;
        let mut waits = Vec::new();
        for _ in 0..LOCK_AT {
            lockout.fail(None, at(time));
            match lockout.gate(at(time)) {
                Gate::Open => waits.push(0),
                Gate::Wait(seconds) => {
                    waits.push(seconds);
                    assert_eq!(lockout.gate(at(time + seconds - 1)), Gate::Wait(1));
                    time += seconds;
                    assert_eq!(lockout.gate(at(time)), Gate::Open);
                }
                Gate::Locked => break,
            }
        }
        let mut expected = vec![0, 0, 0, 0, 30, 60, 120, 240, 480];
        expected.resize(19, 900);
        assert_eq!(waits, expected);
        assert_eq!(lockout.gate(at(time + 1_000_000)), Gate::Locked);
    }

    #[test]
    fn wrong_recovery_codes_lock_too_and_then_wait_instead_of_counting() {
        let mut lockout = Lockout::default();
        for _ in 0..LOCK_AT {
            assert_eq!(lockout.recovery_gate(at(0)), Gate::Open);
            lockout.fail_recovery(at(0));
        }
        assert!(lockout.is_locked());
        assert_eq!(lockout.recovery_gate(at(0)), Gate::Open);
        lockout.fail_recovery(at(0));
        assert_eq!(lockout.recovery_gate(at(0)), Gate::Wait(30));
        assert_eq!(lockout.recovery_gate(at(30)), Gate::Open);
        assert!(lockout.clear());
        assert_eq!(lockout.gate(at(0)), Gate::Open);
        assert_eq!(lockout.failed_since_sign_in, LOCK_AT + 1);
    }
}
