//! Invitations, and links to set a password.

use super::record::{self, records};
use crate::domain::audit::Actor;
use crate::domain::id::{InvitationId, TeamId, UserId};
use crate::domain::invitation::{Ground, Invitation};
use crate::domain::link::PasswordLink;
use crate::domain::user::Email;
use crate::store::error::StoreError;
use crate::store::tables::{INVITATIONS, INVITED};
use crate::store::transaction::{Read, Write, both};
use redb::ReadableTable;

records! {
    /// The invitation with this id.
    invitation, put_invitation, delete_invitation_record: InvitationId, |id: InvitationId| id.0 => Invitation, invitations, INVITATIONS;
    /// The person's link to set a password.
    password_link, put_password_link, delete_password_link: UserId, |id: UserId| id.0 => PasswordLink, password_links, PASSWORD_LINKS;
}

/// A line of the list by address.
struct Entry {
    key: String,
    id: InvitationId,
}

impl Entry {
    /// Ends the key of an invitation that the owner of the account is not shown.
    const OUT_OF_SIGHT: char = '\n';

    /// The key of the invitation to an address for a team. No address has a line feed in it.
    fn key(email: &Email, team: Option<TeamId>) -> String {
        format!("{}\n{}", email.key(), team.map_or(0, |team| team.0))
    }

    fn is_in_sight(&self) -> bool {
        !self.key.ends_with(Self::OUT_OF_SIGHT)
    }
}

/// All lines of an address.
fn entries(
    table: &impl ReadableTable<&'static str, u64>,
    email: &Email,
) -> Result<Vec<Entry>, StoreError> {
    let email = email.key();
    // The address alone, or with a line feed behind it.
    let end = format!("{email}\u{b}");
    let rows = table.range(email.as_str()..end.as_str())?;
    rows.map(|row| {
        let (key, id) = row?;
        Ok(Entry {
            key: key.value().to_owned(),
            id: InvitationId(id.value()),
        })
    })
    .collect()
}

both! {
    /// The invitations that the owner of the account with this address is shown, lapsed ones too.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn invitations_in_sight(&self, email: &Email) -> Result<Vec<Invitation>, StoreError> {
        let mut found = Vec::new();
        for entry in self.invited(email)? {
            if entry.is_in_sight() {
                found.extend(self.invitation(entry.id)?);
            }
        }
        Ok(found)
    }

    /// What an invitation stands on now.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn ground_of(&self, invitation: &Invitation) -> Result<Ground, StoreError> {
        let team = invitation.team.map(|(team, _)| team);
        let maker = match &invitation.by {
            Actor::User(id) | Actor::Impersonator { target: id, .. } => self.user(*id)?,
            Actor::Operator(_) | Actor::Anonymous | Actor::Service => None,
        };
        let role = match (&maker, team) {
            (Some(maker), Some(team)) => self.membership((maker.id, team))?,
            _ => None,
        };
        let role = role.map(|membership| membership.role);
        Ok(Ground {
            maker: maker.map(|maker| (maker, role)),
            team: match team {
                Some(team) => self.team(team)?,
                None => None,
            },
        })
    }
}

impl Read {
    fn invited(&self, email: &Email) -> Result<Vec<Entry>, StoreError> {
        entries(&self.open(INVITED)?, email)
    }

    /// All invitations, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn invitations(
        &self,
    ) -> Result<impl Iterator<Item = Result<Invitation, StoreError>> + use<>, StoreError> {
        let rows = self.open(INVITATIONS)?.range(0..)?;
        Ok(rows.map(|row| record::decode(row?.1.value())))
    }
}

impl Write<'_> {
    fn invited(&self, email: &Email) -> Result<Vec<Entry>, StoreError> {
        entries(&*self.tables.invited, email)
    }

    /// The one invitation to this address for this team, whether or not its owner is shown it.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn invitation_to(
        &self,
        email: &Email,
        team: Option<TeamId>,
    ) -> Result<Option<Invitation>, StoreError> {
        for entry in self.invited(email)? {
            let found = self.invitation(entry.id)?;
            let is_for_it = |found: &Invitation| found.team.map(|(team, _)| team) == team;
            if found.as_ref().is_some_and(is_for_it) {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Writes a new invitation; the one before to the same address for the same team is void.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        let team = invitation.team.map(|(team, _)| team);
        if let Some(before) = self.invitation_to(&invitation.email, team)? {
            self.delete_invitation(&before)?;
        }
        let key = Entry::key(&invitation.email, team);
        self.tables.invited.insert(key.as_str(), invitation.id.0)?;
        self.put_invitation(invitation.id, invitation)
    }

    /// Takes an invitation out of the sight of the account's owner; for everybody else it stays.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn hide_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        self.remove_entries(invitation)?;
        let team = invitation.team.map(|(team, _)| team);
        let mut key = Entry::key(&invitation.email, team);
        key.push(Entry::OUT_OF_SIGHT);
        self.tables.invited.insert(key.as_str(), invitation.id.0)?;
        Ok(())
    }

    /// Removes an invitation.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn delete_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        self.remove_entries(invitation)?;
        self.delete_invitation_record(invitation.id)?;
        Ok(())
    }

    fn remove_entries(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        for entry in self.invited(&invitation.email)? {
            if entry.id == invitation.id {
                self.tables.invited.remove(entry.key.as_str())?;
            }
        }
        Ok(())
    }

    /// All invitations, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        let rows = self.tables.invitations.iter()?;
        rows.map(|row| record::decode(row?.1.value())).collect()
    }
}
