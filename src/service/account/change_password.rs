//! The change of one's own password.

use super::Account;
use crate::domain::audit::Action;
use crate::domain::secret::SecretText;
use crate::service::core::context::{Client, Context};
use crate::service::core::error::Error;
use crate::service::core::identify::{Caller, SessionState};
use crate::service::sessions::tokens::{Granted, Tokens};
use crate::store::Write;
use std::sync::Arc;

impl Account {
    /// Changes the caller's password; the user's other sessions end, and this one's tokens change.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for a wrong current one, [`Error::WeakPassword`],
    /// [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: SecretText,
        new: SecretText,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Tokens, Error> {
        let stale = caller.has_factor && !caller.session.has_fresh_code(self.core.now());
        if stale && code.is_none() {
            return Err(Error::FreshCodeRequired);
        }
        let checked = self.entry.check_own_password(&caller.user, current, client);
        let kept = checked.await?;
        let personal = caller.user.personal_words();
        let hash = self.entry.hash_new_password(new, personal).await?;
        let material = Arc::new(self.core.session_material()?);
        let job_material = Arc::clone(&material);
        let act = move |context: Context<'_>, write: &mut Write<'_>, mut state: SessionState| {
            let user = state.user.id;
            if write.password(user)?.as_ref() != Some(&kept) {
                Err(Error::InvalidCredentials)?;
            }
            if state.factor.is_some() {
                context.require_fresh(write, &mut state, code.as_ref())?;
            }
            let hash = hash.bind(user, &context.foundation.pepper);
            write.put_password(user, &hash)?;
            write.delete_password_link(user)?;
            state.user.must_change_password = false;
            write.put_user(user, &state.user)?;
            state.session.password_at = context.now.stamp();
            match state.session.stage_token {
                Some(token) => {
                    state.session.stage_token = Some(job_material.stage_token(token.stage));
                }
                None => state.session.rotate(context.now),
            }
            write.put_session(state.session.id, &state.session)?;
            let ended = context.end_others(write, &state.session)?;
            let detail = format!("{ended} other sessions ended");
            context.log(write, &state, Action::PasswordChanged, &detail)?;
            Ok(Granted {
                has_factor: state.factor.is_some(),
                user: state.user,
                session: state.session,
            })
        };
        let granted = self.core.act_as_self(&caller.proof, client, act).await?;
        self.core.tokens_of(&granted, &material)
    }
}
