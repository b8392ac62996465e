//! Pausing sign-ins: every way to a new session is shut, from both doors, and sessions go on. Kept in
//! the store until it is ended, and mirrored in memory for the way of a sign-in.

use super::Entry;
use crate::domain::audit::Action;
use crate::domain::pause::Pause;
use crate::domain::secret::SecretText;
use crate::service::core::acting::Requester;
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
use crate::store::Write;

impl Entry {
    /// Pauses sign-ins, or ends the pause; an Admin with a fresh code may, and the operator. Asking for what is so already changes nothing.
    ///
    /// # Errors
    /// [`Error::FreshCodeRequired`], [`Error::TwoFactorNotEnabled`], and what a code that was sent can
    /// fail with.
    pub async fn set_sign_ins_paused(
        &self,
        requester: &Requester,
        paused: bool,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Pause, Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            acting.require_fresh(write, code.as_ref())?;
            let before = write.pause()?.unwrap_or_default();
            if before.is_on() == paused {
                return Ok(before);
            }
            let after = Pause {
                since: paused.then_some(acting.context.now.unix_seconds),
            };
            write.put_pause(&after)?;
            let action = if paused {
                Action::SignInsPaused
            } else {
                Action::SignInsResumed
            };
            acting.log(write, action, None, "")?;
            Ok(after)
        });
        let pause = act.await?;
        self.pause.follow(|| self.pause())?;
        Ok(pause)
    }

    /// Whether sign-ins are paused, and since when.
    ///
    /// # Errors
    /// If the store is not there at the moment.
    pub fn pause(&self) -> Result<Pause, Error> {
        Ok(self
            .core
            .store
            .read(|read| read.pause())?
            .unwrap_or_default())
    }

    /// Lets a sign-in or the making of an account begin, before any work is done for it. What has begun
    /// asks [`require_none`] again where it is decided: a pause may have come while its password was
    /// computed.
    ///
    /// # Errors
    /// [`Error::SignInsPaused`].
    pub(in crate::service) fn admit_sign_in(&self) -> Result<(), Error> {
        if self.pause.is_on() {
            return Err(Error::SignInsPaused);
        }
        Ok(())
    }
}

/// Refuses while sign-ins are paused, as the job sees it that is about to open a session.
///
/// # Errors
/// [`Error::SignInsPaused`].
pub(in crate::service) fn require_none(write: &Write<'_>) -> Decision<()> {
    if write.pause()?.unwrap_or_default().is_on() {
        Err(Error::SignInsPaused)?;
    }
    Ok(())
}
