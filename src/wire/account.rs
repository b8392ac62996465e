//! `/auth/me` and `/auth/sessions`: the caller's own account.

use super::invitations::Inviter;
use super::{Text, Time};
use crate::domain::id::{InvitationId, NoticeId, TeamId, UserId};
use crate::domain::team::TeamRole;
use crate::domain::user::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The caller's own account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnAccount {
    pub id: UserId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    #[schemars(with = "Vec<Role>")]
    pub roles: Vec<Text>,
    pub teams: Vec<OwnTeam>,
    pub is_two_factor_enable: bool,
    /// There are no pictures; kept for the public API family.
    pub photo: (),
    pub impersonation_allowed: bool,
    pub recovery_codes_left: u32,
    /// Who acts in the person's name, where the token is of an impersonation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ImpersonatedBy")]
    pub impersonated_by: Option<ImpersonatedBy>,
    pub notices: Vec<OwnNotice>,
}

/// Who acts in the person's name, and until when at most.
#[derive(Serialize, JsonSchema)]
pub struct ImpersonatedBy {
    pub id: UserId,
    pub name: String,
    pub until: Option<Time>,
}

/// A team that the caller is in.
#[derive(Serialize, JsonSchema)]
pub struct OwnTeam {
    pub id: TeamId,
    pub name: String,
    #[schemars(with = "TeamRole")]
    pub role: Text,
    pub support: bool,
}

/// The invitations to join a team that the caller may accept, the oldest first.
#[derive(Serialize, JsonSchema)]
pub struct OwnInvitations {
    pub invitations: Vec<OwnInvitation>,
}

/// An invitation to join a team.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnInvitation {
    pub id: InvitationId,
    pub team: OfferedTeam,
    /// The role there.
    #[schemars(with = "TeamRole")]
    pub role: Option<Text>,
    pub invited_by: Inviter,
    pub created_at: Option<Time>,
    /// Until when it may be accepted.
    pub expires_at: Option<Time>,
}

/// A team that the caller may join.
#[derive(Serialize, JsonSchema)]
pub struct OfferedTeam {
    pub id: TeamId,
    pub name: String,
    pub support: bool,
}

/// What happened to the account.
#[derive(Serialize, JsonSchema)]
pub struct OwnNotice {
    pub id: NoticeId,
    pub at: Option<Time>,
    pub kind: Text,
    pub message: String,
}

#[derive(Deserialize, JsonSchema)]
pub struct Dismiss {
    pub ids: Vec<NoticeId>,
}

/// What is to change; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub impersonation_allowed: Option<bool>,
}

/// Who acted in the caller's name, newest first.
#[derive(Serialize, JsonSchema)]
pub struct Impersonations {
    pub impersonations: Vec<Impersonation>,
}

/// One time that somebody acted in the caller's name.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Impersonation {
    /// The same in its token and in the audit log.
    pub code: String,
    pub by: Person,
    pub team: String,
    pub reason: String,
    pub started_at: Option<Time>,
    /// Until when it may last.
    pub until: Option<Time>,
    /// `null` while it lasts.
    pub ended_at: Option<Time>,
    /// What ended it: `returned`, `signed_out`, `lapsed`, `ended_by_target` or `revoked`.
    pub how: Option<Text>,
}

/// A person, by the name at that time.
#[derive(Serialize, JsonSchema)]
pub struct Person {
    pub id: UserId,
    pub name: String,
}

/// The caller's living sessions, the last used first.
#[derive(Serialize, JsonSchema)]
pub struct Sessions {
    pub sessions: Vec<Session>,
}

/// A living session.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: String,
    pub device: String,
    pub address: String,
    pub created_at: Option<Time>,
    /// The last refresh or code.
    pub last_used_at: Option<Time>,
    /// How the person proved who they are (RFC 8176); empty while somebody else acts.
    pub amr: Vec<&'static str>,
    /// Whether it is the calling one.
    pub current: bool,
    pub impersonator: Option<Impersonator>,
}

/// Who acts in the caller's name.
#[derive(Serialize, JsonSchema)]
pub struct Impersonator {
    pub id: UserId,
    pub name: String,
    pub reason: String,
    pub until: Option<Time>,
    pub code: String,
}
