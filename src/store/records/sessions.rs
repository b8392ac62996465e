//! Sessions and whose they are.

use super::record::{self, records};
use crate::domain::id::{SessionId, UserId};
use crate::domain::session::Session;
use crate::store::error::StoreError;
use crate::store::tables::{SESSIONS, USER_SESSIONS};
use crate::store::transaction::{Read, Write};
use redb::ReadableTable;

records! {
    /// The session with this id.
    session, put_session, delete_session_record: SessionId, |id: SessionId| id.0 => Session, sessions, SESSIONS;
}

impl Write<'_> {
    /// Writes a new session.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let key = (session.user.0, session.id.0);
        self.tables.user_sessions.insert(key, ())?;
        self.put_session(session.id, session)
    }

    /// Ends a session: what it showed or held is gone with it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn end_session(&mut self, user: UserId, session: SessionId) -> Result<(), StoreError> {
        self.tables.user_sessions.remove((user.0, session.0))?;
        self.delete_pending_factor(session)?;
        self.delete_session_record(session)?;
        Ok(())
    }

    /// The sessions of a person.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn session_ids_of(&self, user: UserId) -> Result<Vec<SessionId>, StoreError> {
        let range = (user.0, [0; 16])..=(user.0, [0xff; 16]);
        let rows = self.tables.user_sessions.range(range)?;
        rows.map(|row| Ok(SessionId(row?.0.value().1))).collect()
    }
}

impl Read {
    /// The sessions of a person.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let range = (user.0, [0; 16])..=(user.0, [0xff; 16]);
        let sessions = self.open(SESSIONS)?;
        let mut found = Vec::new();
        for row in self.open(USER_SESSIONS)?.range(range)? {
            found.extend(record::get(&sessions, row?.0.value().1)?);
        }
        Ok(found)
    }
}
