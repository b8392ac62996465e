//! Floor 2: the use cases. Each reads, lets `domain` decide, writes in one transaction, and answers
//! when that is durable. No HTTP here, no callbacks upward.

mod address_limits;
pub mod archive;
pub mod audit;
mod authenticate;
mod clock_watch;
mod codes;
pub mod doctor;
mod endings;
pub mod enrol;
mod error;
pub mod health;
mod housekeeping;
pub mod identify;
mod impersonate;
pub mod instance;
pub mod invitations;
mod join;
pub mod links;
mod manager;
pub mod me;
pub mod members;
mod password_pool;
mod pause;
mod qr;
mod refused_passwords;
pub mod sessions;
pub mod set_up;
pub mod sign_in;
pub mod teams;
mod throttle;
pub mod tokens;
pub mod user_changes;
pub mod users;

pub use error::{CodeProblem, Error};
pub use impersonate::Wish;
pub use manager::Manager;

use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::{SessionId, UserId};
use crate::domain::jwt::SigningKey;
use crate::domain::password::Rules;
use crate::domain::policy::Policy;
use crate::domain::seal::Keys;
use crate::domain::secret::Secret;
use crate::domain::session::{Lifetimes, Session};
use crate::domain::time::Now;
use crate::domain::totp::{Parameters, Window};
use crate::platform::clock::Clock;
use crate::platform::entropy::{self, Entropy};
use crate::store::{Store, StoreError, Write};
use error::Decision;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What the configuration says to the use cases.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base URL, without a slash at its end; `iss` of all tokens.
    pub base_url: String,
    /// The name that authenticator apps show.
    pub issuer: String,
    /// What new factors are computed with.
    pub parameters: Parameters,
    /// Which steps are accepted.
    pub window: Window,
    /// Who must have a second factor.
    pub policy: Policy,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
    /// What new passwords must be.
    pub password_rules: Rules,
    /// Whole months for which audit rows are kept, beside the current one.
    pub audit_keep_months: u32,
    /// Where the store is, for the disk space left; `None` in memory.
    pub data_directory: Option<std::path::PathBuf>,
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The peer's address, or `socket`.
    pub address: String,
    /// What the client calls itself.
    pub device: String,
}

impl Client {
    /// The person at the machine.
    fn of_operator() -> Self {
        Self {
            address: "socket".into(),
            device: String::new(),
        }
    }
}

/// What every use case and every job stands on, unchanged for the life of the process.
struct Foundation {
    settings: Settings,
    keys: Keys,
    pepper: Secret<32>,
    /// The first one signs; all verify.
    signing_keys: Vec<SigningKey>,
}

/// The use cases.
pub struct Services {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    foundation: Arc<Foundation>,
    passwords: password_pool::PasswordPool,
    throttle: throttle::Throttle,
    address_limits: address_limits::AddressLimits,
    pause: pause::PauseMirror,
    refused_passwords: refused_passwords::RefusedPasswords,
    last_probe: AtomicU64,
    clock_watch: clock_watch::ClockWatch,
    stop_asked: tokio::sync::watch::Sender<bool>,
    housekeeping: housekeeping::Housekeeping,
}

impl Services {
    /// The use cases on an open store.
    pub fn new(
        store: Store,
        unlocked: instance::Unlocked,
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let foundation = Foundation {
            settings,
            keys: unlocked.keys,
            pepper: unlocked.pepper,
            signing_keys: unlocked.signing_keys,
        };
        Self {
            store,
            clock,
            entropy,
            foundation: Arc::new(foundation),
            passwords: password_pool::PasswordPool::new(),
            throttle: throttle::Throttle::default(),
            address_limits: address_limits::AddressLimits::default(),
            pause: pause::PauseMirror::of(unlocked.pause),
            refused_passwords: refused_passwords::RefusedPasswords::default(),
            last_probe: AtomicU64::new(0),
            clock_watch: clock_watch::ClockWatch::default(),
            stop_asked: tokio::sync::watch::Sender::new(false),
            housekeeping: housekeeping::Housekeeping::default(),
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.foundation.settings
    }

    /// Tells when the store has failed for good.
    pub fn failure(&self) -> tokio::sync::watch::Receiver<Option<String>> {
        self.store.failure()
    }

    /// Asks whoever runs the service to end it.
    pub fn ask_to_stop(&self, operator: &str) {
        tracing::info!(
            event = "service.stop_asked",
            operator,
            "asked over the local socket to end"
        );
        self.stop_asked.send_replace(true);
    }

    /// Waits until the end was asked for.
    pub async fn asked_to_stop(&self) {
        let mut asked = self.stop_asked.subscribe();
        // The sender lives as long as the use cases do.
        let _ = asked.wait_for(|asked| *asked).await.map(|_| ());
    }

    /// What is due from time to time: called about once a minute, and before the end.
    pub async fn tick(&self) {
        self.watch_clock();
        self.passwords.release_idle();
        if let Err(error) = self.end_impersonations().await {
            tracing::warn!(event = "impersonation.not_ended", %error, "impersonations that are over could not be ended");
        }
        if let Err(error) = self.write_refused_passwords().await {
            tracing::warn!(event = "audit.not_written", %error, "refused passwords could not be written to the audit log");
        }
    }

    /// Finishes queued writes and closes the store.
    pub fn close(&self) {
        self.store.close();
    }

    fn now(&self) -> Now {
        self.clock.now()
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        Ok(entropy::bytes(self.entropy.as_ref())?)
    }

    fn random_secret<const N: usize>(&self) -> Result<Secret<N>, Error> {
        Ok(entropy::secret(self.entropy.as_ref())?)
    }

    /// Runs a job that decides, and answers its decision when it is durable.
    async fn decide<T, F>(&self, job: F) -> Result<T, Error>
    where
        F: Fn(&mut Write<'_>) -> Decision<T> + Send + 'static,
        T: Send + 'static,
    {
        match self.store.write(job).await {
            Ok(decision) => decision,
            Err(error) => {
                self.doubt_the_store();
                Err(error.into())
            }
        }
    }
}

impl Foundation {
    /// The circumstances of a request.
    fn circumstances<'a>(&'a self, client: &'a Client, now: Now) -> codes::Circumstances<'a> {
        codes::Circumstances {
            foundation: self,
            client,
            now,
        }
    }

    /// Appends an event to the audit log of the transaction.
    fn audit(&self, write: &mut Write<'_>, event: &Event) -> Result<(), StoreError> {
        write.append_audit(&self.keys.audit, event)
    }
}

/// The event of something that `user` did, or that was tried in their name, in a session.
fn event(action: Action, user: UserId, client: &Client, now: Now) -> Event {
    Event {
        at: now.unix_seconds,
        action,
        actor: Actor::User(user),
        user: Some(user),
        session: None,
        address: client.address.clone(),
        detail: String::new(),
    }
}

/// Who does what is done in a session: its owner, or whoever acts in the owner's name.
fn actor_of(session: &Session) -> Actor {
    match &session.impersonation {
        None => Actor::User(session.user),
        Some(by) => Actor::Impersonator {
            actor: by.actor,
            target: session.user,
            code: by.code.clone(),
        },
    }
}

/// Adds the session to an event.
fn in_session(event: Event, session: SessionId) -> Event {
    Event {
        session: Some(session),
        ..event
    }
}
