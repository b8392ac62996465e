//! What the store holds once: identity, pepper, set-up, counters and signing keys.

use super::record;
use crate::domain::jwt::SigningAlgorithm;
use crate::domain::pause::Pause;
use crate::domain::seal::Sealed;
use crate::domain::set_up::SetUp;
use crate::store::error::StoreError;
use crate::store::tables::{META, SIGNING_KEYS};
use crate::store::transaction::{Read, Write};
use redb::ReadableTable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Who this installation is, and how its data key is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Random; part of the associated data of everything sealed.
    pub install: [u8; 16],
    /// The name of the key provider.
    pub key_provider: String,
    /// The data key, sealed under the key-encryption key.
    pub data_key: Sealed,
    /// Unix seconds.
    pub created_at: u64,
}

/// A signing key as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKeyRecord {
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// The private key, sealed.
    pub secret: Sealed,
    /// Unix seconds.
    pub created_at: u64,
    /// Unix seconds since which it no longer signs.
    pub retired_at: Option<u64>,
}

macro_rules! singletons {
    ($($(#[$doc:meta])* $get:ident, $put:ident: $value:ty = $key:literal;)*) => {
        impl Read {
            $($(#[$doc])*
            ///
            /// # Errors
            /// If the store cannot be read or the record is damaged.
            pub fn $get(&self) -> Result<Option<$value>, StoreError> {
                record::get(&self.open(META)?, $key)
            })*
        }
        impl Write<'_> {
            $($(#[$doc])*
            ///
            /// # Errors
            /// If the store cannot be read or the record is damaged.
            pub fn $get(&self) -> Result<Option<$value>, StoreError> {
                record::get(&*self.tables.meta, $key)
            }
            /// Writes it, in place of the one before.
            ///
            /// # Errors
            /// If the store cannot be written.
            pub fn $put(&mut self, value: &$value) -> Result<(), StoreError> {
                record::put(&mut *self.tables.meta, $key, value)
            })*
        }
    };
}

singletons! {
    /// The installation's identity.
    identity, put_identity: Identity = "identity";
    /// The sealed pepper of the password hashes.
    pepper, put_pepper: Sealed = "pepper";
    /// Where the claim stands.
    set_up, put_set_up: SetUp = "set_up";
    /// Whether password hashes are bound to their accounts; absent in stores from before they were.
    passwords_bound, put_passwords_bound: bool = "passwords_bound";
    /// Whether sign-ins are paused; absent until they first are.
    pause, put_pause: Pause = "pause";
}

/// What ids are counted for.
#[derive(Clone, Copy, Debug)]
pub enum Counter {
    /// Users.
    User,
    /// Teams.
    Team,
    /// Notices.
    Notice,
    /// Invitations.
    Invitation,
    /// Impersonations.
    Impersonation,
}

impl Write<'_> {
    /// The next id, from 1; none is given twice, even if its owner is gone.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub fn next_id(&mut self, counter: Counter) -> Result<u64, StoreError> {
        let key = match counter {
            Counter::User => "next_user",
            Counter::Team => "next_team",
            Counter::Notice => "next_notice",
            Counter::Invitation => "next_invitation",
            Counter::Impersonation => "next_impersonation",
        };
        let id = record::get(&*self.tables.meta, key)?.unwrap_or(1_u64);
        record::put(&mut *self.tables.meta, key, &(id + 1))?;
        Ok(id)
    }

    /// All signing keys with their ids.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn signing_keys(&self) -> Result<Vec<(String, SigningKeyRecord)>, StoreError> {
        all(&*self.tables.signing_keys)
    }

    /// Writes a signing key.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_signing_key(&mut self, id: &str, key: &SigningKeyRecord) -> Result<(), StoreError> {
        record::put(&mut *self.tables.signing_keys, id, key)
    }
}

impl Read {
    /// All signing keys with their ids.
    ///
    /// # Errors
    /// If the store cannot be read or a record is damaged.
    pub fn signing_keys(&self) -> Result<Vec<(String, SigningKeyRecord)>, StoreError> {
        all(&self.open(SIGNING_KEYS)?)
    }
}

fn all<T: DeserializeOwned>(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Vec<(String, T)>, StoreError> {
    table
        .iter()?
        .map(|row| {
            let (key, value) = row?;
            Ok((key.value().to_owned(), record::decode(value.value())?))
        })
        .collect()
}
