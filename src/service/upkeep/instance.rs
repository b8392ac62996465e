//! An instance: made once, by the first start, and unlocked at every start.
//!
//! The store appears under its name only when it is complete, and the key under its own only after
//! that, so that a kill at any point leaves something that the next start finishes or begins anew.
//! A key in place beside no store is refused: a store that was lost is never taken for a first run.

pub use super::instance_error::InstanceError;
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::jwt::{SigningAlgorithm, SigningKey};
use crate::domain::pause::Pause;
use crate::domain::seal::{self, Keys, Place, Sealed};
use crate::domain::secret::Secret;
use crate::domain::set_up::SetUp;
use crate::platform::clock::Clock;
use crate::platform::entropy::{self, Entropy, EntropyError};
use crate::platform::files;
use crate::platform::key_provider::KeyProvider;
use crate::platform::paths::DataDirectory;
use crate::store::{Identity, SigningKeyRecord, Store, StoreError, Write};
use std::path::PathBuf;

/// What an unlocked store yields.
pub struct Unlocked {
    /// The purposes' keys.
    pub keys: Keys,
    /// The key of the password hashes.
    pub pepper: Secret<32>,
    /// The first one signs; all verify.
    pub signing_keys: Vec<SigningKey>,
    /// Whether sign-ins are paused.
    pub pause: Pause,
}

/// The random values that a new instance is made of.
pub struct Material {
    install: [u8; 16],
    data_key: Secret<32>,
    pepper: Secret<32>,
    nonces: [[u8; 24]; 2],
}

impl Material {
    /// Draws them.
    ///
    /// # Errors
    /// If no randomness could be had.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        Ok(Self {
            install: entropy::bytes(entropy)?,
            data_key: entropy::secret(entropy)?,
            pepper: entropy::secret(entropy)?,
            nonces: [entropy::bytes(entropy)?, entropy::bytes(entropy)?],
        })
    }

    /// Writes identity, pepper and the first audit row: the first job of a new store.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn write(
        &self,
        write: &mut Write<'_>,
        key: &Secret<32>,
        provider: &str,
        created_at: u64,
    ) -> Result<(), StoreError> {
        let sealed = |key, record: &'static str, nonce, secret: &Secret<32>| {
            seal::seal(
                key,
                nonce,
                place(&self.install, "meta", record.as_bytes()),
                secret.expose(),
            )
            .ok_or_else(|| StoreError::Refused("a key could not be sealed".into()))
        };
        let [first, second] = self.nonces;
        let data_key = sealed(key, "identity", first, &self.data_key)?;
        let keys = Keys::derive(&self.data_key, self.install);
        let pepper = sealed(&keys.sealing, "pepper", second, &self.pepper)?;
        write.put_identity(&Identity {
            install: self.install,
            key_provider: provider.to_owned(),
            data_key,
            created_at,
        })?;
        write.put_pepper(&pepper)?;
        write.put_passwords_bound(&true)?;
        write.put_set_up(&SetUp::default())?;
        write.append_audit(
            &keys.audit,
            &by_service(Action::InstanceCreated, created_at, ""),
        )
    }
}

/// Opens the instance in `directory`, making it if `may_create` and nothing is there.
///
/// # Errors
/// See [`InstanceError`]; nothing that was there is changed by a refusal.
pub fn open(
    directory: &DataDirectory,
    provider: &dyn KeyProvider,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    cache_bytes: usize,
    may_create: bool,
) -> Result<(Store, Secret<32>), InstanceError> {
    let path = directory.store();
    let store_there = path.symlink_metadata().is_ok_and(|file| file.len() > 0);
    let key = provider.load()?;
    match (&key, store_there) {
        (Some(_), false) => {
            return Err(InstanceError::StoreMissing {
                key: provider.location(),
                store: path,
            });
        }
        (None, false) if !may_create => {
            return Err(InstanceError::None(directory.root().to_owned()));
        }
        (None, false) => create(directory, provider, clock, entropy)?,
        (_, true) => {}
    }
    let io = |source| InstanceError::Io {
        path: path.clone(),
        source,
    };
    files::check_private_file(&path).map_err(io)?;
    let store = Store::open(path.clone(), cache_bytes).map_err(|error| at(path, error))?;
    let key = settle_key(&store, directory, provider, key)?;
    Ok((store, key))
}

fn create(
    directory: &DataDirectory,
    provider: &dyn KeyProvider,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<(), InstanceError> {
    let prepared = directory.store_prepared();
    let io = |source| InstanceError::Io {
        path: prepared.clone(),
        source,
    };
    let material = Material::draw(entropy)?;
    let key = provider.prepare(entropy)?;
    files::remove_if_there(&prepared).map_err(io)?;
    Store::create(&prepared, |write| {
        material.write(write, &key, provider.name(), clock.now().unix_seconds)
    })
    .map_err(|error| at(prepared.clone(), error))?;
    files::check_private_file(&prepared).map_err(io)?;
    files::rename(&prepared, &directory.store()).map_err(io)
}

/// The key that opens the store: the one in place, or the one of a first start that was killed
/// before it could be put in place.
fn settle_key(
    store: &Store,
    directory: &DataDirectory,
    provider: &dyn KeyProvider,
    in_place: Option<Secret<32>>,
) -> Result<Secret<32>, InstanceError> {
    let identity = identity(store).map_err(|error| at(directory.store(), error))?;
    check_provider(&identity, provider)?;
    if let Some(key) = in_place {
        if data_key(&identity, &key).is_none() {
            return Err(InstanceError::KeyWrong(provider.location()));
        }
        provider.discard_prepared()?;
        return Ok(key);
    }
    let prepared = provider.load_prepared()?;
    match prepared {
        Some(key) if data_key(&identity, &key).is_some() => {
            provider.commit()?;
            Ok(key)
        }
        _ => Err(InstanceError::KeyMissing(provider.location())),
    }
}

fn check_provider(identity: &Identity, provider: &dyn KeyProvider) -> Result<(), InstanceError> {
    if identity.key_provider == provider.name() {
        return Ok(());
    }
    Err(InstanceError::ProviderChanged {
        recorded: identity.key_provider.clone(),
        asked: provider.name(),
    })
}

/// Unlocks an open store with its key. If no key for `algorithm` signs yet, one is made.
///
/// # Errors
/// If the key is another instance's, or the store fails.
pub async fn unlock(
    store: &Store,
    key: &Secret<32>,
    provider: &dyn KeyProvider,
    algorithm: SigningAlgorithm,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Unlocked, InstanceError> {
    let failed = |error| at(PathBuf::from("(open)"), error);
    let identity = identity(store).map_err(failed)?;
    check_provider(&identity, provider)?;
    let wrong = || InstanceError::KeyWrong(provider.location());
    let data_key = data_key(&identity, key).ok_or_else(wrong)?;
    let keys = Keys::derive(&data_key, identity.install);
    let pepper = store.read(|read| read.pepper()).map_err(failed)?;
    let pepper = pepper
        .and_then(|sealed| open_key(&keys, "meta", b"pepper", &sealed))
        .ok_or_else(wrong)?;
    bind_passwords(store, &pepper).await.map_err(failed)?;
    ensure_signing_key(store, &keys, algorithm, clock, entropy).await?;
    let records = store.read(|read| read.signing_keys()).map_err(failed)?;
    let signing_keys = open_signing_keys(&keys, records).ok_or_else(wrong)?;
    let pause = store.read(|read| read.pause()).map_err(failed)?;
    Ok(Unlocked {
        keys,
        pepper,
        signing_keys,
        pause: pause.unwrap_or_default(),
    })
}

/// Binds the password hashes of a store from before they were bound to their accounts.
async fn bind_passwords(store: &Store, pepper: &Secret<32>) -> Result<(), StoreError> {
    let is_bound = |bound: Option<bool>| bound.unwrap_or(false);
    if is_bound(store.read(|read| read.passwords_bound())?) {
        return Ok(());
    }
    let pepper = pepper.clone();
    let job = move |write: &mut Write<'_>| {
        if !is_bound(write.passwords_bound()?) {
            write.change_passwords(|user, hash| hash.bind(user, &pepper))?;
            write.put_passwords_bound(&true)?;
        }
        Ok(())
    };
    store.write(job).await
}

/// Makes a signing key if the newest one is of another algorithm, and retires the others.
async fn ensure_signing_key(
    store: &Store,
    keys: &Keys,
    algorithm: SigningAlgorithm,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<(), InstanceError> {
    let now = clock.now().unix_seconds;
    let id = data_encoding::HEXLOWER.encode(&entropy::bytes::<8>(entropy)?);
    let secret: Secret<32> = entropy::secret(entropy)?;
    let nonce = entropy::bytes(entropy)?;
    let keys = keys.clone();
    let job = move |write: &mut Write<'_>| {
        let records = write.signing_keys()?;
        let is_current = |record: &SigningKeyRecord| {
            record.retired_at.is_none() && record.algorithm == algorithm
        };
        if records.iter().any(|(_, record)| is_current(record)) {
            return Ok(());
        }
        for (id, mut record) in records {
            record.retired_at.get_or_insert(now);
            write.put_signing_key(&id, &record)?;
        }
        let place = place(&keys.install, "signing_keys", id.as_bytes());
        let sealed = seal::seal(&keys.sealing, nonce, place, secret.expose())
            .ok_or_else(|| StoreError::Refused("a key could not be sealed".into()))?;
        let record = SigningKeyRecord {
            algorithm,
            secret: sealed,
            created_at: now,
            retired_at: None,
        };
        write.put_signing_key(&id, &record)?;
        write.append_audit(&keys.audit, &by_service(Action::SigningKeyMade, now, &id))
    };
    let done = store.write(job).await;
    done.map_err(|error| at(PathBuf::from("(open)"), error))
}

/// Opens the signing keys, the current one first.
fn open_signing_keys(
    keys: &Keys,
    mut records: Vec<(String, SigningKeyRecord)>,
) -> Option<Vec<SigningKey>> {
    records.sort_by_key(|(_, record)| (record.retired_at.is_some(), u64::MAX - record.created_at));
    let open = |(id, record): &(String, SigningKeyRecord)| {
        let secret = open_key(keys, "signing_keys", id.as_bytes(), &record.secret)?;
        SigningKey::new(id, record.algorithm, &secret).ok()
    };
    records.iter().map(open).collect()
}

fn identity(store: &Store) -> Result<Identity, StoreError> {
    store
        .read(|read| read.identity())?
        .ok_or_else(|| StoreError::Damaged("it has no identity".into()))
}

fn data_key(identity: &Identity, key: &Secret<32>) -> Option<Secret<32>> {
    let place = place(&identity.install, "meta", b"identity");
    Secret::from_slice(&seal::open(key, place, &identity.data_key)?)
}

fn open_key(keys: &Keys, table: &str, record: &[u8], sealed: &Sealed) -> Option<Secret<32>> {
    let place = place(&keys.install, table, record);
    Secret::from_slice(&seal::open(&keys.sealing, place, sealed)?)
}

fn place<'a>(install: &'a [u8; 16], table: &'a str, record: &'a [u8]) -> Place<'a> {
    Place {
        install,
        table,
        user: 0,
        record,
        generation: 0,
    }
}

fn at(path: PathBuf, error: StoreError) -> InstanceError {
    InstanceError::Store { path, error }
}

fn by_service(action: Action, at: u64, detail: &str) -> Event {
    Event {
        at,
        action,
        actor: Actor::Service,
        user: None,
        session: None,
        address: String::new(),
        detail: detail.to_owned(),
    }
}
