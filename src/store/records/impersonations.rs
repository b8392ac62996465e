//! Impersonations that run, and every person's history of them.

use super::record::{self, records};
use crate::domain::id::{SessionId, UserId};
use crate::domain::impersonation::Past;
use crate::domain::session::Session;
use crate::domain::session_stage::Impersonator;
use crate::store::error::StoreError;
use crate::store::tables::{IMPERSONATIONS, PAST_IMPERSONATIONS};
use crate::store::transaction::{Read, Write, both};
use redb::{ReadableTable, ReadableTableMetadata};

records! {
    /// An entry of a person's history, by its number.
    past_impersonation, put_past_impersonation, delete_past_impersonation: (UserId, u64), |(user, number): (UserId, u64)| (user.0, number) => Past, past_impersonations, PAST_IMPERSONATIONS;
}

both! {
    /// The person behind a session that is an impersonation; `None` if it is none, or if the
    /// person or their own session is gone.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn impersonator(&self, session: &Session) -> Result<Option<Impersonator>, StoreError> {
        let Some(by) = &session.impersonation else {
            return Ok(None);
        };
        let own = self.session(by.actor_session)?;
        let (Some(user), Some(own)) = (self.user(by.actor)?, own) else {
            return Ok(None);
        };
        let bears_mark = self.team(by.support_team)?.is_some_and(|team| team.support);
        let is_member = self.membership((by.actor, by.support_team))?.is_some();
        Ok(Some(Impersonator {
            has_factor: self.factor(by.actor)?.is_some(),
            user,
            session: own,
            in_support_team: bears_mark && is_member,
            target_in_team: self.membership((session.user, by.team))?.is_some(),
        }))
    }
}

impl Read {
    /// Whether any impersonation runs, or is said to.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_running(&self) -> Result<bool, StoreError> {
        Ok(!self.open(IMPERSONATIONS)?.is_empty()?)
    }

    /// At most `limit` entries of a person's history, newest first.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn past_impersonations(&self, user: UserId, limit: usize) -> Result<Vec<Past>, StoreError> {
        let table = self.open(PAST_IMPERSONATIONS)?;
        let rows = table.range((user.0, 0)..=(user.0, u64::MAX))?;
        let newest = rows.rev().take(limit);
        newest.map(|row| record::decode(row?.1.value())).collect()
    }
}

impl Write<'_> {
    /// Notes that an impersonation runs, and from which session.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_running(&mut self, from: SessionId, session: SessionId) -> Result<(), StoreError> {
        self.tables.impersonations.insert((from.0, session.0), ())?;
        Ok(())
    }

    /// Notes that an impersonation has ended.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn remove_running(
        &mut self,
        from: SessionId,
        session: SessionId,
    ) -> Result<(), StoreError> {
        self.tables.impersonations.remove((from.0, session.0))?;
        Ok(())
    }

    /// The impersonations that run from a session.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn running_from(&self, from: SessionId) -> Result<Vec<SessionId>, StoreError> {
        let range = (from.0, [0; 16])..=(from.0, [0xff; 16]);
        let rows = self.tables.impersonations.range(range)?;
        rows.map(|row| Ok(SessionId(row?.0.value().1))).collect()
    }

    /// All impersonations that run: the actor's session, and their own.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn running(&self) -> Result<Vec<(SessionId, SessionId)>, StoreError> {
        let rows = self.tables.impersonations.iter()?;
        let read = |(from, session): ([u8; 16], [u8; 16])| (SessionId(from), SessionId(session));
        rows.map(|row| Ok(read(row?.0.value()))).collect()
    }
}
