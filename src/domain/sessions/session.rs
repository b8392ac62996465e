//! A session: one sign-in, its stage, its tokens and its end.
//!
//! ```text
//!                     ┌─ factor on ────────────> pending (5 min) ── right code ──┐
//! right password ─────┼─ demanded, no grace ──> enrolment (15 min) ── enabled ──>├─> full ── idle, 7 days,
//!                     └─ neither ───────────────────────────────────────────────┘          sign-out … ─> ended
//! full, of the support team ── own code ──> impersonation: a session of the target, see `impersonation`
//! ```
//! The stage is not kept but worked out at every request, see `session_stage`.

use super::impersonation::{self, Impersonation};
use crate::domain::id::{SessionId, UserId};
use crate::domain::time::{Now, Stamp};
use serde::{Deserialize, Serialize};

/// Seconds that a pending token lives.
pub const PENDING_SECONDS: u64 = 5 * 60;
/// Seconds that an enrolment token lives.
pub const ENROLMENT_SECONDS: u64 = 15 * 60;
/// Seconds for which a code makes a session fresh.
pub const FRESH_CODE_SECONDS: u64 = 5 * 60;
/// Seconds within which a refresh token may be shown again because its answer was lost.
pub const REFRESH_RETRY_SECONDS: u64 = 10;

/// How long tokens and sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Seconds of an access token.
    pub access_seconds: u64,
    /// Seconds without a refresh after which a session ends.
    pub refresh_idle_seconds: u64,
    /// Seconds after which a session ends however it is used.
    pub refresh_absolute_seconds: u64,
}

/// How far a session has come; later is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// The password was right, the code is still to come.
    Pending,
    /// The password was right, a second factor is still to be set up.
    Enrolment,
    /// Signed in.
    Full,
    /// A member of the support team acts in this user's place.
    Impersonation,
}

impl Stage {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Enrolment => "enrolment",
            Self::Full => "full",
            Self::Impersonation => "impersonation",
        }
    }
}

/// The one opaque token of a session that is not full yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageToken {
    /// The most that it is good for.
    pub stage: Stage,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
}

/// The state of the refresh tokens of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// The number of the one token that was not used yet.
    pub counter: u32,
    /// When it was made.
    pub rotated: Stamp,
}

/// A session as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id, also the family of its refresh tokens.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When the password was given.
    pub password_at: Stamp,
    /// When the last code was accepted.
    pub code_at: Option<Stamp>,
    /// The opaque token of a session that is not full.
    pub stage_token: Option<StageToken>,
    /// The refresh tokens of a full one.
    pub refresh: Option<Refresh>,
    /// The last refresh or code.
    pub last_used: Stamp,
    /// What the client called itself.
    pub device: String,
    /// Where it came from.
    pub address: String,
    /// Set if another user acts in the owner's place.
    pub impersonation: Option<Impersonation>,
}

impl Session {
    /// Whether the last code is less than five minutes old.
    pub fn has_fresh_code(&self, now: Now) -> bool {
        self.code_at
            .is_some_and(|at| at.is_within(FRESH_CODE_SECONDS, now))
    }

    /// How the person proved who they are (RFC 8176); a recovery code is a one-time password too.
    /// Empty while another user acts: the owner proved nothing.
    pub fn authentication_methods(&self) -> Vec<&'static str> {
        match self.code_at {
            _ if self.impersonation.is_some() => Vec::new(),
            Some(_) => vec!["pwd", "otp"],
            None => vec!["pwd"],
        }
    }

    /// Whether the time of an impersonation, which began when the session did, is not over yet.
    pub fn is_young_impersonation(&self, now: Now) -> bool {
        self.password_at.is_within(impersonation::LIFE_SECONDS, now)
    }

    /// Whether the session may still be used and refreshed once it is full.
    pub fn is_alive(&self, lifetimes: Lifetimes, now: Now) -> bool {
        self.refresh.is_some()
            && self
                .password_at
                .is_within(lifetimes.refresh_absolute_seconds, now)
            && self
                .last_used
                .is_within(lifetimes.refresh_idle_seconds, now)
    }

    /// A right code makes the session fresh, and leaves its tokens as they are.
    pub fn freshen(&mut self, now: Now) {
        self.code_at = Some(now.stamp());
        self.last_used = now.stamp();
    }

    /// The last code no longer makes the session fresh; that there was one stays.
    pub fn stale(&mut self, now: Now) {
        if self.has_fresh_code(now) {
            self.code_at = Some(now.stamp().before(FRESH_CODE_SECONDS));
        }
    }

    /// A right code: the session is full and fresh, and its tokens change.
    pub fn lift(&mut self, now: Now) {
        self.code_at = Some(now.stamp());
        self.rotate(now);
    }

    /// Makes the next refresh token the good one, and ends the opaque token.
    pub fn rotate(&mut self, now: Now) {
        self.stage_token = None;
        self.last_used = now.stamp();
        self.refresh = Some(Refresh {
            counter: self
                .refresh
                .map_or(0, |refresh| refresh.counter.saturating_add(1)),
            rotated: now.stamp(),
        });
    }

    /// Decides about a refresh token of this family whose number is `counter`.
    pub fn present_refresh(&self, counter: u32, lifetimes: Lifetimes, now: Now) -> RefreshVerdict {
        let Some(refresh) = self.refresh else {
            return RefreshVerdict::Unknown;
        };
        if !self.is_alive(lifetimes, now) || counter > refresh.counter {
            return RefreshVerdict::Unknown;
        }
        if counter == refresh.counter {
            return RefreshVerdict::Current;
        }
        let retried =
            counter + 1 == refresh.counter && refresh.rotated.is_within(REFRESH_RETRY_SECONDS, now);
        if retried {
            RefreshVerdict::Retried
        } else {
            RefreshVerdict::Reused
        }
    }
}

/// What a refresh token turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshVerdict {
    /// The good one: rotate.
    Current,
    /// The one before, a moment ago, its successor not used: answer the same successor.
    Retried,
    /// Used before: there is a copy, so the session ends.
    Reused,
    /// Of no living session.
    Unknown,
}
