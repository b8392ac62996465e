//! What has lapsed: records that are of no use any more, and how long the audit log reaches
//! back.

use super::enrolment::PendingFactor;
use super::impersonation::Past;
use super::invitation::{self, Invitation};
use super::link::{self, PasswordLink};
use super::notice::Notice;
use super::session::{ENROLMENT_SECONDS, Lifetimes, PENDING_SECONDS, Session, Stage};
use super::time::{Now, Stamp};
use jiff::civil::Time;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

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

/// A record that is of no use after a while.
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
/// whose newest event was at `newest`; `None` while the clock is not trusted enough to cut anything.
/// Whole months by the calendar, so that a log is cut once a month and not every minute.
pub fn audit_begins_at(newest: u64, months: u32, now: Now) -> Option<u64> {
    if now.unix_seconds > newest.saturating_add(SILENCE_SECONDS) {
        return None;
    }
    let now = Timestamp::from_second(i64::try_from(now.unix_seconds).ok()?).ok()?;
    let kept = Span::new().try_months(months).ok()?;
    let this_month = Offset::UTC.to_datetime(now).date().first_of_month();
    let first = this_month.checked_sub(kept).ok()?;
    let first = Offset::UTC.to_timestamp(first.to_datetime(Time::midnight()));
    u64::try_from(first.ok()?.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> u64 {
        let time: Timestamp = format!("{text}T00:00:00Z").parse().unwrap();
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
    fn a_clock_that_leapt_cuts_nothing() {
        let now = Now {
            unix_seconds: at("2040-01-01"),
            monotonic_milliseconds: 0,
            run: 1,
        };
        assert_eq!(audit_begins_at(at("2026-06-01"), 13, now), None);
    }
}
