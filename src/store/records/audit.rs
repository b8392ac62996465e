//! The audit log: appended in the same transaction as the act, each row chained to the one before.

use super::record;
use crate::domain::audit::{ChainHash, ChainVerifier, Checkpoint, Event, GENESIS, link};
use crate::domain::secret::Secret;
use crate::store::error::StoreError;
use crate::store::tables::{AUDIT, META};
use crate::store::transaction::{Read, Write};
use redb::{AccessGuard, ReadableTable};

/// Bytes of the chain's hash in front of each row.
const HASH_BYTES: usize = 32;
/// Where the checkpoint is kept.
const CHECKPOINT: &str = "audit_checkpoint";

/// The newest row's number and hash; 0 and the genesis hash for an empty log.
pub type Head = (u64, ChainHash);

/// What a walk over the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Number and hash of the last row.
    pub head: Head,
    /// The number of the first row that does not follow from those before it.
    pub broken_at: Option<u64>,
    /// Whether the row that a head kept elsewhere names is there with that hash.
    pub contains_expected: bool,
    /// The last row that is no longer kept; 0 if all are.
    pub begins_after: u64,
}

impl Write<'_> {
    /// Appends an event.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub fn append_audit(&mut self, key: &Secret<32>, event: &Event) -> Result<(), StoreError> {
        let (last, before) = head_of(&*self.tables.audit)?;
        let number = last + 1;
        let row = record::encode(event)?;
        let mut value = Vec::with_capacity(HASH_BYTES + row.len());
        value.extend_from_slice(&link(key, &before, number, &row));
        value.extend_from_slice(&row);
        self.tables.audit.insert(number, value.as_slice())?;
        Ok(())
    }
}

impl Write<'_> {
    /// Cuts rows off the beginning of the log: those before `begins_at` (Unix seconds), at most
    /// `most` of them and never the newest; the number of the last one, if there was one. A checkpoint
    /// takes their place in the same transaction.
    ///
    /// # Errors
    /// If the store cannot be read or written, or a row is damaged or does not follow from the one before.
    pub fn prune_audit(
        &mut self,
        key: &Secret<32>,
        begins_at: u64,
        most: usize,
    ) -> Result<Option<u64>, StoreError> {
        let (newest, _) = head_of(&*self.tables.audit)?;
        let checkpoint: Option<Checkpoint> = record::get(&*self.tables.meta, CHECKPOINT)?;
        let mut verifier = verifier_behind(key, checkpoint);
        let mut numbers = Vec::new();
        let mut last = None;
        for row in self.tables.audit.range(..newest)?.take(most) {
            let (number, value) = row?;
            let (hash, row) = split(value.value())?;
            let event: Event = record::decode(row)?;
            if event.at >= begins_at {
                break;
            }
            // A seal over rows that do not hold would hide it for ever.
            if !verifier.accepts(number.value(), row, &hash) {
                let what = format!("audit row {} does not follow", number.value());
                return Err(StoreError::Damaged(what));
            }
            numbers.push(number.value());
            last = Some((number.value(), hash));
        }
        let Some((number, hash)) = last else {
            return Ok(None);
        };
        for number in numbers {
            self.tables.audit.remove(number)?;
        }
        let checkpoint = Checkpoint::new(key, number, hash);
        record::put(&mut *self.tables.meta, CHECKPOINT, &checkpoint)?;
        Ok(Some(number))
    }
}

impl Read {
    /// Number and hash of the newest row.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn audit_head(&self) -> Result<Head, StoreError> {
        head_of(&self.open(AUDIT)?)
    }

    /// Events with numbers after `after`, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read or a row is damaged.
    pub fn audit_after(
        &self,
        after: u64,
    ) -> Result<impl Iterator<Item = Result<(u64, Event), StoreError>> + use<>, StoreError> {
        let rows = self.open(AUDIT)?.range(after.saturating_add(1)..)?;
        Ok(rows.map(|row| read_event(row?)))
    }

    /// Events with numbers before `before`, newest first.
    ///
    /// # Errors
    /// If the store cannot be read or a row is damaged.
    pub fn audit_before(
        &self,
        before: u64,
    ) -> Result<impl Iterator<Item = Result<(u64, Event), StoreError>> + use<>, StoreError> {
        let rows = self.open(AUDIT)?.range(..before)?;
        Ok(rows.rev().map(|row| read_event(row?)))
    }

    /// Walks the whole chain.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn verify_audit(
        &self,
        key: &Secret<32>,
        expected: Option<Head>,
    ) -> Result<Verification, StoreError> {
        let checkpoint: Option<Checkpoint> = record::get(&self.open(META)?, CHECKPOINT)?;
        let forged = checkpoint.filter(|checkpoint| !checkpoint.is_genuine(key));
        let mut broken_at = forged.map(|forged| forged.number.saturating_add(1));
        let start = checkpoint.map_or((0, GENESIS), |behind| (behind.number, behind.hash));
        let mut verifier = verifier_behind(key, checkpoint);
        let mut contains_expected =
            expected.is_none_or(|head| head == (0, GENESIS) || head == start);
        for row in self.open(AUDIT)?.iter()? {
            let (number, value) = row?;
            let number = number.value();
            let whole = split(value.value()).ok();
            let follows = whole.is_some_and(|(hash, row)| {
                contains_expected |= expected == Some((number, hash));
                verifier.accepts(number, row, &hash)
            });
            if !follows {
                broken_at.get_or_insert(number);
            }
        }
        Ok(Verification {
            head: verifier.head(),
            broken_at,
            contains_expected,
            begins_after: start.0,
        })
    }
}

type Row<'a> = (AccessGuard<'a, u64>, AccessGuard<'a, &'static [u8]>);

fn read_event((number, value): Row<'_>) -> Result<(u64, Event), StoreError> {
    let (_, event) = split(value.value())?;
    Ok((number.value(), record::decode(event)?))
}

fn verifier_behind(key: &Secret<32>, checkpoint: Option<Checkpoint>) -> ChainVerifier<'_> {
    match checkpoint {
        Some(behind) => ChainVerifier::after(key, behind.number, behind.hash),
        None => ChainVerifier::new(key),
    }
}

fn head_of(table: &impl ReadableTable<u64, &'static [u8]>) -> Result<Head, StoreError> {
    match table.last()? {
        Some((number, value)) => Ok((number.value(), split(value.value())?.0)),
        None => Ok((0, GENESIS)),
    }
}

fn split(value: &[u8]) -> Result<(ChainHash, &[u8]), StoreError> {
    let Some((hash, row)) = value.split_at_checked(HASH_BYTES) else {
        return Err(StoreError::Damaged("an audit row is too short".into()));
    };
    let mut chain = GENESIS;
    chain.copy_from_slice(hash);
    Ok((chain, row))
}
