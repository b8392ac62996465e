//! A person's own sessions, and who acted in their name.

use super::Sessions;
use super::endings::Cause;
use crate::domain::audit::Action;
use crate::domain::id::SessionId;
use crate::domain::impersonation::{End, Past};
use crate::domain::session::Session;
use crate::service::core::context::{Client, actor_of};
use crate::service::core::error::Error;
use crate::service::core::identify::{Caller, Proof};

/// A living session, with the entry in the history if it is an impersonation.
pub struct OwnSession {
    /// The session.
    pub session: Session,
    /// Who acts in it, if not the person.
    pub impersonation: Option<Past>,
}

impl Sessions {
    /// The caller's living sessions that are signed in, and those of support members in their name; the
    /// last used first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn own_sessions(&self, caller: &Caller) -> Result<Vec<OwnSession>, Error> {
        let now = self.core.now();
        let foundation = &self.core.foundation;
        let lifetimes = foundation.settings.lifetimes;
        let user = caller.user.id;
        let mut living = self.core.store.read(|read| {
            let mut living = Vec::new();
            for session in read.sessions_of(user)? {
                let by = read.impersonator(&session)?;
                let facts = foundation.facts(&caller.user, caller.has_factor, by.as_ref());
                let stands = match session.impersonation {
                    None => session.is_alive(lifetimes, now),
                    Some(_) => session.is_standing_impersonation(facts, now),
                };
                if !stands {
                    continue;
                }
                let impersonation = match &session.impersonation {
                    None => None,
                    Some(by) => read.past_impersonation((user, by.number))?,
                };
                living.push(OwnSession {
                    session,
                    impersonation,
                });
            }
            Ok(living)
        })?;
        living.sort_by_key(|own| std::cmp::Reverse(own.session.last_used.unix_seconds));
        Ok(living)
    }

    /// Ends one of the caller's sessions, or one of a support member in their name.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a session that is not the caller's.
    pub async fn end_own_session(
        &self,
        proof: &Proof,
        id: SessionId,
        client: &Client,
    ) -> Result<(), Error> {
        let proof = proof.uncounted();
        let act = self
            .core
            .act_as_self(&proof, client, move |context, write, state| {
                let user = state.user.id;
                let session = write.session(id)?.filter(|session| session.user == user);
                let session = session.ok_or(Error::NotFound)?;
                let how = match session.impersonation {
                    Some(_) => End::ByTarget,
                    None => End::SignedOut,
                };
                let cause = Cause {
                    actor: &actor_of(&state.session),
                    how,
                };
                context.end_session(write, user, id, cause)?;
                let detail = format!("session {id}");
                context.log(write, &state, Action::SessionEnded, &detail)?;
                Ok(())
            });
        act.await
    }

    /// Who acted in the caller's name, newest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn past_impersonations(&self, caller: &Caller, limit: usize) -> Result<Vec<Past>, Error> {
        let (user, now) = (caller.user.id, self.core.now().unix_seconds);
        let mut past = self
            .core
            .store
            .read(|read| read.past_impersonations(user, limit))?;
        // What has lapsed since the last sweep is over all the same.
        for past in &mut past {
            if past.ended.is_none() && past.until <= now {
                past.ended = Some((past.until, End::Lapsed));
            }
        }
        Ok(past)
    }
}
