//! Stores of older and newer schemas, made of one of today behind the service's back.

use redb::{
    Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableHandle,
    Value,
};

type Bytes = &'static [u8];

const META: TableDefinition<'_, &str, Bytes> = TableDefinition::new("meta_1");
const SESSIONS: TableDefinition<'_, [u8; 16], Bytes> = TableDefinition::new("sessions_1");

/// What schema 2 added.
const OF_SCHEMA_2: [&str; 7] = [
    "team_names_1",
    "team_members_1",
    "invitations_1",
    "invited_1",
    "password_links_1",
    "impersonations_1",
    "past_impersonations_1",
];

/// The schema that a store says it has.
pub fn schema(database: &Database) -> u32 {
    let read = database.begin_read().unwrap();
    let meta = read.open_table(META).unwrap();
    let value = meta.get("schema").unwrap().unwrap();
    u32::from_be_bytes(value.value().try_into().unwrap())
}

/// Says that the store has another schema.
pub fn set_schema(database: &Database, schema: u32) {
    let write = database.begin_write().unwrap();
    write
        .open_table(META)
        .unwrap()
        .insert("schema", schema.to_be_bytes().as_slice())
        .unwrap();
    write.commit().unwrap();
}

/// Takes from a store of schema 2, in which nobody acts as anybody else, what that schema added.
pub fn make_schema_1(database: &Database) {
    assert_eq!(schema(database), 2);
    let write = database.begin_write().unwrap();
    let added: Vec<_> = write
        .list_tables()
        .unwrap()
        .filter(|table| OF_SCHEMA_2.contains(&table.name()))
        .collect();
    assert_eq!(added.len(), OF_SCHEMA_2.len());
    for table in added {
        write.delete_table(table).unwrap();
    }
    {
        let mut sessions = write.open_table(SESSIONS).unwrap();
        let mut shorter = Vec::new();
        for row in sessions.iter().unwrap() {
            let (id, record) = row.unwrap();
            let (last, rest) = record.value().split_last().unwrap();
            assert_eq!(*last, 0, "somebody acts in another's name");
            shorter.push((id.value(), rest.to_vec()));
        }
        for (id, record) in shorter {
            sessions.insert(id, record.as_slice()).unwrap();
        }
    }
    write.commit().unwrap();
    set_schema(database, 1);
}

/// Every row of every table, as text.
pub fn contents(database: &Database) -> Vec<String> {
    let read = database.begin_read().unwrap();
    let mut tables = Vec::new();
    for name in ["meta_1", "signing_keys_1"] {
        tables.push(rows::<&str, Bytes>(&read, name));
    }
    for name in ["emails_1", "team_names_1", "invited_1"] {
        tables.push(rows::<&str, u64>(&read, name));
    }
    for name in [
        "users_1",
        "passwords_1",
        "factors_1",
        "recovery_1",
        "lockouts_1",
        "teams_1",
        "invitations_1",
        "password_links_1",
        "audit_1",
    ] {
        tables.push(rows::<u64, Bytes>(&read, name));
    }
    for name in ["sessions_1", "pending_factors_1"] {
        tables.push(rows::<[u8; 16], Bytes>(&read, name));
    }
    for name in ["notices_1", "members_1", "past_impersonations_1"] {
        tables.push(rows::<(u64, u64), Bytes>(&read, name));
    }
    tables.push(rows::<u64, u64>(&read, "generations_1"));
    tables.push(rows::<(u64, u64), ()>(&read, "team_members_1"));
    tables.push(rows::<(u64, [u8; 16]), ()>(&read, "user_sessions_1"));
    tables.push(rows::<([u8; 16], [u8; 16]), ()>(&read, "impersonations_1"));
    assert_eq!(tables.len(), read.list_tables().unwrap().count());
    tables
}

fn rows<K: Key + 'static, V: Value + 'static>(read: &ReadTransaction, name: &str) -> String {
    let table = read.open_table(TableDefinition::<K, V>::new(name)).unwrap();
    let mut text = name.to_owned();
    for row in table.iter().unwrap() {
        let (key, value) = row.unwrap();
        text.push_str(&format!("\n{:?}: {:?}", key.value(), value.value()));
    }
    text
}
