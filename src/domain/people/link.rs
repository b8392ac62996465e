//! A one-time link by which a person sets a new password: one at a time, a newer one voids the older.

use crate::domain::audit::Actor;
use crate::domain::secret::{equal, token_hash};
use crate::domain::time::{Now, Stamp};
use serde::{Deserialize, Serialize};

/// Seconds that a link lives.
pub const LIFE_SECONDS: u64 = 24 * 3600;

/// The one link of a person that is good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordLink {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// When it was made.
    pub made: Stamp,
    /// Who made it: it is good no longer than they may make one.
    pub by: Actor,
}

impl PasswordLink {
    /// Whether `token` is this link's, and in time.
    pub fn accepts(&self, token: &[u8], now: Now) -> bool {
        equal(&self.hash, &token_hash(token)) && self.made.is_within(LIFE_SECONDS, now)
    }
}
