//! Records of the store, read and changed behind the service's back.

use redb::{Database, ReadableDatabase, TableDefinition};
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

/// Swaps the records of two people.
pub fn swap_factor_records(database: &Database, one: u64, other: u64) {
    let (first, second) = (factor_record(database, one), factor_record(database, other));
    put_factor_record(database, one, &second);
    put_factor_record(database, other, &first);
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
