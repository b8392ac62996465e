//! An invitation: a one-time link by which a new person makes their own account.
//!
//! ```text
//! made ── newer one to the same address, withdrawn, 72 h ──> void
//!      └─ accepted with the token ──> account, session
//! ```

use super::team::TeamRole;
use super::user::Email;
use crate::domain::audit::Actor;
use crate::domain::id::{InvitationId, TeamId};
use crate::domain::secret::{equal, token_hash};
use crate::domain::time::{Now, Stamp};
use serde::{Deserialize, Serialize};

/// Seconds that an invitation lives.
pub const LIFE_SECONDS: u64 = 72 * 3600;

/// An invitation that was not accepted yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Counted from 1, never given twice.
    pub id: InvitationId,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// The address that the account will have.
    pub email: Email,
    /// Given name, unless the person says otherwise; may be empty.
    pub first_name: String,
    /// Family name, unless the person says otherwise; may be empty.
    pub last_name: String,
    /// The team that the person joins, with the role there.
    pub team: Option<(TeamId, TeamRole)>,
    /// Who invites.
    pub by: Actor,
    /// When it was made.
    pub made: Stamp,
}

impl Invitation {
    /// Whether it may still be accepted.
    pub fn is_alive(&self, now: Now) -> bool {
        self.made.is_within(LIFE_SECONDS, now)
    }

    /// Whether `token` is this invitation's, and in time.
    pub fn accepts(&self, token: &[u8], now: Now) -> bool {
        equal(&self.hash, &token_hash(token)) && self.is_alive(now)
    }
}
