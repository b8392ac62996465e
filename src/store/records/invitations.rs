//! Invitations, and links to set a password.

use super::record::{self, records};
use crate::domain::id::{InvitationId, UserId};
use crate::domain::invitation::Invitation;
use crate::domain::link::PasswordLink;
use crate::domain::user::Email;
use crate::store::error::StoreError;
use crate::store::tables::INVITATIONS;
use crate::store::transaction::{Read, Write};
use redb::ReadableTable;

records! {
    /// The invitation with this id.
    invitation, put_invitation, delete_invitation_record: InvitationId, |id: InvitationId| id.0 => Invitation, invitations, INVITATIONS;
    /// The person's link to set a password.
    password_link, put_password_link, delete_password_link: UserId, |id: UserId| id.0 => PasswordLink, password_links, PASSWORD_LINKS;
}

impl Read {
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
    /// The one invitation to this address.
    ///
    /// # Errors
    /// If the store cannot be read or the record is damaged.
    pub fn invitation_to(&self, email: &Email) -> Result<Option<Invitation>, StoreError> {
        let id = self.tables.invited.get(email.key().as_str())?;
        match id.map(|id| InvitationId(id.value())) {
            Some(id) => self.invitation(id),
            None => Ok(None),
        }
    }

    /// Writes a new invitation; the one before to the same address is void.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        let key = invitation.email.key();
        let before = self.tables.invited.insert(key.as_str(), invitation.id.0)?;
        let before = before.map(|id| InvitationId(id.value()));
        if let Some(before) = before {
            self.delete_invitation_record(before)?;
        }
        self.put_invitation(invitation.id, invitation)
    }

    /// Removes an invitation.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn delete_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        self.tables
            .invited
            .remove(invitation.email.key().as_str())?;
        self.delete_invitation_record(invitation.id)?;
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
