//! Schema 1: the tables of the main job, empty.

use crate::store::error::StoreError;
use redb::{TableDefinition, WriteTransaction};

type Bytes = &'static [u8];

/// Creates the tables.
pub(in crate::store) fn run(transaction: &WriteTransaction) -> Result<(), StoreError> {
    for name in ["meta_1", "signing_keys_1"] {
        transaction.open_table(TableDefinition::<&str, Bytes>::new(name))?;
    }
    for name in [
        "users_1",
        "passwords_1",
        "factors_1",
        "recovery_1",
        "lockouts_1",
        "teams_1",
        "audit_1",
    ] {
        transaction.open_table(TableDefinition::<u64, Bytes>::new(name))?;
    }
    for name in ["sessions_1", "pending_factors_1"] {
        transaction.open_table(TableDefinition::<[u8; 16], Bytes>::new(name))?;
    }
    for name in ["notices_1", "members_1"] {
        transaction.open_table(TableDefinition::<(u64, u64), Bytes>::new(name))?;
    }
    transaction.open_table(TableDefinition::<&str, u64>::new("emails_1"))?;
    transaction.open_table(TableDefinition::<u64, u64>::new("generations_1"))?;
    let user_sessions = TableDefinition::<(u64, [u8; 16]), ()>::new("user_sessions_1");
    transaction.open_table(user_sessions)?;
    Ok(())
}
