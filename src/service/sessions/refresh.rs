//! Refresh: a refresh token is exchanged for new tokens; and sign-out.

use super::Sessions;
use super::endings::Cause;
use super::tokens::{Granted, Tokens};
use crate::domain::audit::{Action, Actor};
use crate::domain::impersonation::End;
use crate::domain::opaque_token::RefreshToken;
use crate::domain::secret::SecretText;
use crate::domain::session::{RefreshVerdict, Stage};
use crate::service::core::context::{Client, actor_of};
use crate::service::core::error::{Error, Stop};
use crate::service::core::identify::Proof;

impl Sessions {
    /// Exchanges a refresh token for new tokens. The same token again within ten seconds, its
    /// successor not used, gets the same successor; any other used one ends the session.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for a token that is not good; the stages' errors if more than a
    /// refresh is needed.
    pub async fn refresh(&self, token: &SecretText, client: &Client) -> Result<Tokens, Error> {
        let key = &self.core.foundation.keys.refresh;
        let token = RefreshToken::parse(token.expose(), key).ok_or(Error::Unauthorized)?;
        let RefreshToken {
            session: id,
            counter,
        } = token;
        let granted = self.core.run(client, move |context, write| {
            let mut session = write.session(id)?.ok_or(Error::Unauthorized)?;
            let user = write.user(session.user)?.ok_or(Error::Unauthorized)?;
            let settings = &context.foundation.settings;
            let presented = session.present_refresh(counter, settings.lifetimes, context.now);
            match presented {
                RefreshVerdict::Unknown => Err(Error::Unauthorized)?,
                RefreshVerdict::Reused => {
                    let cause = Cause {
                        actor: &Actor::Service,
                        how: End::Revoked,
                    };
                    context.end_session(write, session.user, id, cause)?;
                    let event = context.event_in(id, Action::RefreshReused, session.user);
                    context.audit(write, &event)?;
                    return Err(Stop::Recorded(Error::Unauthorized));
                }
                RefreshVerdict::Current | RefreshVerdict::Retried if user.is_archived() => {
                    Err(Error::Unauthorized)?;
                }
                RefreshVerdict::Current | RefreshVerdict::Retried => {}
            }
            let has_factor = write.factor(session.user)?.is_some();
            match session.standing(&user, has_factor, settings.policy, context.now) {
                Stage::Pending => Err(Error::SecondFactorRequired)?,
                Stage::Enrolment => Err(Error::EnrolmentRequired)?,
                Stage::Full | Stage::Impersonation => {}
            }
            if presented == RefreshVerdict::Current {
                session.rotate(context.now);
                session.address.clone_from(&context.client.address);
                write.put_session(id, &session)?;
            }
            Ok(Granted {
                user,
                session,
                has_factor,
            })
        });
        self.core.full_tokens(&granted.await?)
    }

    /// Ends the caller's session, or all sessions of the caller.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if the session has ended already.
    pub async fn sign_out(
        &self,
        proof: &Proof,
        everywhere: bool,
        client: &Client,
    ) -> Result<(), Error> {
        let proof = proof.uncounted();
        let act = self
            .core
            .act_as_self(&proof, client, move |context, write, state| {
                let user = state.user.id;
                let cause = Cause {
                    actor: &actor_of(&state.session),
                    how: End::SignedOut,
                };
                if everywhere {
                    // The target's word, while the cause below is about what they began themselves.
                    context.end_impersonations_of(write, &state)?;
                    let ended = context.end_sessions(write, user, None, cause)?;
                    let detail = format!("{ended} sessions");
                    context.log(write, &state, Action::SignedOut, &detail)?;
                } else {
                    context.end_session(write, user, state.session.id, cause)?;
                    context.log(write, &state, Action::SignedOut, "")?;
                }
                Ok(())
            });
        act.await
    }
}
