//! `authenticate`: the code that finishes a sign-in, or makes a full session fresh.

use super::identify::Proof;
use super::tokens::{Granted, Tokens};
use super::{Client, Error, Services, pause};
use crate::domain::audit::Action;
use crate::domain::notice::NoticeKind;
use crate::domain::secret::SecretText;
use std::sync::Arc;

/// The answer to a right code.
pub struct Authenticated {
    /// The session's new tokens.
    pub tokens: Tokens,
    /// Recovery codes left, if the code was one.
    pub recovery_codes_left: Option<u32>,
}

impl Services {
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
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (proof.clone(), client.clone());
        let job = move |write: &mut crate::store::Write<'_>| {
            let mut current = match foundation.recheck(write, &proof, now)? {
                Ok(current) => current,
                Err(error) => return Ok(Err(error)),
            };
            if current.session.stage_token.is_some() && pause::is_on(write)? {
                return Ok(Err(Error::SignInsPaused));
            }
            let here = foundation.circumstances(&client, now);
            let accepted = match here.check_code(write, &mut current, &code, true)? {
                Ok(accepted) => accepted,
                Err(error) => return Ok(Err(error)),
            };
            let finishes = current.session.stage_token.is_some();
            current.session.lift(now);
            current.session.address.clone_from(&client.address);
            write.put_session(current.session.id, &current.session)?;
            if finishes {
                here.log(write, &current, Action::SignedIn, "")?;
                tell_of_failures(write, &current, now.unix_seconds)?;
            } else {
                here.log(write, &current, Action::SteppedUp, "")?;
            }
            let granted = Granted {
                user: current.user,
                session: current.session,
                has_factor: true,
            };
            Ok(Ok((granted, accepted.recovery_codes_left)))
        };
        let (granted, recovery_codes_left) = self.decide(job).await?;
        Ok(Authenticated {
            tokens: self.full_tokens(&granted)?,
            recovery_codes_left,
        })
    }
}

/// Tells the owner of wrong codes since the last finished sign-in, and begins to count anew.
fn tell_of_failures(
    write: &mut crate::store::Write<'_>,
    current: &super::identify::Current,
    at: u64,
) -> Result<(), crate::store::StoreError> {
    let user = current.user.id;
    let Some(mut lockout) = write.lockout(user)? else {
        return Ok(());
    };
    let count = std::mem::take(&mut lockout.failed_since_sign_in);
    if count > 0 {
        write.notify(user, NoticeKind::FailedCodes { count }, at)?;
    }
    write.keep_lockout(user, &lockout)
}
