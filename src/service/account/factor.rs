//! A second factor that is on: switch it off, renew its recovery codes. Both need a fresh code.

use super::Account;
use crate::domain::audit::Action;
use crate::domain::recovery::ENTROPY_BYTES;
use crate::domain::secret::{Secret, SecretText};
use crate::service::core::context::{Client, Context};
use crate::service::core::error::{Decision, Error};
use crate::service::core::identify::{Proof, SessionState};
use crate::store::Write;

impl Account {
    /// Switches the caller's second factor off; seed and recovery codes are gone, and the user's
    /// other sessions end.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotEnabled`], [`Error::TwoFactorRequired`], [`Error::FreshCodeRequired`],
    /// and what a code that was sent can fail with.
    pub async fn disable(
        &self,
        proof: &Proof,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, mut state| {
                require_on(&state)?;
                if context
                    .foundation
                    .settings
                    .policy
                    .forbids_disabling(&state.user)
                {
                    Err(Error::TwoFactorRequired)?;
                }
                require_unlocked(write, &state)?;
                freshen(context, write, &mut state, code.as_ref())?;
                let user = state.user.id;
                write.delete_factor(user)?;
                write.delete_recovery_codes(user)?;
                write.delete_pending_factor(state.session.id)?;
                let ended = context.end_others(write, &state.session)?;
                context.sweep_impersonations(write)?;
                let detail = format!("{ended} other sessions ended");
                context.log(write, &state, Action::FactorDisabled, &detail)?;
                Ok(())
            });
        act.await
    }

    /// Makes new recovery codes; the old ones are void.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotEnabled`], [`Error::FreshCodeRequired`], and what a code that was sent
    /// can fail with.
    pub async fn renew_recovery_codes(
        &self,
        proof: &Proof,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Vec<SecretText>, Error> {
        let entropy: Secret<ENTROPY_BYTES> = self.core.random_secret()?;
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, mut state| {
                require_on(&state)?;
                freshen(context, write, &mut state, code.as_ref())?;
                let texts = context.renew_codes(write, state.user.id, &entropy)?;
                context.log(write, &state, Action::RecoveryCodesRenewed, "")?;
                Ok(texts)
            });
        act.await
    }
}

fn require_on(state: &SessionState) -> Result<(), Error> {
    match state.factor {
        Some(_) => Ok(()),
        None => Err(Error::TwoFactorNotEnabled),
    }
}

/// A factor that is locked stays as it is: a fresh session would get around the lock otherwise.
fn require_unlocked(write: &Write<'_>, state: &SessionState) -> Decision<()> {
    let lockout = write.lockout(state.user.id)?;
    if lockout.is_some_and(|lockout| lockout.is_locked()) {
        Err(Error::SecondFactorLocked)?;
    }
    Ok(())
}

fn freshen(
    context: Context<'_>,
    write: &mut Write<'_>,
    state: &mut SessionState,
    code: Option<&SecretText>,
) -> Decision<()> {
    context.require_fresh(write, state, code)?;
    write.put_session(state.session.id, &state.session)?;
    Ok(())
}
