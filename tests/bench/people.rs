//! People whose second factor is on and whose sign-in waits for its code, written straight into the
//! store: a password hash for each would take longer than everything that is measured.
//!
//! All have one seed, sealed for each of them anew, so that the load generator computes a code once
//! a step. Session ids and tokens are drawn from their number by SHA-256, so that neighbours are
//! nowhere near each other in the store, as with real ones.

use anyhow::Context;
use data_encoding::BASE64URL_NOPAD;
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::SystemTime;
use vestibule::app::Sources;
use vestibule::config::Config;
use vestibule::domain::enrolment::Factor;
use vestibule::domain::id::{SessionId, UserId};
use vestibule::domain::password::{Memory, NewPassword};
use vestibule::domain::seal::{self, Keys, Place};
use vestibule::domain::secret::{Secret, SecretText, token_hash};
use vestibule::domain::session::{Session, Stage, StageToken};
use vestibule::domain::time::Now;
use vestibule::domain::totp::{Generator, Parameters, Seed};
use vestibule::domain::user::{Email, Role, Roles, User};
use vestibule::platform::files;
use vestibule::platform::key_provider::KeyFile;
use vestibule::platform::paths::DataDirectory;
use vestibule::service::upkeep::instance::{self, Unlocked};
use vestibule::store::{Counter, Store, StoreError, Write};

/// The password of everybody.
pub const PASSWORD: &str = "grey otter plays cello";
/// People written in one transaction.
const BATCH: usize = 1000;

/// The seed in everybody's phone.
pub fn seed() -> Seed {
    Seed::new(*b"12345678901234567890")
}

/// The code that the phones show now; computed once a step.
pub struct Phone {
    generator: Generator,
    step: Cell<u64>,
    code: RefCell<String>,
}

impl Phone {
    pub fn new() -> Self {
        Self {
            generator: Generator::new(&seed(), Parameters::DEFAULT),
            step: Cell::new(0),
            code: RefCell::default(),
        }
    }

    /// Hands the body of a request with the code to `act`.
    pub fn with_body(&self, act: impl FnOnce(&str)) {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let step = self
            .generator
            .step_at(since.map_or(0, |since| since.as_secs()));
        if self.step.replace(step) != step {
            let body = format!("{{\"code\":\"{}\"}}", self.generator.text(step));
            self.code.replace(body);
        }
        act(&self.code.borrow());
    }
}

/// The session of the person with this number.
pub fn session_id(number: usize) -> SessionId {
    let [id @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        token_hash(format!("session {number}").as_bytes());
    SessionId(id)
}

fn stage_secret(number: usize) -> [u8; 32] {
    token_hash(format!("secret {number}").as_bytes())
}

/// The pending token of the person with this number.
pub fn pending_token(number: usize) -> String {
    let bytes = [&session_id(number).0[..], &stage_secret(number)[..]].concat();
    BASE64URL_NOPAD.encode(&bytes)
}

pub fn email(number: usize) -> String {
    format!("person.{number}@example.com")
}

/// Opens the instance in `root`, making it if there is none.
pub async fn open(root: &Path) -> anyhow::Result<(Store, Unlocked)> {
    files::private_directory(root)?;
    let directory = DataDirectory::new(root.to_owned());
    let provider = KeyFile::new(directory.keys());
    let (config, sources) = (Config::default(), Sources::of_machine()?);
    let (clock, entropy) = (sources.clock.as_ref(), sources.entropy.as_ref());
    let cache = config.store.cache_bytes;
    let (store, key) = instance::open(&directory, &provider, clock, entropy, cache, true)?;
    let algorithm = config.session.signing_algorithm;
    let unlocked = instance::unlock(&store, &key, &provider, algorithm, clock, entropy).await?;
    Ok((store, unlocked))
}

/// Makes an instance in `root` with `count` people; the number of its newest audit row.
pub async fn prepare(root: &Path, count: usize) -> anyhow::Result<u64> {
    let (store, unlocked) = open(root).await?;
    let now = Sources::of_machine()?.clock.now();
    let password = SecretText::new(PASSWORD.to_owned());
    let salt = [5; 16];
    let hash = NewPassword::make(&password, salt, &unlocked.pepper, &mut Memory::default());
    let hash = hash.context("a password could not be hashed")?;
    for first in (0..count).step_by(BATCH) {
        let (keys, hash) = (unlocked.keys.clone(), hash.clone());
        let pepper = unlocked.pepper.clone();
        let numbers = first..count.min(first + BATCH);
        let job = move |write: &mut Write<'_>| {
            numbers
                .clone()
                .try_for_each(|number| add(write, (&keys, &pepper), &hash, number, now))
        };
        store.write(job).await?;
    }
    let (newest, _) = store.read(|read| read.audit_head())?;
    store.close();
    Ok(newest)
}

fn add(
    write: &mut Write<'_>,
    (keys, pepper): (&Keys, &Secret<32>),
    hash: &NewPassword,
    number: usize,
    now: Now,
) -> Result<(), StoreError> {
    let id = UserId(write.next_id(Counter::User)?);
    let refused = |what: &str| StoreError::Refused(what.to_owned());
    write.add_user(&User {
        id,
        email: Email::parse(&email(number)).ok_or_else(|| refused("no address"))?,
        first_name: "Ada".to_owned(),
        last_name: "King".to_owned(),
        roles: Roles::new(vec![Role::User]),
        created_at: now.unix_seconds,
        archived_at: None,
        impersonation_allowed: false,
        must_change_password: false,
        must_enrol: false,
        factor_demanded_at: None,
    })?;
    write.put_password(id, &hash.bind(id, pepper))?;
    let factor = factor(write, keys, id, number, now)
        .and_then(|made| made.ok_or_else(|| refused("no seed")))?;
    write.put_factor(id, &factor)?;
    write.add_session(&session(id, number, now))
}

fn factor(
    write: &mut Write<'_>,
    keys: &Keys,
    user: UserId,
    number: usize,
    now: Now,
) -> Result<Option<Factor>, StoreError> {
    let generation = write.next_generation(user)?;
    let place = Place {
        install: &keys.install,
        table: "factors",
        user: user.0,
        record: b"seed",
        generation,
    };
    let [nonce @ .., _, _, _, _, _, _, _, _] = token_hash(format!("nonce {number}").as_bytes());
    let sealed = seal::seal(&keys.sealing, nonce, place, seed().expose());
    Ok(sealed.map(|seed| Factor {
        generation,
        seed,
        parameters: Parameters::DEFAULT,
        last_step: 0,
        enabled_at: now.unix_seconds,
    }))
}

fn session(user: UserId, number: usize, now: Now) -> Session {
    Session {
        id: session_id(number),
        user,
        password_at: now.stamp(),
        code_at: None,
        stage_token: Some(StageToken {
            stage: Stage::Pending,
            hash: token_hash(&stage_secret(number)),
        }),
        refresh: None,
        last_used: now.stamp(),
        device: "bench".to_owned(),
        address: "127.0.0.1".to_owned(),
        impersonation: None,
    }
}
