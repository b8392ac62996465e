//! The check of a code inside a transaction: read the records, let `domain` decide, write them back,
//! audit. Every endpoint that takes a code of an active factor comes through here.

use super::context::{Context, Foundation, actor_of};
use super::error::{CodeProblem, Decision, Error, Stop};
use super::identify::SessionState;
use crate::domain::audit::{Action, Event};
use crate::domain::code_check::{CodeVerifier, EnteredCode, Records, Verdict};
use crate::domain::enrolment::{Factor, PendingFactor};
use crate::domain::notice::NoticeKind;
use crate::domain::recovery::RecoveryCodes;
use crate::domain::seal::{self, Place, Sealed};
use crate::domain::secret::{Secret, SecretText};
use crate::domain::totp::{Generator, Seed};
use crate::store::{StoreError, Write};

/// A code that was accepted.
pub struct Accepted {
    /// Recovery codes left, if it was one.
    pub recovery_codes_left: Option<u32>,
}

impl Context<'_> {
    /// Checks a code of the owner's active factor, or, where `takes_recovery`, a recovery code; on
    /// success it is used up, and `state.user` may have been changed and written. A refusal stays on
    /// record, so nothing else may have been written before.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotEnabled`], [`Error::InvalidCode`], [`Error::TooManyAttempts`],
    /// [`Error::SecondFactorLocked`].
    pub fn check_code(
        &self,
        write: &mut Write<'_>,
        state: &mut SessionState,
        text: &SecretText,
        takes_recovery: bool,
    ) -> Decision<Accepted> {
        if write.has_written() {
            let text = "a code is checked before anything is written";
            Err(StoreError::Refused(text.into()))?;
        }
        let factor = state.factor.as_mut().ok_or(Error::TwoFactorNotEnabled)?;
        let user = state.user.id;
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
        self.conclude(write, state, &verdict, recovery.left(), period_seconds)
    }

    fn conclude(
        &self,
        write: &mut Write<'_>,
        state: &mut SessionState,
        verdict: &Verdict,
        left: u32,
        period_seconds: u64,
    ) -> Decision<Accepted> {
        let refusal = match *verdict {
            Verdict::Accepted {
                recovery,
                lifted_lock,
            } => {
                if lifted_lock {
                    state.user.must_change_password = true;
                    write.put_user(state.user.id, &state.user)?;
                    self.log(write, state, Action::FactorUnlocked, "by a recovery code")?;
                    self.sweep_impersonations(write)?;
                }
                if recovery {
                    let detail = format!("{left} left");
                    self.log(write, state, Action::RecoveryCodeUsed, &detail)?;
                    let notice = NoticeKind::RecoveryCodeUsed { left };
                    write.notify(state.user.id, notice, self.now.unix_seconds)?;
                }
                return Ok(Accepted {
                    recovery_codes_left: recovery.then_some(left),
                });
            }
            // Counted where the decision is known to be final.
            Verdict::AlreadyUsed => Error::InvalidCode(CodeProblem::AlreadyUsed),
            Verdict::Wrong { drift, locked } => {
                self.log(write, state, Action::CodeRefused, "")?;
                if locked {
                    self.log(write, state, Action::FactorLocked, "")?;
                }
                Error::InvalidCode(CodeProblem::of(drift, period_seconds))
            }
            // Not looked at and not counted, so that no flood of them fills the log either.
            Verdict::Wait(seconds) => Error::TooManyAttempts(seconds),
            Verdict::Locked => Error::SecondFactorLocked,
        };
        Err(Stop::Recorded(refusal))
    }

    /// Makes sure that the session is fresh: a code that was sent is checked in any case and makes
    /// it so; without one the last code must be young enough.
    ///
    /// # Errors
    /// [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub fn require_fresh(
        &self,
        write: &mut Write<'_>,
        state: &mut SessionState,
        code: Option<&SecretText>,
    ) -> Decision<()> {
        if let Some(code) = code {
            self.check_code(write, state, code, false)?;
            state.session.freshen(self.now);
            return Ok(());
        }
        if !state.session.has_fresh_code(self.now) {
            Err(Error::FreshCodeRequired)?;
        }
        Ok(())
    }

    /// Appends an event in the caller's session.
    pub fn log(
        &self,
        write: &mut Write<'_>,
        state: &SessionState,
        action: Action,
        detail: &str,
    ) -> Result<(), StoreError> {
        let event = Event {
            actor: actor_of(&state.session),
            detail: detail.to_owned(),
            ..self.event_in(state.session.id, action, state.user.id)
        };
        self.audit(write, &event)
    }
}

impl Foundation {
    /// Seals a seed for a user's factor of a generation.
    pub fn seal_seed(
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
    pub fn open_active(&self, user: u64, factor: &Factor) -> Result<Seed, StoreError> {
        self.open_seed(user, factor.generation, &factor.seed)
    }

    /// Opens the seed of a pending factor.
    pub fn open_pending(&self, user: u64, pending: &PendingFactor) -> Result<Seed, StoreError> {
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
