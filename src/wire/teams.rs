//! `/teams`: teams and their members.

use super::{Text, Time};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::TeamRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of teams.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Teams {
    pub teams: Vec<Team>,
    /// For the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// A team.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub support: bool,
    pub members: usize,
    pub created_at: Option<Time>,
    /// The caller's own, if a member.
    #[schemars(with = "Option<TeamRole>")]
    pub role: Option<Text>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewTeamBody {
    pub name: String,
    /// Takes the support mark over; a Super Admin's to say.
    #[serde(default)]
    pub support: bool,
    /// The first Owner; its maker, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
pub struct TeamChangeBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `true` takes the support mark over; a Super Admin's to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<bool>,
}

/// A page of members.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    pub members: Vec<TeamMember>,
    /// For the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// A member of a team.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamMember {
    pub user_id: UserId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    #[schemars(with = "TeamRole")]
    pub role: Text,
    pub since: Option<Time>,
    #[schemars(extend("enum" = ["active", "archived"]))]
    pub status: Text,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewMember {
    pub user_id: UserId,
    #[schemars(with = "TeamRole")]
    pub role: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct MemberChange {
    #[schemars(with = "TeamRole")]
    pub role: String,
}
