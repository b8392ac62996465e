//! Schema 1: every table, empty.

use crate::store::error::StoreError;
use crate::store::tables::Tables;
use redb::WriteTransaction;

/// Creates the tables.
pub(in crate::store) fn run(transaction: &WriteTransaction) -> Result<(), StoreError> {
    Tables::open(transaction)?;
    Ok(())
}
