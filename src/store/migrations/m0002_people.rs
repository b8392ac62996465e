//! Schema 2: teams by name and by member, invitations, links and impersonations.
//!
//! Sessions gained a field at their end that says who acts in the owner's place: no user, in all that
//! there are.

use crate::store::error::StoreError;
use redb::{ReadableTable, TableDefinition, WriteTransaction};

type Bytes = &'static [u8];
const SESSIONS: TableDefinition<'_, [u8; 16], Bytes> = TableDefinition::new("sessions_1");
const TEAMS: TableDefinition<'_, u64, Bytes> = TableDefinition::new("teams_1");
const TEAM_NAMES: TableDefinition<'_, &str, u64> = TableDefinition::new("team_names_1");
const MEMBERS: TableDefinition<'_, (u64, u64), Bytes> = TableDefinition::new("members_1");
const TEAM_MEMBERS: TableDefinition<'_, (u64, u64), ()> = TableDefinition::new("team_members_1");
const INVITATIONS: TableDefinition<'_, u64, Bytes> = TableDefinition::new("invitations_1");
const INVITED: TableDefinition<'_, &str, u64> = TableDefinition::new("invited_1");
const PASSWORD_LINKS: TableDefinition<'_, u64, Bytes> = TableDefinition::new("password_links_1");
const IMPERSONATIONS: TableDefinition<'_, ([u8; 16], [u8; 16]), ()> =
    TableDefinition::new("impersonations_1");
const PAST: TableDefinition<'_, (u64, u64), Bytes> = TableDefinition::new("past_impersonations_1");

/// Postcard's `None`.
const NOBODY: u8 = 0;

/// Creates the tables, fills those that follow from others, and extends the sessions.
pub(in crate::store) fn run(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(INVITATIONS)?;
    transaction.open_table(INVITED)?;
    transaction.open_table(PASSWORD_LINKS)?;
    transaction.open_table(IMPERSONATIONS)?;
    transaction.open_table(PAST)?;
    let mut by_team = transaction.open_table(TEAM_MEMBERS)?;
    for row in transaction.open_table(MEMBERS)?.iter()? {
        let (user, team) = row?.0.value();
        by_team.insert((team, user), ())?;
    }
    let mut names = transaction.open_table(TEAM_NAMES)?;
    for row in transaction.open_table(TEAMS)?.iter()? {
        let (id, value) = row?;
        names.insert(
            name_of(value.value())?.trim().to_lowercase().as_str(),
            id.value(),
        )?;
    }
    extend_sessions(transaction)
}

/// The name in a team's record of schema 1: version, id, name, …
fn name_of(record: &[u8]) -> Result<String, StoreError> {
    let damaged = |_| StoreError::Damaged("a team cannot be read".into());
    let body = record.get(1..).unwrap_or_default();
    let ((_, name), _) = postcard::take_from_bytes::<(u64, String)>(body).map_err(damaged)?;
    Ok(name)
}

fn extend_sessions(transaction: &WriteTransaction) -> Result<(), StoreError> {
    let mut sessions = transaction.open_table(SESSIONS)?;
    let mut extended = Vec::new();
    for row in sessions.iter()? {
        let (id, value) = row?;
        let mut record = value.value().to_vec();
        record.push(NOBODY);
        extended.push((id.value(), record));
    }
    for (id, record) in extended {
        sessions.insert(id, record.as_slice())?;
    }
    Ok(())
}
