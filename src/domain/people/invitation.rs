//! An invitation: to an address, for one team or none. A person without an account makes one with the
//! one-time link; a person with one finds the invitation there, and the link is void for them.
//!
//! ```text
//! made ── newer one to the same address for the same team, withdrawn, 72 h ──> void
//!      ├─ no account: accepted with the token ──> account, membership, session
//!      └─ account: accepted in it ──> membership
//!                  declined in it ──> out of its owner's sight; for the inviter as if unanswered
//! ```

use super::authority::{Standing, TeamAct};
use super::team::{Team, TeamRole};
use super::user::{Email, User};
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
    /// The address that is invited.
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

    /// Whether the inviter could still make it now: an invitation does not outlive the power to invite.
    pub fn still_stands(&self, ground: &Ground) -> bool {
        let is_impersonated = matches!(self.by, Actor::Impersonator { .. });
        let maker = ground.maker.as_ref();
        let standing = match (&self.by, maker) {
            (Actor::Operator(_), _) => return self.team.is_none() || ground.team.is_some(),
            (Actor::User(_) | Actor::Impersonator { .. }, Some((user, role)))
                if !user.is_archived() =>
            {
                Standing::of(user, *role, is_impersonated)
            }
            _ => return false,
        };
        match (self.team, &ground.team) {
            (None, _) => standing.is_admin,
            (Some((_, role)), Some(team)) => standing.may(TeamAct::Add(role), team.support),
            (Some(_), None) => false,
        }
    }
}

/// What an invitation stands on now.
pub struct Ground {
    /// The account of the user who invites, with the role in the invitation's team.
    pub maker: Option<(User, Option<TeamRole>)>,
    /// The invitation's team, if it is still there.
    pub team: Option<Team>,
}
