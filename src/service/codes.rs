//! The check of a code inside a transaction: read the records, let `domain` decide, write them back,
//! audit. Every endpoint that takes a code of an active factor comes through here.

use super::error::Decision;
use super::identify::Current;
use super::{Client, CodeProblem, Error, Foundation, actor_of, event, in_session};
use crate::domain::audit::{Action, Event};
use crate::domain::code_check::{CodeVerifier, EnteredCode, Records, Verdict};
use crate::domain::enrolment::{Factor, PendingFactor};
use crate::domain::notice::NoticeKind;
use crate::domain::recovery::RecoveryCodes;
use crate::domain::seal::{self, Place, Sealed};
use crate::domain::secret::{Secret, SecretText};
use crate::domain::time::Now;
use crate::domain::totp::{Generator, Seed};
use crate::store::{StoreError, Write};

/// When and from where something is done.
pub(super) struct Circumstances<'a> {
    pub(super) foundation: &'a Foundation,
    pub(super) client: &'a Client,
    pub(super) now: Now,
}

/// A code that was accepted.
pub(super) struct Accepted {
    /// Recovery codes left, if it was one.
    pub(super) recovery_codes_left: Option<u32>,
}

impl Circumstances<'_> {
    /// Checks a code of the current user's active factor, or, where `takes_recovery`, a recovery
    /// code; on success it is used up, and `current.user` may have been changed and written.
    pub(super) fn check_code(
        &self,
        write: &mut Write<'_>,
        current: &mut Current,
        text: &SecretText,
        takes_recovery: bool,
    ) -> Decision<Accepted> {
        let Some(factor) = current.factor.as_mut() else {
            return Ok(Err(Error::TwoFactorNotEnabled));
        };
        let user = current.user.id;
        let entered = EnteredCode::parse(text, factor.parameters.digits, takes_recovery);
        let mut recovery = match entered {
            EnteredCode::Recovery(_) => write.recovery_codes(user)?,
            _ => None,
        }
        .unwrap_or_else(RecoveryCodes::none);
        let kept = write.lockout(user)?.unwrap_or_default();
        let mut lockout = kept.clone();
        let seed = self.foundation.open_active(user.0, factor)?;
        let verifier = CodeVerifier {
            generator: &Generator::new(&seed, factor.parameters),
            window: self.foundation.settings.window,
            recovery_key: &self.foundation.keys.recovery,
            user: user.0,
        };
        let period_seconds = factor.parameters.period_seconds;
        let mut records = Records {
            factor,
            lockout: &mut lockout,
            recovery: &mut recovery,
        };
        let verdict = verifier.check(&mut records, &entered, self.now);
        if let Verdict::Accepted { recovery: true, .. } = verdict {
            write.put_recovery_codes(user, &recovery)?;
        } else if matches!(verdict, Verdict::Accepted { .. }) {
            write.put_factor(user, factor)?;
        }
        if lockout != kept {
            write.keep_lockout(user, &lockout)?;
        }
        self.conclude(write, current, &verdict, recovery.left(), period_seconds)
    }

    fn conclude(
        &self,
        write: &mut Write<'_>,
        current: &mut Current,
        verdict: &Verdict,
        left: u32,
        period_seconds: u64,
    ) -> Decision<Accepted> {
        match *verdict {
            Verdict::Accepted {
                recovery,
                lifted_lock,
            } => {
                if lifted_lock {
                    current.user.must_change_password = true;
                    write.put_user(current.user.id, &current.user)?;
                    self.log(write, current, Action::FactorUnlocked, "by a recovery code")?;
                    self.foundation.sweep_impersonations(write, self.now)?;
                }
                if recovery {
                    self.log(
                        write,
                        current,
                        Action::RecoveryCodeUsed,
                        &format!("{left} left"),
                    )?;
                    let notice = NoticeKind::RecoveryCodeUsed { left };
                    write.notify(current.user.id, notice, self.now.unix_seconds)?;
                }
                Ok(Ok(Accepted {
                    recovery_codes_left: recovery.then_some(left),
                }))
            }
            Verdict::AlreadyUsed => {
                self.log(write, current, Action::CodeReplayed, "")?;
                Ok(Err(Error::InvalidCode(CodeProblem::AlreadyUsed)))
            }
            Verdict::Wrong { drift, locked } => {
                self.log(write, current, Action::CodeRefused, "")?;
                if locked {
                    self.log(write, current, Action::FactorLocked, "")?;
                }
                let problem = CodeProblem::of(drift, period_seconds);
                Ok(Err(Error::InvalidCode(problem)))
            }
            // Not looked at and not counted, so that no flood of them fills the log either.
            Verdict::Wait(seconds) => Ok(Err(Error::TooManyAttempts(seconds))),
            Verdict::Locked => Ok(Err(Error::SecondFactorLocked)),
        }
    }

    /// Makes sure that the session is fresh: a code that was sent is checked in any case and makes
    /// it so; without one the last code must be young enough.
    pub(super) fn require_fresh(
        &self,
        write: &mut Write<'_>,
        current: &mut Current,
        code: Option<&SecretText>,
    ) -> Decision<()> {
        if let Some(code) = code {
            let checked = self.check_code(write, current, code, false)?;
            return Ok(checked.map(|_| current.session.freshen(self.now)));
        }
        Ok(if current.session.has_fresh_code(self.now) {
            Ok(())
        } else {
            Err(Error::FreshCodeRequired)
        })
    }

    /// Appends an event in the current session.
    pub(super) fn log(
        &self,
        write: &mut Write<'_>,
        current: &Current,
        action: Action,
        detail: &str,
    ) -> Result<(), StoreError> {
        let event = event(action, current.user.id, self.client, self.now);
        let event = Event {
            actor: actor_of(&current.session),
            detail: detail.to_owned(),
            ..in_session(event, current.session.id)
        };
        self.foundation.audit(write, &event)
    }
}

impl Foundation {
    /// Seals a seed for a user's factor of a generation.
    pub(super) fn seal_seed(
        &self,
        user: u64,
        generation: u64,
        seed: &Seed,
        nonce: [u8; 24],
    ) -> Result<Sealed, StoreError> {
        let place = self.seed_place(user, generation);
        seal::seal(&self.keys.sealing, nonce, place, seed.expose())
            .ok_or_else(|| StoreError::Refused("a seed could not be sealed".into()))
    }

    /// Opens the seed of an active factor.
    pub(super) fn open_active(&self, user: u64, factor: &Factor) -> Result<Seed, StoreError> {
        self.open_seed(user, factor.generation, &factor.seed)
    }

    /// Opens the seed of a pending factor.
    pub(super) fn open_pending(
        &self,
        user: u64,
        pending: &PendingFactor,
    ) -> Result<Seed, StoreError> {
        self.open_seed(user, pending.generation, &pending.seed)
    }

    fn open_seed(&self, user: u64, generation: u64, sealed: &Sealed) -> Result<Seed, StoreError> {
        let place = self.seed_place(user, generation);
        seal::open(&self.keys.sealing, place, sealed)
            .and_then(|bytes| Secret::from_slice(&bytes))
            .ok_or_else(|| StoreError::Damaged(format!("the seed of user {user} does not open")))
    }

    fn seed_place(&self, user: u64, generation: u64) -> Place<'_> {
        Place {
            install: &self.keys.install,
            table: "factors",
            user,
            record: b"seed",
            generation,
        }
    }
}
