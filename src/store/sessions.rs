//! Sessions and whose they are.

use super::Write;
use super::error::StoreError;
use super::record::records;
use crate::domain::id::{SessionId, UserId};
use crate::domain::session::Session;
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

    /// Ends all sessions of a person but `except`; how many.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub fn end_sessions(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<usize, StoreError> {
        let range = (user.0, [0; 16])..=(user.0, [0xff; 16]);
        let mut ending = Vec::new();
        for row in self.tables.user_sessions.range(range)? {
            let id = SessionId(row?.0.value().1);
            if Some(id) != except {
                ending.push(id);
            }
        }
        for id in &ending {
            self.end_session(user, *id)?;
        }
        Ok(ending.len())
    }
}
