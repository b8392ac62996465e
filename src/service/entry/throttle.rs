//! Wrong passwords on this machine, where every caller has the same address: a delay per e-mail text,
//! whether there is such an account or not. Never a lock, so that nobody is locked out by another.
//!
//! A try takes its place before it waits, and counts as wrong until it turns out right, so that tries
//! in parallel get no more than tries in turn. One caller waits for one text, and few in all: who
//! waits holds a connection, and the others are told when to come back.

use super::limits::AccountKey;
use crate::domain::time::{Now, Stamp};
use crate::service::core::error::Error;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wrong passwords that cost nothing.
const FREE: u32 = 3;
/// Tries under way that count for nothing while none was wrong: one person's devices and programs may
/// all sign in at the same moment.
const TOGETHER: u32 = 13;
const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// Seconds without a wrong password after which they are forgotten.
const MEMORY_SECONDS: u64 = 900;
/// Most texts that are remembered; beyond it the forgotten ones go, then all.
const CAPACITY: usize = 20_000;
/// Most callers that wait at the same time.
const MOST_WAITING: usize = 32;

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    /// Tries that have begun and not ended.
    under_way: u32,
    is_waited_for: bool,
    last: Stamp,
}

#[derive(Default)]
struct Entries {
    by_text: HashMap<AccountKey, Entry>,
    waiting: usize,
}

/// Wrong passwords by e-mail text.
#[derive(Default)]
pub(super) struct Throttle {
    entries: Mutex<Entries>,
}

/// A try that has begun; a dropped one that nobody settled was given up and counts for nothing.
pub(super) struct Try<'a> {
    throttle: &'a Throttle,
    key: AccountKey,
    waits: Duration,
}

impl Throttle {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a try for this text.
    ///
    /// # Errors
    /// [`Error::TooManyPasswords`] with the seconds to wait, if another waits for this text already, or
    /// too many wait in all.
    pub(super) fn begin(&self, email: &str, now: Now) -> Result<Try<'_>, Error> {
        let key = key(email);
        let mut entries = self.lock();
        if entries.by_text.len() >= CAPACITY {
            entries
                .by_text
                .retain(|_, entry| entry.under_way > 0 || entry.is_remembered(now));
            if entries.by_text.len() >= CAPACITY {
                entries.by_text.clear();
            }
        }
        let full = entries.waiting >= MOST_WAITING;
        let entry = entries.by_text.entry(key).or_insert(Entry {
            failures: 0,
            under_way: 0,
            is_waited_for: false,
            last: now.stamp(),
        });
        if !entry.is_remembered(now) {
            entry.failures = 0;
        }
        let waits = delay_after(entry.tries());
        if !waits.is_zero() {
            if entry.is_waited_for || full {
                return Err(Error::TooManyPasswords(whole_seconds(waits)));
            }
            entry.is_waited_for = true;
        }
        entry.under_way = entry.under_way.saturating_add(1);
        if !waits.is_zero() {
            entries.waiting += 1;
        }
        drop(entries);
        Ok(Try {
            throttle: self,
            key,
            waits,
        })
    }
}

impl Entry {
    /// Tries that count as wrong until they turn out right.
    fn tries(&self) -> u32 {
        match self.failures {
            0 => self.under_way.saturating_sub(TOGETHER),
            failures => failures.saturating_add(self.under_way),
        }
    }

    fn is_remembered(&self, now: Now) -> bool {
        self.last.is_within(MEMORY_SECONDS, now)
    }
}

fn delay_after(tries: u32) -> Duration {
    match tries.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(beyond) => FIRST_DELAY
            .saturating_mul(1 << beyond.min(10))
            .min(LONGEST_DELAY),
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
}

impl Try<'_> {
    /// Waits for its turn.
    pub(super) async fn wait(&mut self) {
        if !self.waits.is_zero() {
            tokio::time::sleep(self.waits).await;
            self.stop_waiting();
        }
    }

    fn stop_waiting(&mut self) {
        if self.waits.is_zero() {
            return;
        }
        self.waits = Duration::ZERO;
        let mut entries = self.throttle.lock();
        entries.waiting = entries.waiting.saturating_sub(1);
        if let Some(entry) = entries.by_text.get_mut(&self.key) {
            entry.is_waited_for = false;
        }
    }

    /// The password was wrong.
    pub(super) fn fail(self, now: Now) {
        if let Some(entry) = self.throttle.lock().by_text.get_mut(&self.key) {
            entry.failures = entry.failures.saturating_add(1);
            entry.last = now.stamp();
        }
    }

    /// The password was right.
    pub(super) fn succeed(self) {
        if let Some(entry) = self.throttle.lock().by_text.get_mut(&self.key) {
            entry.failures = 0;
        }
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.stop_waiting();
        let mut entries = self.throttle.lock();
        if let Some(entry) = entries.by_text.get_mut(&self.key) {
            entry.under_way = entry.under_way.saturating_sub(1);
            if entry.under_way == 0 && entry.failures == 0 {
                entries.by_text.remove(&self.key);
            }
        }
    }
}

/// Texts are kept as hashes: one size, and nothing to read in a memory image.
pub(super) fn key(email: &str) -> AccountKey {
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

    fn wait_of(throttle: &Throttle, email: &str, seconds: u64) -> u128 {
        let begun = throttle.begin(email, at(seconds)).ok().unwrap();
        begun.waits.as_millis()
    }

    #[test]
    fn delays_grow_to_five_seconds_and_are_forgotten() {
        let throttle = Throttle::default();
        let mut waits = Vec::new();
        for _ in 0..9 {
            throttle
                .begin("a@example.com", at(10))
                .ok()
                .unwrap()
                .fail(at(10));
            waits.push(wait_of(&throttle, " A@example.com", 10));
        }
        assert_eq!(waits, [0, 0, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
        assert_eq!(wait_of(&throttle, "b@example.com", 10), 0);
        assert_eq!(wait_of(&throttle, "a@example.com", 911), 0);
    }

    #[test]
    fn a_right_password_is_the_end_of_the_delay() {
        let throttle = Throttle::default();
        let begin = || throttle.begin("a@example.com", at(10)).ok().unwrap();
        for _ in 0..5 {
            begin().fail(at(10));
        }
        begin().succeed();
        assert_eq!(wait_of(&throttle, "a@example.com", 10), 0);
        assert!(throttle.lock().by_text.is_empty());
    }

    #[test]
    fn tries_in_parallel_count_before_they_end_and_one_waits() {
        let throttle = Throttle::default();
        let mut begun = Vec::new();
        let mut refused = 0;
        for _ in 0..110 {
            match throttle.begin("a@example.com", at(10)) {
                Ok(begins) => begun.push(begins),
                Err(Error::TooManyPasswords(1)) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((begun.len(), refused), (17, 93));
        let waiting = begun.iter().filter(|begun| !begun.waits.is_zero());
        assert_eq!(waiting.count(), 1);
        // Given up by their callers, they leave nothing behind.
        begun.clear();
        let entries = throttle.lock();
        assert_eq!((entries.by_text.len(), entries.waiting), (0, 0));
    }

    #[test]
    fn few_wait_in_all() {
        let throttle = Throttle::default();
        let mut waiting = Vec::new();
        for number in 0..100 {
            let email = format!("{number}@example.com");
            for _ in 0..3 {
                throttle.begin(&email, at(10)).ok().unwrap().fail(at(10));
            }
            waiting.extend(throttle.begin(&email, at(10)).ok());
        }
        assert_eq!(waiting.len(), MOST_WAITING);
        let other = throttle.begin("other@example.com", at(10));
        assert!(other.is_ok_and(|other| other.waits.is_zero()));
    }
}
