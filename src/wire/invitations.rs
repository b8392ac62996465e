//! `/invitations`: people invited by their address, and the links by which new ones make their accounts.

use super::{Text, Time};
use crate::domain::audit::Actor;
use crate::domain::id::{InvitationId, TeamId, UserId};
use crate::domain::secret::SecretText;
use crate::domain::team::TeamRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom to invite.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    pub email: String,
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    /// The team to join; only administrators invite without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// The role there: `Viewer` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<TeamRole>")]
    pub role: Option<String>,
}

/// An invitation that was made.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invited {
    pub id: InvitationId,
    pub url: String,
    /// A picture of the link, as a `data:` URL; left out for the operator, whose terminal draws its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub qr_code: Option<String>,
    pub expires_at: Option<Time>,
}

/// The open invitations.
#[derive(Serialize, JsonSchema)]
pub struct Invitations {
    pub invitations: Vec<Invitation>,
}

/// An open invitation.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub team_id: Option<TeamId>,
    #[schemars(with = "Option<TeamRole>")]
    pub role: Option<Text>,
    pub invited_by: Inviter,
    pub created_at: Option<Time>,
    pub expires_at: Option<Time>,
}

/// A person, or with no id, the operator.
#[derive(Serialize, JsonSchema)]
pub struct Inviter {
    pub id: Option<UserId>,
    pub name: String,
}

impl Inviter {
    /// The one who acted, by their name.
    pub fn new(by: &Actor, name: String) -> Self {
        Self {
            id: match by {
                Actor::User(id) | Actor::Impersonator { target: id, .. } => Some(*id),
                Actor::Operator(_) | Actor::Anonymous | Actor::Service => None,
            },
            name,
        }
    }
}

/// The link's token, and what the account is to have.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accept {
    pub token: SecretText,
    pub password: SecretText,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}
