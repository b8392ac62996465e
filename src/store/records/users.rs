//! Users, their passwords and their notices.

use super::instance::Counter;
use super::record::{self, records};
use crate::domain::id::{NoticeId, UserId};
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::password::PasswordHash;
use crate::domain::user::{Email, User};
use crate::store::error::StoreError;
use crate::store::tables::{EMAILS, NOTICES, USERS};
use crate::store::transaction::{Read, Write};
use redb::ReadableTable;

records! {
    /// The account with this id.
    user, put_user, delete_user: UserId, |id: UserId| id.0 => User, users, USERS;
    /// The account's password.
    password, put_password, delete_password: UserId, |id: UserId| id.0 => PasswordHash, passwords, PASSWORDS;
}

impl Read {
    /// The id of the account with this address.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn user_id_by_email(&self, email: &Email) -> Result<Option<UserId>, StoreError> {
        let found = self.open(EMAILS)?.get(email.key().as_str())?;
        Ok(found.map(|id| UserId(id.value())))
    }

    /// At most `limit` accounts with ids after `after`, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn users_after(
        &self,
        after: UserId,
    ) -> Result<impl Iterator<Item = Result<User, StoreError>> + use<>, StoreError> {
        let rows = self.open(USERS)?.range(after.0.saturating_add(1)..)?;
        Ok(rows.map(|row| record::decode(row?.1.value())))
    }

    /// What the account's owner has not dismissed yet, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn notices(&self, user: UserId) -> Result<Vec<Notice>, StoreError> {
        let rows = self
            .open(NOTICES)?
            .range((user.0, 0)..=(user.0, u64::MAX))?;
        rows.map(|row| record::decode(row?.1.value())).collect()
    }
}

impl Write<'_> {
    /// Changes the password hash of every account that has one.
    ///
    /// # Errors
    /// If the store cannot be read or written or a record is damaged.
    pub fn change_passwords(
        &mut self,
        change: impl Fn(UserId, &PasswordHash) -> PasswordHash,
    ) -> Result<(), StoreError> {
        let mut changed = Vec::new();
        for row in self.tables.passwords.iter()? {
            let (id, value) = row?;
            let (id, hash) = (UserId(id.value()), record::decode(value.value())?);
            changed.push((id, change(id, &hash)));
        }
        for (id, hash) in &changed {
            self.put_password(*id, hash)?;
        }
        Ok(())
    }

    /// The id of the account with this address.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn user_id_by_email(&self, email: &Email) -> Result<Option<UserId>, StoreError> {
        let found = self.tables.emails.get(email.key().as_str())?;
        Ok(found.map(|id| UserId(id.value())))
    }

    /// Writes a new account and its address, which must be free.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_user(&mut self, user: &User) -> Result<(), StoreError> {
        self.tables
            .emails
            .insert(user.email.key().as_str(), user.id.0)?;
        self.put_user(user.id, user)
    }

    /// Moves an account to another address, which must be free or its own.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn move_user(&mut self, user: &mut User, email: Email) -> Result<(), StoreError> {
        self.tables.emails.remove(user.email.key().as_str())?;
        user.email = email;
        self.add_user(user)
    }

    /// Whether there is a Super Admin who is not archived and not among `except`.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn another_super_admin(&self, except: &[UserId]) -> Result<bool, StoreError> {
        for row in self.tables.users.iter()? {
            let user: User = record::decode(row?.1.value())?;
            let role = crate::domain::user::Role::SuperAdmin;
            if !except.contains(&user.id) && !user.is_archived() && user.roles.has(role) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Leaves a notice for the account's owner.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn notify(&mut self, user: UserId, kind: NoticeKind, at: u64) -> Result<(), StoreError> {
        let id = NoticeId(self.next_id(Counter::Notice)?);
        let notice = Notice { id, at, kind };
        record::put(&mut *self.tables.notices, (user.0, id.0), &notice)
    }

    /// Removes a notice; whether there was one.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn dismiss_notice(&mut self, user: UserId, id: NoticeId) -> Result<bool, StoreError> {
        Ok(self.tables.notices.remove((user.0, id.0))?.is_some())
    }
}
