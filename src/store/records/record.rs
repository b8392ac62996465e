//! Records as bytes: a version first, then the record in postcard's format.
//!
//! A record of another version is an error here; bringing old records up is the migrations' job.

use crate::store::error::StoreError;
use redb::{Key, ReadableTable, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;

/// The version of every record of schema 1.
const VERSION: u8 = 1;
/// Room for most records, so that they are written without growing byte by byte.
const USUAL_BYTES: usize = 256;

/// A record's bytes.
pub(in crate::store) fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.push(VERSION);
    postcard::to_extend(record, bytes)
        .map_err(|error| StoreError::Refused(format!("a record could not be written: {error}")))
}

/// The record that `bytes` hold.
pub(in crate::store) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    let damaged = |what: String| StoreError::Damaged(format!("a record {what}"));
    match bytes.split_first() {
        Some((&VERSION, body)) => match postcard::take_from_bytes(body) {
            Ok((record, [])) => Ok(record),
            Ok(_) => Err(damaged("is too long".into())),
            Err(error) => Err(damaged(format!("cannot be read: {error}"))),
        },
        Some((version, _)) => Err(damaged(format!("has the unknown version {version}"))),
        None => Err(damaged("is empty".into())),
    }
}

/// The record under `key`, if there is one.
pub(in crate::store) fn get<'k, K: Key + 'static, T: DeserializeOwned>(
    table: &impl ReadableTable<K, &'static [u8]>,
    key: impl Borrow<K::SelfType<'k>>,
) -> Result<Option<T>, StoreError> {
    match table.get(key)? {
        Some(guard) => decode(guard.value()).map(Some),
        None => Ok(None),
    }
}

/// Writes the record under `key`.
pub(in crate::store) fn put<'k, K: Key + 'static, T: Serialize>(
    table: &mut Table<'_, K, &'static [u8]>,
    key: impl Borrow<K::SelfType<'k>>,
    record: &T,
) -> Result<(), StoreError> {
    table.insert(key, encode(record)?.as_slice())?;
    Ok(())
}

/// Gives the readers of a noun to `Read` and `Write`, and its writers to the latter.
macro_rules! records {
    ($($(#[$doc:meta])* $get:ident, $put:ident, $delete:ident: $key:ty, $raw:expr
        => $value:ty, $table:ident, $definition:ident;)*) => {
        impl $crate::store::transaction::Read {
            $($(#[$doc])*
            ///
            /// # Errors
            /// If the store cannot be read or the record is damaged.
            pub fn $get(&self, key: $key) -> Result<Option<$value>, $crate::store::error::StoreError> {
                $crate::store::records::record::get(&self.open($crate::store::tables::$definition)?, $raw(key))
            })*
        }
        impl $crate::store::transaction::Write<'_> {
            $($(#[$doc])*
            ///
            /// # Errors
            /// If the store cannot be read or the record is damaged.
            pub fn $get(&self, key: $key) -> Result<Option<$value>, $crate::store::error::StoreError> {
                $crate::store::records::record::get(&*self.tables.$table, $raw(key))
            }
            /// Writes the record, in place of the one before.
            ///
            /// # Errors
            /// If the store cannot be written.
            pub fn $put(&mut self, key: $key, record: &$value) -> Result<(), $crate::store::error::StoreError> {
                $crate::store::records::record::put(&mut *self.tables.$table, $raw(key), record)
            }
            /// Removes the record; whether there was one.
            ///
            /// # Errors
            /// If the store cannot be written.
            pub fn $delete(&mut self, key: $key) -> Result<bool, $crate::store::error::StoreError> {
                Ok(self.tables.$table.remove($raw(key))?.is_some())
            })*
        }
    };
}
pub(in crate::store) use records;
