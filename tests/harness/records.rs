//! Records of the store, read and changed behind the service's back.

use redb::{
    AccessGuard, Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, StorageError,
    TableDefinition,
};
use vestibule::domain::enrolment::Factor;

type Records = TableDefinition<'static, u64, &'static [u8]>;

/// Second factors by user id.
const FACTORS: Records = TableDefinition::new("factors_1");

/// The record of a person's second factor.
pub fn factor_record(database: &Database, user: u64) -> Vec<u8> {
    let table = database.begin_read().unwrap().open_table(FACTORS).unwrap();
    table.get(user).unwrap().unwrap().value().to_vec()
}

/// Writes a record in its place.
pub fn put_factor_record(database: &Database, user: u64, record: &[u8]) {
    let write = database.begin_write().unwrap();
    write
        .open_table(FACTORS)
        .unwrap()
        .insert(user, record)
        .unwrap();
    write.commit().unwrap();
}

/// Swaps the values of the only two rows of a table.
pub fn swap_the_two_rows<K: Key + 'static>(database: &Database, table: &'static str) {
    let definition = TableDefinition::<K, &[u8]>::new(table);
    let write = database.begin_write().unwrap();
    {
        let mut table = write.open_table(definition).unwrap();
        let bytes = |row: Result<(AccessGuard<'_, K>, AccessGuard<'_, &[u8]>), _>| {
            let (key, value) = row.unwrap_or_else(|error: StorageError| panic!("{error}"));
            let key = K::as_bytes(&key.value()).as_ref().to_vec();
            (key, value.value().to_vec())
        };
        let rows: Vec<_> = table.iter().unwrap().map(bytes).collect();
        let [(one, first), (other, second)] = rows.as_slice() else {
            panic!("{} rows", rows.len());
        };
        assert_ne!(first, second);
        for (key, value) in [(one, second), (other, first)] {
            table.insert(K::from_bytes(key), value.as_slice()).unwrap();
        }
    }
    write.commit().unwrap();
}

/// Gives a person's record a version that nobody knows.
pub fn damage_factor_record(database: &Database, user: u64) {
    let mut record = factor_record(database, user);
    record[0] = 99;
    put_factor_record(database, user, &record);
}

/// What a record holds behind its version byte.
pub fn read_factor(record: &[u8]) -> Factor {
    postcard::from_bytes(&record[1..]).unwrap()
}

/// A record of the same version with this content.
pub fn write_factor(version: u8, factor: &Factor) -> Vec<u8> {
    postcard::to_extend(factor, vec![version]).unwrap()
}

/// A table's name and its rows, as bytes.
pub type Rows = (&'static str, Vec<(Vec<u8>, Vec<u8>)>);
/// Every table.
pub type Content = Vec<Rows>;

fn rows<K: Key + 'static, V: redb::Value + 'static>(
    read: &ReadTransaction,
    name: &'static str,
) -> Rows {
    let table = read.open_table(TableDefinition::<K, V>::new(name)).unwrap();
    let bytes = |row: Result<(AccessGuard<'_, K>, AccessGuard<'_, V>), StorageError>| {
        let (key, value) = row.unwrap();
        let key = K::as_bytes(&key.value()).as_ref().to_vec();
        (key, V::as_bytes(&value.value()).as_ref().to_vec())
    };
    (name, table.iter().unwrap().map(bytes).collect())
}

/// All that the store holds.
pub fn content(database: &Database) -> Content {
    type Bytes = &'static [u8];
    let read = database.begin_read().unwrap();
    let content = vec![
        rows::<&str, Bytes>(&read, "meta_1"),
        rows::<u64, Bytes>(&read, "users_1"),
        rows::<&str, u64>(&read, "emails_1"),
        rows::<u64, Bytes>(&read, "passwords_1"),
        rows::<u64, Bytes>(&read, "factors_1"),
        rows::<u64, u64>(&read, "generations_1"),
        rows::<[u8; 16], Bytes>(&read, "pending_factors_1"),
        rows::<u64, Bytes>(&read, "recovery_1"),
        rows::<u64, Bytes>(&read, "lockouts_1"),
        rows::<[u8; 16], Bytes>(&read, "sessions_1"),
        rows::<(u64, [u8; 16]), ()>(&read, "user_sessions_1"),
        rows::<(u64, u64), Bytes>(&read, "notices_1"),
        rows::<u64, Bytes>(&read, "teams_1"),
        rows::<&str, u64>(&read, "team_names_1"),
        rows::<(u64, u64), Bytes>(&read, "members_1"),
        rows::<(u64, u64), ()>(&read, "team_members_1"),
        rows::<u64, Bytes>(&read, "invitations_1"),
        rows::<&str, u64>(&read, "invited_1"),
        rows::<u64, Bytes>(&read, "password_links_1"),
        rows::<([u8; 16], [u8; 16]), ()>(&read, "impersonations_1"),
        rows::<(u64, u64), Bytes>(&read, "past_impersonations_1"),
        rows::<&str, Bytes>(&read, "signing_keys_1"),
        rows::<u64, Bytes>(&read, "audit_1"),
    ];
    assert_eq!(read.list_tables().unwrap().count(), content.len());
    content
}
