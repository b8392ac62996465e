//! A second factor and how it comes to be.
//!
//! ```text
//! none ── generate-qr ──> pending (this session's, 10 min) ── enable, right code ──> active, generation n+1
//!             ^ └─ repeated: the same seed            │ lapses, restart            │ disable, reset
//!             └───────────────────────────────────────┴───────────────────────────┘
//! active ── generate-qr?replace ──> active + pending ── enable ──> active, generation n+1
//! ```
//! A pending seed belongs to one session; the active one is never shown again.

use super::near_miss::NearMiss;
use super::totp::{Code, Generator, Parameters, Window};
use crate::domain::seal::Sealed;
use crate::domain::session::Session;
use crate::domain::time::{Now, Stamp};
use serde::{Deserialize, Serialize};

/// Seconds that a generated seed waits for its first code.
pub const PENDING_SECONDS: u64 = 600;
/// Seconds after the password was given within which a first factor may be set up.
pub const FRESH_SIGN_IN_SECONDS: u64 = 15 * 60;

/// A person's active second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Counts the factors that this person has had.
    pub generation: u64,
    /// The sealed seed.
    pub seed: Sealed,
    /// What the phone computes with.
    pub parameters: Parameters,
    /// The last step whose code was accepted; only a later one ever will be.
    pub last_step: u64,
    /// Unix seconds of the enrolment.
    pub enabled_at: u64,
}

/// A seed that was shown and waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingFactor {
    /// The generation that it will have.
    pub generation: u64,
    /// The sealed seed.
    pub seed: Sealed,
    /// What the phone computes with.
    pub parameters: Parameters,
    /// When it was generated.
    pub generated: Stamp,
    /// Whether it is to replace an active factor.
    pub replaces: bool,
}

impl PendingFactor {
    /// Whether it may still be confirmed.
    pub fn is_alive(&self, now: Now) -> bool {
        self.generated.is_within(PENDING_SECONDS, now)
    }

    /// Unix seconds at which it lapses.
    pub fn lapses_at(&self) -> u64 {
        self.generated.unix_seconds.saturating_add(PENDING_SECONDS)
    }
}

/// What the caller of generate-qr asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GenerateOptions {
    /// Throw a pending seed away.
    pub restart: bool,
    /// Prepare the successor of an active factor.
    pub replace: bool,
}

/// What generate-qr is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generate {
    /// Answer the pending seed once more.
    Repeat,
    /// Make a new seed.
    Make,
    /// Refuse: a factor is active and no successor was asked for.
    AlreadyOn,
    /// Refuse: the password was given too long ago.
    FreshSignInRequired,
    /// Refuse: the last code is too old.
    FreshCodeRequired,
}

/// Decides what generate-qr does.
pub fn decide_generate(
    session: &Session,
    is_on: bool,
    pending: Option<&PendingFactor>,
    options: GenerateOptions,
    now: Now,
) -> Generate {
    if is_on && !options.replace {
        return Generate::AlreadyOn;
    }
    let repeatable =
        pending.is_some_and(|pending| pending.is_alive(now) && pending.replaces == is_on);
    if repeatable && !options.restart {
        return Generate::Repeat;
    }
    if is_on && !session.has_fresh_code(now) {
        return Generate::FreshCodeRequired;
    }
    if !is_on && !session.password_at.is_within(FRESH_SIGN_IN_SECONDS, now) {
        return Generate::FreshSignInRequired;
    }
    Generate::Make
}

/// Whether a code confirms a pending seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// It does; its step is used up.
    Confirmed {
        /// The step to remember.
        step: u64,
    },
    /// It does not; `drift` if it would have been right at another time.
    Wrong {
        /// How far off the phone's clock is.
        drift: Option<NearMiss>,
    },
}

/// Checks the first code of a pending seed. A single near miss is told: who enrols knows the seed.
pub fn confirm(generator: &Generator, code: &Code, window: Window, now: Now) -> Confirm {
    let current = generator.step_at(now.unix_seconds);
    let oldest = current.saturating_sub(window.past_steps);
    let newest = current.saturating_add(window.future_steps);
    match generator.newest_match(code, oldest, newest) {
        Some(step) => Confirm::Confirmed { step },
        None => Confirm::Wrong {
            drift: NearMiss::find(generator, code, current),
        },
    }
}
