//! What has had its time: records that nobody can use any more, and how long the audit log reaches
//! back.

use super::enrolment::PendingFactor;
use super::impersonation::Past;
use super::invitation::{self, Invitation};
use super::link::{self, PasswordLink};
use super::notice::Notice;
use super::session::{ENROLMENT_SECONDS, Lifetimes, PENDING_SECONDS, Session, Stage};
use super::time::{Now, Stamp};

/// Seconds after which a notice lapses: thirteen months, as long as the audit log usually reaches.
const NOTICE_SECONDS: u64 = 396 * SECONDS_PER_DAY;
/// Seconds that the clock may have moved on since the newest event before it is doubted, and nothing
/// is cut off the audit log on its word.
const SILENCE_SECONDS: u64 = 45 * SECONDS_PER_DAY;
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// By which a record has lapsed or not.
#[derive(Clone, Copy)]
pub struct Horizon {
    /// The time.
    pub now: Now,
    /// The lifetimes in force.
    pub lifetimes: Lifetimes,
}

/// A record that nobody can use after a while.
pub trait Lapses {
    /// Whether that while is over. A moment in the future never has lapsed: the clock may be wrong.
    fn has_lapsed(&self, horizon: Horizon) -> bool;
}

fn is_over(stamp: Stamp, seconds: u64, now: Now) -> bool {
    stamp.unix_seconds <= now.unix_seconds && !stamp.is_within(seconds, now)
}

impl Lapses for Session {
    fn has_lapsed(&self, horizon: Horizon) -> bool {
        let Horizon { now, lifetimes } = horizon;
        // An impersonation's end is written into history and audit log, which is not done here.
        if self.impersonation.is_some() {
            return false;
        }
        let full = self.refresh.is_none()
            || is_over(self.password_at, lifetimes.refresh_absolute_seconds, now)
            || is_over(self.last_used, lifetimes.refresh_idle_seconds, now);
        let staged = match self.stage_token.map(|token| token.stage) {
            None => true,
            Some(Stage::Pending) => is_over(self.password_at, PENDING_SECONDS, now),
            Some(_) => is_over(self.password_at, ENROLMENT_SECONDS, now),
        };
        full && staged
    }
}

impl Lapses for PendingFactor {
    fn has_lapsed(&self, horizon: Horizon) -> bool {
        let now = horizon.now;
        self.generated.unix_seconds <= now.unix_seconds && !self.is_alive(now)
    }
}

impl Lapses for Notice {
    fn has_lapsed(&self, horizon: Horizon) -> bool {
        self.at.saturating_add(NOTICE_SECONDS) < horizon.now.unix_seconds
    }
}

impl Lapses for PasswordLink {
    fn has_lapsed(&self, horizon: Horizon) -> bool {
        is_over(self.made, link::LIFE_SECONDS, horizon.now)
    }
}

impl Lapses for Invitation {
    fn has_lapsed(&self, horizon: Horizon) -> bool {
        is_over(self.made, invitation::LIFE_SECONDS, horizon.now)
    }
}

impl Lapses for Past {
    fn has_lapsed(&self, horizon: Horizon) -> bool {
        let age_limit = self.until.saturating_add(NOTICE_SECONDS);
        self.ended.is_some() && age_limit < horizon.now.unix_seconds
    }
}

/// Unix seconds before which the audit log may be cut, for a log that keeps `months` whole months and
/// whose newest event was at `newest`; `None` while the clock's word is not enough to cut anything.
/// Whole months by the calendar, so that a log is cut once a month and not every minute.
pub fn audit_begins_at(newest: u64, months: u32, now: Now) -> Option<u64> {
    if now.unix_seconds > newest.saturating_add(SILENCE_SECONDS) {
        return None;
    }
    let (year, month) = month_of(now.unix_seconds / SECONDS_PER_DAY);
    let first = (year * 12 + (month - 1)).checked_sub(u64::from(months))?;
    days_before(first / 12, first % 12 + 1).map(|days| days * SECONDS_PER_DAY)
}

/// Year and month of a day counted from 1970-01-01.
fn month_of(days: u64) -> (u64, u64) {
    let mut year = 1970 + days / 366;
    while days_before(year + 1, 1).is_some_and(|first| first <= days) {
        year += 1;
    }
    let later = |month: &u64| days_before(year, *month).is_some_and(|first| first <= days);
    (year, (1..=12).rev().find(later).unwrap_or(1))
}

/// Days from 1970-01-01 to the first of a month; `None` before that.
fn days_before(year: u64, month: u64) -> Option<u64> {
    const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leaps_until = |year: u64| year / 4 - year / 100 + year / 400;
    let past = year.checked_sub(1970)?;
    let leaps = leaps_until(year - 1) - leaps_until(1969);
    let months = BEFORE.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    Some(past * 365 + leaps + months + u64::from(is_leap && month > 2))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "dates are plain digits")]
mod tests {
    use super::*;

    fn at(text: &str) -> u64 {
        let time: jiff::Timestamp = format!("{text}T00:00:00Z").parse().unwrap();
        u64::try_from(time.as_second()).unwrap()
    }

    fn begins(now: &str, months: u32) -> Option<u64> {
        let now = Now {
            unix_seconds: at(now) + 40_000,
            monotonic_milliseconds: 0,
            run: 1,
        };
        audit_begins_at(now.unix_seconds - 5, months, now)
    }

    #[test]
    fn the_log_begins_with_a_whole_month() {
        for (now, months, first) in [
            ("2026-06-17", 13, "2025-05-01"),
            ("2026-06-01", 1, "2026-05-01"),
            ("2026-01-31", 1, "2025-12-01"),
            ("2024-03-01", 1, "2024-02-01"),
            ("2024-02-29", 12, "2023-02-01"),
            ("2100-03-01", 12, "2099-03-01"),
            ("2027-12-31", 24, "2025-12-01"),
        ] {
            assert_eq!(begins(now, months), Some(at(first)), "{now} {months}");
        }
        assert_eq!(begins("1970-02-01", 13), None);
    }

    #[test]
    fn every_day_has_its_month() {
        for day in 0..60_000 {
            let seconds = i64::try_from(day * SECONDS_PER_DAY).unwrap();
            let date = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            let expected = (date[..4].parse().unwrap(), date[5..7].parse().unwrap());
            assert_eq!(month_of(day), expected, "{date}");
        }
    }

    #[test]
    fn a_clock_that_leapt_cuts_nothing() {
        let now = Now {
            unix_seconds: at("2040-01-01"),
            monotonic_milliseconds: 0,
            run: 1,
        };
        assert_eq!(audit_begins_at(at("2026-06-01"), 13, now), None);
    }
}
