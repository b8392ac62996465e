//! The way of every use case into the store: one job in one transaction, answered when it is durable.
//!
//! A job that refuses leaves nothing behind. Only what it says to be on record ([`Stop::Recorded`]:
//! the count of a wrong code, the end of a stolen session, an audit row) stays written.

use super::budgets::Budgets;
use super::context::{Client, Context, Foundation};
use super::error::{Decision, Error, Stop};
use super::refusals::Refusals;
use crate::domain::id::UserId;
use crate::domain::secret::Secret;
use crate::domain::time::Now;
use crate::platform::clock::Clock;
use crate::platform::entropy::{self, Entropy};
use crate::store::{Store, StoreError, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Seconds for which a successful probe of the store is believed.
const PROBE_SECONDS: u64 = 2;

/// Acts of one user that write at once, and the seconds after which one more may: what a plain user
/// can make the log grow by in a day stays below 20 MB.
const ACTS_AT_ONCE: u64 = 240;
const SECONDS_PER_ACT: u64 = 2;

/// Store, clock and entropy, with the settings and keys.
pub struct Core {
    /// The store.
    pub store: Store,
    /// Settings and keys.
    pub foundation: Arc<Foundation>,
    /// What is refused, on its way into the audit log.
    pub refusals: Refusals,
    /// Acts of users that write: so many a person.
    pub(super) acts: Budgets<UserId>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Monotonic second, plus one, of the last probe that succeeded; 0 for none.
    last_probe: AtomicU64,
}

impl Core {
    /// On an open store.
    pub fn new(
        store: Store,
        foundation: Foundation,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            store,
            foundation: Arc::new(foundation),
            refusals: Refusals::default(),
            acts: Budgets::new(ACTS_AT_ONCE, SECONDS_PER_ACT),
            clock,
            entropy,
            last_probe: AtomicU64::new(0),
        }
    }

    /// The time.
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        Ok(entropy::bytes(self.entropy.as_ref())?)
    }

    /// Random bytes that are secret.
    pub fn random_secret<const N: usize>(&self) -> Result<Secret<N>, Error> {
        Ok(entropy::secret(self.entropy.as_ref())?)
    }

    /// Runs a job that needs no caller, and answers its decision when it is durable.
    pub async fn run<T, F>(&self, client: &Client, job: F) -> Result<T, Error>
    where
        F: Fn(Context<'_>, &mut Write<'_>) -> Decision<T> + Send + 'static,
        T: Send + 'static,
    {
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let client = client.clone();
        let undone = Arc::new(Mutex::new(None));
        let refusal = Arc::clone(&undone);
        let job = move |write: &mut Write<'_>| {
            let context = Context {
                foundation: &foundation,
                client: &client,
                now,
            };
            match job(context, write) {
                Ok(done) => Ok(Ok(done)),
                Err(Stop::Failed(error)) => Err(error),
                Err(Stop::Recorded(error)) => Ok(Err(error)),
                Err(Stop::Refused(error)) if !write.has_written() => Ok(Err(error)),
                Err(Stop::Refused(error)) => {
                    tracing::warn!(event = "store.undone", %error, "a job wrote before it refused; that was undone");
                    *refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    Err(StoreError::Undone)
                }
            }
        };
        match self.store.write(job).await {
            Ok(decision) => decision,
            Err(StoreError::Undone) => {
                let refusal = undone.lock().unwrap_or_else(PoisonError::into_inner).take();
                Err(refusal.unwrap_or_else(|| StoreError::Undone.into()))
            }
            Err(error) => {
                self.doubt_the_store();
                Err(error.into())
            }
        }
    }

    /// Has the store probed anew, whatever an earlier probe said.
    fn doubt_the_store(&self) {
        self.last_probe.store(0, Ordering::Relaxed);
    }

    /// Whether the store can be written. A durable write a probe tells the truth; many share one.
    pub async fn store_is_writable(&self) -> bool {
        let seconds = self.now().monotonic_milliseconds / 1000 + 1;
        let last = self.last_probe.load(Ordering::Relaxed);
        if last != 0 && seconds.saturating_sub(last) < PROBE_SECONDS {
            return self.store.read(|read| read.set_up()).is_ok();
        }
        let probe = self.store.write(|write| {
            let set_up = write.set_up()?.unwrap_or_default();
            write.put_set_up(&set_up)
        });
        let written = probe.await.is_ok();
        self.last_probe
            .store(if written { seconds } else { 0 }, Ordering::Relaxed);
        written
    }
}
