//! The claim of a new instance: one token, one use, one first administrator.
//!
//! ```text
//! unclaimed ── link minted (voids the one before) ──> unclaimed ── claim with the token ──> claimed for ever
//! ```

use crate::domain::secret::{equal, token_hash};
use crate::domain::time::{Now, Stamp};
use serde::{Deserialize, Serialize};

/// Seconds that a set-up link lives.
pub const LINK_SECONDS: u64 = 24 * 3600;

/// Where the claim stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// Whether an administrator exists or has existed.
    pub claimed: bool,
    /// Hash and moment of the one link that is good.
    pub link: Option<([u8; 32], Stamp)>,
}

impl SetUp {
    /// Whether `token` opens the claim now.
    pub fn accepts(&self, token: &[u8], now: Now) -> bool {
        let good = |(hash, made): &([u8; 32], Stamp)| {
            equal(hash, &token_hash(token)) && made.is_within(LINK_SECONDS, now)
        };
        !self.claimed && self.link.as_ref().is_some_and(good)
    }
}
