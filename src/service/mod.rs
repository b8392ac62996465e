//! Floor 2: the use cases. Each reads, lets `domain` decide, writes in one transaction, and answers
//! when that is durable. No HTTP here, no callbacks upward.
//!
//! ```text
//! core       who is calling, the transaction that acts for them, the check of a code, refusals
//!   sessions   tokens, one's own sessions, how sessions end
//!   entry      the two doors: password, code; the pause; what guessers meet
//!     account  people  teams  support    one folder a family of URLs
//!   upkeep     instance, health, doctor, housekeeping, audit log
//! ```

pub mod account;
mod core;
pub mod entry;
pub mod people;
pub mod sessions;
pub mod support;
pub mod teams;
pub mod upkeep;

pub use self::core::acting::Requester;
pub use self::core::context::{Client, Settings};
pub use self::core::error::{CodeProblem, Error};
pub use self::core::identify::{Caller, Proof};

use self::core::context::Foundation;
use self::core::jobs::Core;
use crate::platform::clock::Clock;
use crate::platform::entropy::Entropy;
use crate::store::Store;
use std::sync::Arc;

/// The use cases, one part for each family of URLs.
pub struct Services {
    core: Arc<Core>,
    /// Signing in, and the pause.
    pub entry: Arc<entry::Entry>,
    /// Sessions and their tokens.
    pub sessions: sessions::Sessions,
    /// A person's own account.
    pub account: account::Account,
    /// Accounts, as others manage them.
    pub people: people::People,
    /// Teams.
    pub teams: teams::Teams,
    /// Acting as another person.
    pub support: support::Support,
    /// The service itself.
    pub upkeep: Arc<upkeep::Upkeep>,
}

impl Services {
    /// The use cases on an open store.
    pub fn new(
        store: Store,
        unlocked: upkeep::instance::Unlocked,
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
        let core = Arc::new(Core::new(store, foundation, clock, entropy));
        let entry = Arc::new(entry::Entry::new(Arc::clone(&core), unlocked.pause));
        Self {
            sessions: sessions::Sessions::new(Arc::clone(&core)),
            account: account::Account::new(Arc::clone(&core), Arc::clone(&entry)),
            people: people::People::new(Arc::clone(&core), Arc::clone(&entry)),
            teams: teams::Teams::new(Arc::clone(&core)),
            support: support::Support::new(Arc::clone(&core)),
            upkeep: Arc::new(upkeep::Upkeep::new(Arc::clone(&core), Arc::clone(&entry))),
            entry,
            core,
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.core.foundation.settings
    }

    /// The caller that a bearer token stands for.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for a token that is bad, expired, revoked or not for this use.
    pub fn identify(&self, token: &str) -> Result<Caller, Error> {
        self.core.identify(token)
    }

    /// The public keys that tokens verify with (RFC 7517).
    pub fn public_keys(&self) -> serde_json::Value {
        self.core.public_keys()
    }
}
