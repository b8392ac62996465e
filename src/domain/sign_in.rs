//! The second door: whether a code opens it, and what has to be written down either way.
//!
//! One function decides for every endpoint that takes a code of an active factor, so that all share
//! one last-used step and one count of failures.

use super::enrolment::Factor;
use super::lockout::{Gate, Lockout, NearMiss};
use super::recovery::{RecoveryCode, RecoveryCodes};
use super::secret::{Secret, SecretText};
use super::time::Now;
use super::totp::{Code, Generator, Window};

/// Seconds on each side within which a wrong code is recognised as a matter of clocks.
pub const DRIFT_SECONDS: u64 = 600;

/// What a person entered, as far as its shape tells.
pub enum Entered {
    /// As many digits as the factor has.
    Totp(Code),
    /// Sixteen characters of base32.
    Recovery(RecoveryCode),
    /// Neither: it cannot be right, and counts as a try.
    Nonsense,
}

impl Entered {
    /// Reads `text`; recovery codes only where they are taken.
    pub fn parse(text: &SecretText, digits: u8, takes_recovery: bool) -> Self {
        if let Some(code) = Code::parse(text.expose(), digits) {
            return Self::Totp(code);
        }
        match RecoveryCode::parse(text.expose()) {
            Some(code) if takes_recovery => Self::Recovery(code),
            _ => Self::Nonsense,
        }
    }
}

/// The verdict on one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Right, and used up.
    Accepted {
        /// Whether it was a recovery code.
        recovery: bool,
        /// Whether it lifted a lock.
        lifted_lock: bool,
    },
    /// Right, but used before; not counted.
    AlreadyUsed,
    /// Wrong, and counted; `drift` once two different codes agree on one.
    Wrong {
        /// How far off the phone's clock is.
        drift: Option<NearMiss>,
        /// Whether this one locked the second factor.
        locked: bool,
    },
    /// Not looked at: so many seconds to wait.
    Wait(u64),
    /// Not looked at: the second factor is locked.
    Locked,
}

/// The records that a verdict changes; the caller writes them back whatever the verdict.
pub struct Records<'a> {
    /// The active factor.
    pub factor: &'a mut Factor,
    /// The count of wrong codes.
    pub lockout: &'a mut Lockout,
    /// The recovery codes.
    pub recovery: &'a mut RecoveryCodes,
}

/// What the check needs beside the records.
pub struct Means<'a> {
    /// Generates the factor's codes.
    pub generator: &'a Generator,
    /// Which steps are accepted.
    pub window: Window,
    /// Hashes recovery codes.
    pub recovery_key: &'a Secret<32>,
    /// Whose codes they are.
    pub user: u64,
}

/// Checks one code and changes the records accordingly.
pub fn check(records: &mut Records<'_>, entered: &Entered, means: &Means<'_>, now: Now) -> Verdict {
    match entered {
        Entered::Recovery(code) => check_recovery(records, code, means, now),
        Entered::Totp(code) => match records.lockout.gate(now) {
            Gate::Open => check_totp(records, code, means, now),
            closed => closed_verdict(closed),
        },
        Entered::Nonsense => match records.lockout.gate(now) {
            Gate::Open => wrong(records.lockout, None, now),
            closed => closed_verdict(closed),
        },
    }
}

fn closed_verdict(gate: Gate) -> Verdict {
    match gate {
        Gate::Wait(seconds) => Verdict::Wait(seconds),
        Gate::Locked | Gate::Open => Verdict::Locked,
    }
}

fn check_totp(records: &mut Records<'_>, code: &Code, means: &Means<'_>, now: Now) -> Verdict {
    let current = means.generator.step_at(now.unix_seconds);
    let oldest = current.saturating_sub(means.window.past_steps);
    let newest = current.saturating_add(means.window.future_steps);
    match means.generator.newest_match(code, oldest, newest) {
        Some(step) if step > records.factor.last_step => {
            records.factor.last_step = step;
            Verdict::Accepted {
                recovery: false,
                lifted_lock: records.lockout.clear(),
            }
        }
        Some(_) => Verdict::AlreadyUsed,
        None => {
            let miss = near_miss(means.generator, code, current);
            wrong(records.lockout, miss, now)
        }
    }
}

fn check_recovery(
    records: &mut Records<'_>,
    code: &RecoveryCode,
    means: &Means<'_>,
    now: Now,
) -> Verdict {
    if let Gate::Wait(seconds) = records.lockout.recovery_gate(now) {
        return Verdict::Wait(seconds);
    }
    if records
        .recovery
        .consume(code, means.recovery_key, means.user)
    {
        return Verdict::Accepted {
            recovery: true,
            lifted_lock: records.lockout.clear(),
        };
    }
    let was_locked = records.lockout.is_locked();
    records.lockout.fail_recovery(now);
    Verdict::Wrong {
        drift: None,
        locked: !was_locked && records.lockout.is_locked(),
    }
}

fn wrong(lockout: &mut Lockout, miss: Option<NearMiss>, now: Now) -> Verdict {
    // One near miss may be chance, or a guesser's; two successive codes that agree are a phone.
    let agrees = |(before, this): (NearMiss, NearMiss)| {
        this.step > before.step && (this.offset_steps - before.offset_steps).abs() <= 1
    };
    let drift = lockout
        .near_miss
        .zip(miss)
        .filter(|pair| agrees(*pair))
        .map(|(_, this)| this);
    lockout.fail(miss, now);
    Verdict::Wrong {
        drift,
        locked: lockout.is_locked(),
    }
}

/// Finds the step within ten minutes whose code this is, the nearest first.
pub fn near_miss(generator: &Generator, code: &Code, current: u64) -> Option<NearMiss> {
    let reach = DRIFT_SECONDS / generator.period_seconds();
    let before = generator.newest_match(code, current.saturating_sub(reach), current);
    let after = generator.newest_match(code, current, current.saturating_add(reach));
    let offset = |step: u64| {
        i64::try_from(step)
            .unwrap_or(i64::MAX)
            .saturating_sub(i64::try_from(current).unwrap_or(i64::MAX))
    };
    [before, after]
        .into_iter()
        .flatten()
        .min_by_key(|step| offset(*step).abs())
        .map(|step| NearMiss {
            offset_steps: offset(step),
            step,
        })
}
