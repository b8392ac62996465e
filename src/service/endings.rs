//! The end of sessions, and of the impersonations that hang on them: the one place where either ends,
//! so that history and audit log tell it.

use super::error::Error;
use super::identify::Current;
use super::{Foundation, Services, actor_of};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::{SessionId, UserId};
use crate::domain::impersonation::End;
use crate::domain::session::Session;
use crate::domain::time::Now;
use crate::store::{StoreError, Write};
use std::sync::Arc;

/// At whose hand sessions end, and what that means for an impersonation among them.
pub(super) struct Cause<'a> {
    pub(super) actor: &'a Actor,
    pub(super) how: End,
    pub(super) now: Now,
}

impl Foundation {
    /// Ends a session, and the impersonations that began in it.
    pub(super) fn end_session(
        &self,
        write: &mut Write<'_>,
        user: UserId,
        id: SessionId,
        cause: &Cause<'_>,
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
    pub(super) fn end_sessions(
        &self,
        write: &mut Write<'_>,
        user: UserId,
        except: Option<SessionId>,
        cause: &Cause<'_>,
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
    pub(super) fn finish_impersonation(
        &self,
        write: &mut Write<'_>,
        session: &Session,
        cause: &Cause<'_>,
    ) -> Result<(), StoreError> {
        if let Some(by) = &session.impersonation {
            write.remove_running(by.actor_session, session.id)?;
            let how = if session.is_young_impersonation(cause.now) {
                cause.how
            } else {
                End::Lapsed
            };
            let key = (session.user, by.number);
            if let Some(mut past) = write.past_impersonation(key)? {
                past.ended = Some((cause.now.unix_seconds.min(past.until), how));
                write.put_past_impersonation(key, &past)?;
            }
            let event = Event {
                at: cause.now.unix_seconds,
                action: Action::ImpersonationEnded,
                actor: cause.actor.clone(),
                user: Some(session.user),
                session: Some(session.id),
                address: String::new(),
                detail: format!("{}, code {}, by user {}", how.name(), by.code, by.actor),
            };
            self.audit(write, &event)?;
        }
        write.end_session(session.user, session.id)
    }

    /// Ends whatever runs in the current person's name, by their own word.
    pub(super) fn end_impersonations_of(
        &self,
        write: &mut Write<'_>,
        current: &Current,
        now: Now,
    ) -> Result<(), StoreError> {
        let cause = Cause {
            actor: &actor_of(&current.session),
            how: End::ByTarget,
            now,
        };
        for id in write.session_ids_of(current.user.id)? {
            let session = write.session(id)?;
            if let Some(session) = session.filter(|session| session.impersonation.is_some()) {
                self.finish_impersonation(write, &session, &cause)?;
            }
        }
        Ok(())
    }

    /// Ends the impersonations that stand no more by themselves: time, role, membership, account.
    /// Whatever takes one of these away calls it, so that giving it back brings none to life.
    pub(super) fn sweep_impersonations(
        &self,
        write: &mut Write<'_>,
        now: Now,
    ) -> Result<(), StoreError> {
        for (from, id) in write.running()? {
            let Some(session) = write.session(id)? else {
                write.remove_running(from, id)?;
                continue;
            };
            let by = write.impersonator(&session)?;
            let user = write.user(session.user)?;
            let stands = user.is_some_and(|user| {
                let facts = self.facts(&user, false, by.as_ref());
                !user.is_archived() && session.is_standing_impersonation(facts, now)
            });
            if !stands {
                let cause = Cause {
                    actor: &Actor::Service,
                    how: End::Revoked,
                    now,
                };
                self.finish_impersonation(write, &session, &cause)?;
            }
        }
        Ok(())
    }
}

impl Services {
    /// Ends the impersonations that are over, so that history and audit log tell it. They answer no
    /// more from the moment on that they do not stand; this only writes it down.
    pub(super) async fn end_impersonations(&self) -> Result<(), Error> {
        // A disk at rest stays at rest.
        if !self.store.read(|read| read.has_running())? {
            return Ok(());
        }
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let job = move |write: &mut Write<'_>| foundation.sweep_impersonations(write, now);
        Ok(self.store.write(job).await?)
    }
}
