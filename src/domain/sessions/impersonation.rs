//! Members of the support team acting as other users: who may, as whom, and for how long.
//!
//! ```text
//! full session of an Admin in the support team ── own code ──> impersonation (30 min, no refresh)
//!   impersonation ── desimpersonation, sign-out, expiry, the target's word ──────────────────> ended
//!                 └─ the actor's session, role, support membership or account is gone ───────┘
//! ```
//! Whether it still stands is worked out anew at every request, from what is true of both people now.

use crate::domain::id::{SessionId, TeamId, UserId};
use crate::domain::text::has_hidden;
use crate::domain::user::{Role, User};
use serde::{Deserialize, Serialize};

/// Seconds that an impersonation lives at most.
pub const LIFE_SECONDS: u64 = 30 * 60;
/// Random bytes of an impersonation's code, which is their base32: 24 characters.
pub const CODE_BYTES: usize = 15;
/// Longest reason, in characters.
pub const MAX_REASON_CHARACTERS: usize = 200;

/// What makes a session an impersonation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impersonation {
    /// Counted over the whole instance; names the entry in the target's history.
    pub number: u64,
    /// Who acts.
    pub actor: UserId,
    /// The session that the actor returns to.
    pub actor_session: SessionId,
    /// The target's team that was asked for.
    pub team: TeamId,
    /// The support team that the actor is a member of.
    pub support_team: TeamId,
    /// Random; the same in the token and in the audit log.
    pub code: String,
}

/// One entry of a person's history: who acted as them, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Counted over the whole instance.
    pub number: u64,
    /// The impersonation's session.
    pub session: SessionId,
    /// Who acted.
    pub actor: UserId,
    /// The actor's name at that time.
    pub actor_name: String,
    /// The name of the team that was asked for.
    pub team: String,
    /// Why, in the actor's words; may be empty.
    pub reason: String,
    /// The code in token and audit log.
    pub code: String,
    /// Unix seconds.
    pub started_at: u64,
    /// Unix seconds until which it may last.
    pub until: u64,
    /// Unix seconds of its end, and what ended it.
    pub ended: Option<(u64, End)>,
}

/// What ended an impersonation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// The actor came back to the own session.
    Returned,
    /// The actor signed out, with the impersonation or with the own session.
    SignedOut,
    /// The thirty minutes were over.
    Lapsed,
    /// The target ended it, or forbade impersonations.
    ByTarget,
    /// The actor is no longer allowed to, or the target's account changed hands or was closed.
    Revoked,
}

impl End {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::SignedOut => "signed_out",
            Self::Lapsed => "lapsed",
            Self::ByTarget => "ended_by_target",
            Self::Revoked => "revoked",
        }
    }
}

/// Why a user may not act as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The configuration switches it off.
    SwitchedOff,
    /// A user cannot act as themselves.
    Oneself,
    /// No user may act as a Super Admin.
    SuperAdmin,
    /// Only a Super Admin acts as an Admin.
    Admin,
    /// The person has forbidden it.
    Forbidden,
}

impl Refusal {
    /// One sentence for a person.
    pub fn text(self) -> &'static str {
        match self {
            Self::SwitchedOff => "Impersonation is switched off on this service.",
            Self::Oneself => "Nobody can act as themselves.",
            Self::SuperAdmin => "Nobody can act as a Super Admin.",
            Self::Admin => "Only a Super Admin can act as an Admin.",
            Self::Forbidden => "This person does not allow it.",
        }
    }
}

/// Whether this person may act as others at all: an Admin or Super Admin who is in the support team.
pub fn is_entitled(actor: &User, in_support_team: bool) -> bool {
    actor.roles.is_admin() && in_support_team && !actor.is_archived()
}

/// The rules about actor and target, the first that is broken.
///
/// # Errors
/// The rule.
pub fn judge(actor: &User, target: &User, switched_on: bool) -> Result<(), Refusal> {
    if !switched_on {
        Err(Refusal::SwitchedOff)
    } else if actor.id == target.id {
        Err(Refusal::Oneself)
    } else if target.roles.has(Role::SuperAdmin) {
        Err(Refusal::SuperAdmin)
    } else if target.roles.has(Role::Admin) && !actor.roles.has(Role::SuperAdmin) {
        Err(Refusal::Admin)
    } else if target.impersonation_allowed {
        Ok(())
    } else {
        Err(Refusal::Forbidden)
    }
}

/// Trims a reason; `None` if it is too long or holds a character that is not seen.
pub fn parse_reason(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= MAX_REASON_CHARACTERS;
    (fits && !has_hidden(text)).then(|| text.to_owned())
}
