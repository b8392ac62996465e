//! A team and its members.

use crate::domain::id::TeamId;
use serde::{Deserialize, Serialize};

/// A team. Exactly one bears `support`: its admins may act as others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Counted from 1.
    pub id: TeamId,
    /// Unique within the instance.
    pub name: String,
    /// Whether this is the support team.
    pub support: bool,
    /// Unix seconds of the team's making.
    pub created_at: u64,
}

/// The one role that a member has in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamRole {
    /// Everything in the team, its deletion and transfer too.
    Owner,
    /// Invites Viewers and Managers, edits and removes Viewers.
    Manager,
    /// Sees the team.
    Viewer,
}

impl TeamRole {
    /// All roles, most powerful first.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Manager, Self::Viewer];

    /// Reads a role as the API or the command line spells it, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::ALL
            .into_iter()
            .find(|role| role.name().eq_ignore_ascii_case(text))
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Manager => "Manager",
            Self::Viewer => "Viewer",
        }
    }
}

/// A user's membership in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The member's role.
    pub role: TeamRole,
    /// Unix seconds since which.
    pub since: u64,
}

/// Longest name of a team, in characters.
pub const MAX_NAME_CHARACTERS: usize = 100;

/// What two spellings of one team's name have in common: case is folded.
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}
