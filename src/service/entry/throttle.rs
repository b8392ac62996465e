//! Wrong passwords on loopback, where every caller has the same address: a delay per e-mail text,
//! whether there is such an account or not. Never a lock, so that an outsider locks nobody out.

use crate::domain::time::{Now, Stamp};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Wrong passwords that cost nothing.
const FREE: u32 = 3;
const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// Seconds without a wrong password after which they are forgotten.
const MEMORY_SECONDS: u64 = 900;
/// Most texts that are remembered; beyond it the forgotten ones go, then all.
const CAPACITY: usize = 20_000;

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: Stamp,
}

/// Wrong passwords by e-mail text.
#[derive(Default)]
pub(super) struct Throttle {
    entries: Mutex<HashMap<[u8; 32], Entry>>,
}

impl Throttle {
    /// How long the next answer for this text waits.
    pub(super) fn delay(&self, email: &str, now: Now) -> Duration {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = entries
            .get(&key(email))
            .filter(|entry| entry.last.is_within(MEMORY_SECONDS, now))
            .map_or(0, |entry| entry.failures);
        match failures.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(beyond) => FIRST_DELAY
                .saturating_mul(1 << beyond.min(10))
                .min(LONGEST_DELAY),
        }
    }

    /// A wrong password for this text.
    pub(super) fn fail(&self, email: &str, now: Now) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CAPACITY {
            entries.retain(|_, entry| entry.last.is_within(MEMORY_SECONDS, now));
            if entries.len() >= CAPACITY {
                entries.clear();
            }
        }
        let entry = entries.entry(key(email)).or_insert(Entry {
            failures: 0,
            last: now.stamp(),
        });
        if !entry.last.is_within(MEMORY_SECONDS, now) {
            entry.failures = 0;
        }
        entry.failures = entry.failures.saturating_add(1);
        entry.last = now.stamp();
    }

    /// A right password for this text.
    pub(super) fn succeed(&self, email: &str) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(&key(email));
    }
}

/// Texts are kept as hashes: one size, and nothing to read in a memory image.
fn key(email: &str) -> [u8; 32] {
    Sha256::digest(email.trim().to_lowercase().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now {
            unix_seconds: seconds,
            monotonic_milliseconds: seconds * 1000,
            run: 1,
        }
    }

    #[test]
    fn delays_grow_to_five_seconds_and_are_forgotten() {
        let throttle = Throttle::default();
        let mut delays = Vec::new();
        for _ in 0..9 {
            throttle.fail("a@example.com", at(10));
            let delay = throttle.delay(" A@example.com", at(10));
            delays.push(u64::try_from(delay.as_millis()).unwrap());
        }
        assert_eq!(delays, [0, 0, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
        assert_eq!(throttle.delay("b@example.com", at(10)), Duration::ZERO);
        assert_eq!(throttle.delay("a@example.com", at(911)), Duration::ZERO);
        throttle.succeed("a@example.com");
        assert_eq!(throttle.delay("a@example.com", at(10)), Duration::ZERO);
    }
}
