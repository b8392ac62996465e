//! What an examination asks of the whole store: how much of the file is in use, whether every record
//! can be read, and what the newest moment is that the store knows of.

use super::error::StoreError;
use super::records::record;
use super::tables::{self, FACTORS, MEMBERS, TEAMS, USERS};
use super::transaction::Read;
use crate::domain::enrolment::Factor;
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::Team;
use crate::domain::user::User;
use redb::ReadableTable;

impl Read {
    /// Bytes of the file that hold something, without the library's own lists.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn used_bytes(&self) -> Result<u64, StoreError> {
        tables::used_bytes(&self.transaction)
    }

    /// All accounts, each with its second factor. Reads, and so checks, every such record.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn accounts(&self) -> Result<Vec<(User, Option<Factor>)>, StoreError> {
        let factors = self.open(FACTORS)?;
        self.open(USERS)?
            .iter()?
            .map(|row| {
                let (id, user) = row?;
                let factor = record::get(&factors, id.value())?;
                Ok((record::decode(user.value())?, factor))
            })
            .collect()
    }

    /// The members of the support team, or teams.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn support_members(&self) -> Result<Vec<UserId>, StoreError> {
        let mut support = Vec::new();
        for row in self.open(TEAMS)?.iter()? {
            let team: Team = record::decode(row?.1.value())?;
            if team.support {
                support.push(team.id);
            }
        }
        let mut members = Vec::new();
        for row in self.open(MEMBERS)?.iter()? {
            let (user, team) = row?.0.value();
            if support.contains(&TeamId(team)) {
                members.push(UserId(user));
            }
        }
        Ok(members)
    }

    /// Unix seconds of the newest event in the audit log; `None` if it is empty.
    ///
    /// # Errors
    /// If the store cannot be read or the row is damaged.
    pub fn newest_event_at(&self) -> Result<Option<u64>, StoreError> {
        let (number, _) = self.audit_head()?;
        let newest = self.audit_after(number.saturating_sub(1))?.next();
        Ok(newest.transpose()?.map(|(_, event)| event.at))
    }
}
