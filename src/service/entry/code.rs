//! `authenticate`: the code that finishes a sign-in, or makes a full session fresh.

use super::{Entry, pause};
use crate::domain::audit::Action;
use crate::domain::notice::NoticeKind;
use crate::domain::secret::SecretText;
use crate::service::core::context::Client;
use crate::service::core::error::Error;
use crate::service::core::identify::{Proof, SessionState};
use crate::service::sessions::tokens::{Granted, Tokens};
use crate::store::{StoreError, Write};

/// The answer to a right code.
pub struct Authenticated {
    /// The session's new tokens.
    pub tokens: Tokens,
    /// Recovery codes left, if the code was one.
    pub recovery_codes_left: Option<u32>,
}

impl Entry {
    /// Checks a code, uses it up, and makes the caller's session full and fresh.
    ///
    /// # Errors
    /// [`Error::InvalidCode`], [`Error::TooManyAttempts`], [`Error::SecondFactorLocked`],
    /// [`Error::TwoFactorNotEnabled`], [`Error::SignInsPaused`] where the code would finish a sign-in,
    /// and what a job finds out about the session.
    pub async fn authenticate(
        &self,
        proof: &Proof,
        code: SecretText,
        client: &Client,
    ) -> Result<Authenticated, Error> {
        let proof = proof.uncounted();
        let act = self
            .core
            .act_as_self(&proof, client, move |context, write, mut state| {
                let finishes = state.session.stage_token.is_some();
                if finishes {
                    pause::require_none(write)?;
                }
                let accepted = context.check_code(write, &mut state, &code, true)?;
                state.session.lift(context.now);
                state.session.address.clone_from(&context.client.address);
                write.put_session(state.session.id, &state.session)?;
                if finishes {
                    context.log(write, &state, Action::SignedIn, "")?;
                    tell_of_failures(write, &state, context.now.unix_seconds)?;
                } else {
                    context.log(write, &state, Action::SteppedUp, "")?;
                }
                let granted = Granted {
                    user: state.user,
                    session: state.session,
                    has_factor: true,
                };
                Ok((granted, accepted.recovery_codes_left))
            });
        let (granted, recovery_codes_left) = act.await?;
        Ok(Authenticated {
            tokens: self.core.full_tokens(&granted)?,
            recovery_codes_left,
        })
    }
}

/// Tells the owner of wrong codes since the last finished sign-in, and begins to count anew.
fn tell_of_failures(
    write: &mut Write<'_>,
    state: &SessionState,
    at: u64,
) -> Result<(), StoreError> {
    let user = state.user.id;
    let Some(mut lockout) = write.lockout(user)? else {
        return Ok(());
    };
    let count = std::mem::take(&mut lockout.failed_since_sign_in);
    if count > 0 {
        write.notify(user, NoticeKind::FailedCodes { count }, at)?;
    }
    write.keep_lockout(user, &lockout)
}
