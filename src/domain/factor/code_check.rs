//! The check of a code of an active second factor, and what has to be written down either way.
//!
//! One function decides for every endpoint that takes such a code, so that all share one last-used
//! step and one count of failures.

use super::enrolment::Factor;
use super::lockout::{Gate, Lockout};
use super::near_miss::NearMiss;
use super::recovery::{RecoveryCode, RecoveryCodes};
use super::totp::{Code, Generator, Window};
use crate::domain::secret::{Secret, SecretText};
use crate::domain::time::Now;

/// What a person entered, by its shape.
pub enum EnteredCode {
    /// As many digits as the factor has.
    Totp(Code),
    /// Sixteen characters of base32.
    Recovery(RecoveryCode),
    /// Neither; it counts as a wrong code.
    Malformed,
}

impl EnteredCode {
    /// Reads `text`; recovery codes only where they are taken.
    pub fn parse(text: &SecretText, digits: u8, takes_recovery: bool) -> Self {
        if let Some(code) = Code::parse(text.expose(), digits) {
            return Self::Totp(code);
        }
        match RecoveryCode::parse(text.expose()) {
            Some(code) if takes_recovery => Self::Recovery(code),
            _ => Self::Malformed,
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

/// Checks the codes of one person.
pub struct CodeVerifier<'a> {
    /// Generates the factor's codes.
    pub generator: &'a Generator,
    /// Which steps are accepted.
    pub window: Window,
    /// Hashes recovery codes.
    pub recovery_key: &'a Secret<32>,
    /// Whose codes they are.
    pub user: u64,
}

impl CodeVerifier<'_> {
    /// Checks one code and changes the records accordingly.
    pub fn check(&self, records: &mut Records<'_>, entered: &EnteredCode, now: Now) -> Verdict {
        match entered {
            EnteredCode::Recovery(code) => self.check_recovery(records, code, now),
            EnteredCode::Totp(code) => match records.lockout.gate(now) {
                Gate::Open => self.check_totp(records, code, now),
                closed => closed_verdict(closed),
            },
            EnteredCode::Malformed => match records.lockout.gate(now) {
                Gate::Open => wrong(records.lockout, None, now),
                closed => closed_verdict(closed),
            },
        }
    }

    fn check_totp(&self, records: &mut Records<'_>, code: &Code, now: Now) -> Verdict {
        let current = self.generator.step_at(now.unix_seconds);
        let oldest = current.saturating_sub(self.window.past_steps);
        let newest = current.saturating_add(self.window.future_steps);
        match self.generator.newest_match(code, oldest, newest) {
            Some(step) if step > records.factor.last_step => {
                records.factor.last_step = step;
                Verdict::Accepted {
                    recovery: false,
                    lifted_lock: records.lockout.clear(),
                }
            }
            Some(_) => Verdict::AlreadyUsed,
            None => {
                let miss = NearMiss::find(self.generator, code, current);
                wrong(records.lockout, miss, now)
            }
        }
    }

    fn check_recovery(&self, records: &mut Records<'_>, code: &RecoveryCode, now: Now) -> Verdict {
        if let Gate::Wait(seconds) = records.lockout.recovery_gate(now) {
            return Verdict::Wait(seconds);
        }
        if records.recovery.consume(code, self.recovery_key, self.user) {
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
}

fn closed_verdict(gate: Gate) -> Verdict {
    match gate {
        Gate::Wait(seconds) => Verdict::Wait(seconds),
        Gate::Locked | Gate::Open => Verdict::Locked,
    }
}

fn wrong(lockout: &mut Lockout, miss: Option<NearMiss>, now: Now) -> Verdict {
    let drift = lockout
        .near_miss
        .zip(miss)
        .filter(|(before, this)| this.confirms(*before))
        .map(|(_, this)| this);
    lockout.fail(miss, now);
    Verdict::Wrong {
        drift,
        locked: lockout.is_locked(),
    }
}
