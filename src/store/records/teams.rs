//! Teams and their members.

use super::record::{self, records};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::{Membership, Team, TeamRole, name_key};
use crate::store::error::StoreError;
use crate::store::tables::{MEMBERS, TEAM_MEMBERS, TEAM_NAMES, TEAMS};
use crate::store::transaction::{Read, Write, both};
use redb::ReadableTable;

records! {
    /// The team with this id.
    team, put_team, delete_team_record: TeamId, |id: TeamId| id.0 => Team, teams, TEAMS;
    /// A user's membership in a team.
    membership, put_membership, delete_membership: (UserId, TeamId), |(user, team): (UserId, TeamId)| (user.0, team.0) => Membership, members, MEMBERS;
}

both! {
    /// The first team of a person that bears the support mark; there is one at most.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn support_team_of(&self, user: UserId) -> Result<Option<TeamId>, StoreError> {
        let found = self.teams_of(user)?;
        Ok(found.into_iter().find(|(team, _)| team.support).map(|(team, _)| team.id))
    }
}

impl Write<'_> {
    /// Whether a user manages who is in the support team.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn leads_support_team(&self, user: UserId) -> Result<bool, StoreError> {
        let leads = |(team, membership): &(Team, Membership)| {
            team.support && membership.role != TeamRole::Viewer
        };
        Ok(self.teams_of(user)?.iter().any(leads))
    }
}

impl Read {
    /// The teams of a person, with the membership.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn teams_of(&self, user: UserId) -> Result<Vec<(Team, Membership)>, StoreError> {
        teams_of(&self.open(TEAMS)?, &self.open(MEMBERS)?, user)
    }

    /// The team of this name, in any case.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn team_id_by_name(&self, name: &str) -> Result<Option<TeamId>, StoreError> {
        let found = self.open(TEAM_NAMES)?.get(name_key(name).as_str())?;
        Ok(found.map(|id| TeamId(id.value())))
    }

    /// All teams with ids after `after`, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn teams_after(
        &self,
        after: TeamId,
    ) -> Result<impl Iterator<Item = Result<Team, StoreError>> + use<>, StoreError> {
        let rows = self.open(TEAMS)?.range(after.0.saturating_add(1)..)?;
        Ok(rows.map(|row| record::decode(row?.1.value())))
    }

    /// How many members a team has.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_members(&self, team: TeamId) -> Result<usize, StoreError> {
        let rows = self
            .open(TEAM_MEMBERS)?
            .range((team.0, 0)..=(team.0, u64::MAX))?;
        let mut count = 0;
        for row in rows {
            row?;
            count += 1;
        }
        Ok(count)
    }

    /// At most `limit` members of a team with ids after `after`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn members_after(
        &self,
        team: TeamId,
        after: UserId,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        let range = (team.0, after.0.saturating_add(1))..=(team.0, u64::MAX);
        let rows = self.open(TEAM_MEMBERS)?.range(range)?;
        rows.take(limit)
            .map(|row| Ok(UserId(row?.0.value().1)))
            .collect()
    }
}

fn teams_of(
    teams: &impl ReadableTable<u64, &'static [u8]>,
    members: &impl ReadableTable<(u64, u64), &'static [u8]>,
    user: UserId,
) -> Result<Vec<(Team, Membership)>, StoreError> {
    let mut found = Vec::new();
    for row in members.range((user.0, 0)..=(user.0, u64::MAX))? {
        let (key, value) = row?;
        if let Some(team) = record::get(teams, key.value().1)? {
            found.push((team, record::decode(value.value())?));
        }
    }
    Ok(found)
}

impl Write<'_> {
    /// The teams of a person, with the membership.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn teams_of(&self, user: UserId) -> Result<Vec<(Team, Membership)>, StoreError> {
        teams_of(&*self.tables.teams, &*self.tables.members, user)
    }

    /// The team of this name, in any case.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn team_id_by_name(&self, name: &str) -> Result<Option<TeamId>, StoreError> {
        let found = self.tables.team_names.get(name_key(name).as_str())?;
        Ok(found.map(|id| TeamId(id.value())))
    }

    /// Writes a new team and its name, which must be free.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_team(&mut self, team: &Team) -> Result<(), StoreError> {
        self.tables
            .team_names
            .insert(name_key(&team.name).as_str(), team.id.0)?;
        self.put_team(team.id, team)
    }

    /// Gives a team another name, which must be free or its own.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn rename_team(&mut self, team: &mut Team, name: String) -> Result<(), StoreError> {
        self.tables
            .team_names
            .remove(name_key(&team.name).as_str())?;
        team.name = name;
        self.add_team(team)
    }

    /// The team that bears the support mark.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn support_team(&self) -> Result<Option<TeamId>, StoreError> {
        for row in self.tables.teams.iter()? {
            let team: Team = record::decode(row?.1.value())?;
            if team.support {
                return Ok(Some(team.id));
            }
        }
        Ok(None)
    }

    /// Moves the support mark to a team, away from whichever bears it.
    ///
    /// # Errors
    /// If the store cannot be read or written, or a record is damaged.
    pub fn mark_support_team(&mut self, id: TeamId) -> Result<(), StoreError> {
        let mut changed = Vec::new();
        for row in self.tables.teams.iter()? {
            let mut team: Team = record::decode(row?.1.value())?;
            if team.support != (team.id == id) {
                team.support = team.id == id;
                changed.push(team);
            }
        }
        for team in changed {
            self.put_team(team.id, &team)?;
        }
        Ok(())
    }

    /// Removes a team, its name and its memberships; how many members it had.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub fn delete_team(&mut self, team: &Team) -> Result<usize, StoreError> {
        let members = self.members_of(team.id)?;
        for user in &members {
            self.remove_member(*user, team.id)?;
        }
        self.tables
            .team_names
            .remove(name_key(&team.name).as_str())?;
        self.delete_team_record(team.id)?;
        Ok(members.len())
    }

    /// All members of a team.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn members_of(&self, team: TeamId) -> Result<Vec<UserId>, StoreError> {
        let range = (team.0, 0)..=(team.0, u64::MAX);
        let rows = self.tables.team_members.range(range)?;
        rows.map(|row| Ok(UserId(row?.0.value().1))).collect()
    }

    /// The Owners of a team whose accounts are not archived.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn active_owners(&self, team: TeamId) -> Result<Vec<UserId>, StoreError> {
        let mut owners = Vec::new();
        for user in self.members_of(team)? {
            let membership = self.membership((user, team))?;
            let is_owner = membership.is_some_and(|membership| membership.role == TeamRole::Owner);
            if is_owner && self.user(user)?.is_some_and(|user| !user.is_archived()) {
                owners.push(user);
            }
        }
        Ok(owners)
    }

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
        self.tables.team_members.insert((team.0, user.0), ())?;
        self.put_membership((user, team), membership)
    }

    /// Ends a membership; whether there was one.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn remove_member(&mut self, user: UserId, team: TeamId) -> Result<bool, StoreError> {
        self.tables.team_members.remove((team.0, user.0))?;
        self.delete_membership((user, team))
    }
}
