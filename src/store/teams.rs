//! Teams and their members.

use super::error::StoreError;
use super::record::{self, records};
use super::tables::{MEMBERS, TEAMS};
use super::{Read, Write};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::{Membership, Team};

records! {
    /// The team with this id.
    team, put_team, delete_team: TeamId, |id: TeamId| id.0 => Team, teams, TEAMS;
}

impl Read {
    /// The teams of a person, with the membership.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn teams_of(&self, user: UserId) -> Result<Vec<(Team, Membership)>, StoreError> {
        let teams = self.open(TEAMS)?;
        let rows = self
            .open(MEMBERS)?
            .range((user.0, 0)..=(user.0, u64::MAX))?;
        let mut found = Vec::new();
        for row in rows {
            let (key, value) = row?;
            if let Some(team) = record::get(&teams, key.value().1)? {
                found.push((team, record::decode(value.value())?));
            }
        }
        Ok(found)
    }
}

impl Write<'_> {
    /// Makes a person a member of a team, or changes the membership.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_member(
        &mut self,
        user: UserId,
        team: TeamId,
        membership: &Membership,
    ) -> Result<(), StoreError> {
        record::put(&mut self.tables.members, (user.0, team.0), membership)
    }
}
