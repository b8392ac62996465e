//! The end of sessions, and of the impersonations that depend on them: the one place where either
//! ends, so that history and audit log tell it.

use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::{SessionId, UserId};
use crate::domain::impersonation::End;
use crate::domain::session::Session;
use crate::service::core::acting::Acting;
use crate::service::core::context::{Context, actor_of, event_by};
use crate::service::core::identify::SessionState;
use crate::store::{StoreError, Write};

/// Who ends sessions, and what that means for an impersonation among them.
#[derive(Clone, Copy)]
pub struct Cause<'a> {
    /// Who ends them.
    pub actor: &'a Actor,
    /// What an impersonation's history will say.
    pub how: End,
}

impl Context<'_> {
    /// Ends a session, and the impersonations that began in it.
    pub fn end_session(
        &self,
        write: &mut Write<'_>,
        user: UserId,
        id: SessionId,
        cause: Cause<'_>,
    ) -> Result<(), StoreError> {
        for running in write.running_from(id)? {
            if let Some(session) = write.session(running)? {
                self.finish_impersonation(write, &session, cause)?;
            }
        }
        match write.session(id)? {
            Some(session) if session.impersonation.is_some() => {
                self.finish_impersonation(write, &session, cause)
            }
            _ => write.end_session(user, id),
        }
    }

    /// Ends all sessions of a person but `except`; how many.
    pub fn end_sessions(
        &self,
        write: &mut Write<'_>,
        user: UserId,
        except: Option<SessionId>,
        cause: Cause<'_>,
    ) -> Result<usize, StoreError> {
        let mut ending = write.session_ids_of(user)?;
        ending.retain(|id| Some(*id) != except);
        for id in &ending {
            self.end_session(write, user, *id, cause)?;
        }
        Ok(ending.len())
    }

    /// Ends an impersonation: its session, its place among those that run, its entry in the history.
    /// One whose time was over is told as lapsed then, whatever comes after.
    pub fn finish_impersonation(
        &self,
        write: &mut Write<'_>,
        session: &Session,
        cause: Cause<'_>,
    ) -> Result<(), StoreError> {
        if let Some(by) = &session.impersonation {
            write.remove_running(by.actor_session, session.id)?;
            let how = if session.is_young_impersonation(self.now) {
                cause.how
            } else {
                End::Lapsed
            };
            let key = (session.user, by.number);
            if let Some(mut past) = write.past_impersonation(key)? {
                past.ended = Some((self.now.unix_seconds.min(past.until), how));
                write.put_past_impersonation(key, &past)?;
            }
            let event = Event {
                user: Some(session.user),
                session: Some(session.id),
                detail: format!("{}, code {}, by user {}", how.name(), by.code, by.actor),
                ..event_by(cause.actor.clone(), Action::ImpersonationEnded, self.now)
            };
            self.audit(write, &event)?;
        }
        write.end_session(session.user, session.id)
    }

    /// Ends the impersonations that run in the owner's name, by the owner's own word.
    pub fn end_impersonations_of(
        &self,
        write: &mut Write<'_>,
        owner: &SessionState,
    ) -> Result<(), StoreError> {
        let cause = Cause {
            actor: &actor_of(&owner.session),
            how: End::ByTarget,
        };
        for id in write.session_ids_of(owner.user.id)? {
            let session = write.session(id)?;
            if let Some(session) = session.filter(|session| session.impersonation.is_some()) {
                self.finish_impersonation(write, &session, cause)?;
            }
        }
        Ok(())
    }

    /// Ends all sessions of the owner of this one but this one, by the owner's own act; how many.
    pub fn end_others(
        &self,
        write: &mut Write<'_>,
        session: &Session,
    ) -> Result<usize, StoreError> {
        let cause = Cause {
            actor: &actor_of(session),
            how: End::Revoked,
        };
        self.end_sessions(write, session.user, Some(session.id), cause)
    }

    /// Ends the impersonations that no longer stand by themselves: time, role, membership, account.
    /// What takes one of these away calls it, so that giving it back brings none to life.
    pub fn sweep_impersonations(&self, write: &mut Write<'_>) -> Result<(), StoreError> {
        for (from, id) in write.running()? {
            let Some(session) = write.session(id)? else {
                write.remove_running(from, id)?;
                continue;
            };
            let by = write.impersonator(&session)?;
            let user = write.user(session.user)?;
            let stands = user.is_some_and(|user| {
                let facts = self.foundation.facts(&user, false, by.as_ref());
                !user.is_archived() && session.is_standing_impersonation(facts, self.now)
            });
            if !stands {
                let cause = Cause {
                    actor: &Actor::Service,
                    how: End::Revoked,
                };
                self.finish_impersonation(write, &session, cause)?;
            }
        }
        Ok(())
    }
}

impl Acting<'_> {
    /// Ends all sessions of a person, at the requester's hand; how many.
    pub fn end_sessions_of(
        &self,
        write: &mut Write<'_>,
        user: UserId,
    ) -> Result<usize, StoreError> {
        let cause = Cause {
            actor: &self.actor,
            how: End::Revoked,
        };
        self.context.end_sessions(write, user, None, cause)
    }
}
