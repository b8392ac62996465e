//! Bringing a store to the schema of this version: one numbered step after another, each in one
//! transaction that also writes the new number. A step never changes once it was released.

use super::error::StoreError;
use super::migrations;
use super::tables::META;
use redb::{Database, ReadableDatabase, TableError, WriteTransaction};

type Step = fn(&WriteTransaction) -> Result<(), StoreError>;

/// All steps, the first makes schema 1.
const STEPS: &[Step] = &[
    migrations::m0001_initial::run,
    migrations::m0002_people::run,
];

/// The schema that this version works with.
pub(super) fn current() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Runs the steps that are missing.
///
/// # Errors
/// [`StoreError::Newer`] for the file of a newer version, which is left alone.
pub(super) fn run(database: &Database) -> Result<(), StoreError> {
    let found = schema(database)?;
    if found > current() {
        return Err(StoreError::Newer {
            found,
            known: current(),
        });
    }
    for (number, step) in (1..).zip(STEPS).skip_while(|(number, _)| *number <= found) {
        let mut transaction = database.begin_write()?;
        transaction.set_two_phase_commit(true);
        step(&transaction)?;
        let number: u32 = number;
        transaction
            .open_table(META)?
            .insert("schema", number.to_be_bytes().as_slice())?;
        transaction.commit()?;
    }
    Ok(())
}

/// The schema of a file: 0 for one that was just created.
///
/// # Errors
/// If the file cannot be read, or is not one of this program.
pub(super) fn schema(database: &Database) -> Result<u32, StoreError> {
    let read = database.begin_read()?;
    let table = match read.open_table(META) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(0),
        other => other?,
    };
    let Some(value) = table.get("schema")? else {
        return Ok(0);
    };
    let bytes = value.value().try_into();
    bytes
        .map(u32::from_be_bytes)
        .map_err(|_| StoreError::Damaged("the schema's number cannot be read".into()))
}
