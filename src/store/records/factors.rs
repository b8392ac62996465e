//! Second factors, seeds that wait for their first code, recovery codes and lockouts.

use super::record::records;
use crate::domain::enrolment::{Factor, PendingFactor};
use crate::domain::id::{SessionId, UserId};
use crate::domain::lockout::Lockout;
use crate::domain::recovery::RecoveryCodes;
use crate::store::error::StoreError;
use crate::store::tables::FACTORS;
use crate::store::transaction::{Read, Write};
use redb::{ReadOnlyTable, ReadableTable};

records! {
    /// The person's active second factor.
    factor, put_factor, delete_factor: UserId, |id: UserId| id.0 => Factor, factors, FACTORS;
    /// The seed that this session was shown.
    pending_factor, put_pending_factor, delete_pending_factor: SessionId, |id: SessionId| id.0 => PendingFactor, pending_factors, PENDING_FACTORS;
    /// The person's recovery codes.
    recovery_codes, put_recovery_codes, delete_recovery_codes: UserId, |id: UserId| id.0 => RecoveryCodes, recovery, RECOVERY;
    /// The count of the person's wrong codes.
    lockout, put_lockout, delete_lockout: UserId, |id: UserId| id.0 => Lockout, lockouts, LOCKOUTS;
}

/// Who has a second factor, for a list that asks about many.
pub struct FactorHolders(ReadOnlyTable<u64, &'static [u8]>);

impl FactorHolders {
    /// Whether the person's second factor is on.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.0.get(user.0)?.is_some())
    }
}

impl Read {
    /// Who has a second factor.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn factor_holders(&self) -> Result<FactorHolders, StoreError> {
        Ok(FactorHolders(self.open(FACTORS)?))
    }
}

impl Write<'_> {
    /// The next generation of this person's factor, from 1; none is given twice.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub fn next_generation(&mut self, user: UserId) -> Result<u64, StoreError> {
        let last = self
            .tables
            .generations
            .get(user.0)?
            .map_or(0, |last| last.value());
        self.tables.generations.insert(user.0, last + 1)?;
        Ok(last + 1)
    }

    /// Writes the count, or removes it when there is nothing in it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn keep_lockout(&mut self, user: UserId, lockout: &Lockout) -> Result<(), StoreError> {
        if *lockout == Lockout::default() {
            self.delete_lockout(user).map(|_| ())
        } else {
            self.put_lockout(user, lockout)
        }
    }
}
