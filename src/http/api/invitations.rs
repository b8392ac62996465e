//! `/invitations`: somebody new comes in by a link.

use super::{Answer, auth, created, done, ok, time};
use crate::domain::audit::Actor;
use crate::domain::id::{InvitationId, TeamId};
use crate::domain::invitation::LIFE_SECONDS;
use crate::domain::secret::SecretText;
use crate::domain::team::TeamRole;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::{Anybody, Colleague};
use crate::http::routes::Endpoint;
use crate::service::Error;
use crate::service::invitations::{Guest, OpenInvitation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/invitations", list),
        Endpoint::new(Method::POST, "/invitations", invite),
        Endpoint::new(Method::POST, "/invitations/accept", accept),
        Endpoint::new(Method::DELETE, "/invitations/{id}", withdraw),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invite {
    email: String,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    team_id: Option<TeamId>,
    role: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invited {
    id: u64,
    url: String,
    expires_at: Option<String>,
}

async fn invite(
    call: Call,
    caller: Colleague,
    Json(body): Json<Invite>,
) -> Result<Answer<Invited>, ApiError> {
    let role = match body.role.as_deref() {
        None => TeamRole::Viewer,
        Some(role) => TeamRole::parse(role).ok_or_else(|| {
            ApiError::invalid_request("`role` must be `Owner`, `Manager` or `Viewer`.")
        })?,
    };
    let team = body.team_id.map(|team| (team, role));
    let guest = Guest::parse(&body.email, &body.first_name, &body.last_name, team)?;
    let client = call.client();
    let (id, link) = call.services.invite(caller.manager, guest, &client).await?;
    created(Invited {
        id: id.0,
        url: link.url,
        expires_at: time(link.expires_at),
    })
}

#[derive(Serialize)]
struct Invitations {
    invitations: Vec<Invitation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    id: u64,
    email: String,
    first_name: String,
    last_name: String,
    team_id: Option<u64>,
    role: Option<&'static str>,
    invited_by: Inviter,
    created_at: Option<String>,
    expires_at: Option<String>,
}

/// A person, or with no id, the one at the machine.
#[derive(Serialize)]
struct Inviter {
    id: Option<u64>,
    name: String,
}

impl From<OpenInvitation> for Invitation {
    fn from(open: OpenInvitation) -> Self {
        let invitation = open.invitation;
        let made = invitation.made.unix_seconds;
        Self {
            id: invitation.id.0,
            email: invitation.email.as_str().to_owned(),
            first_name: invitation.first_name,
            last_name: invitation.last_name,
            team_id: invitation.team.map(|(team, _)| team.0),
            role: invitation.team.map(|(_, role)| role.name()),
            invited_by: Inviter {
                id: match invitation.by {
                    Actor::User(id) | Actor::Impersonator { target: id, .. } => Some(id.0),
                    _ => None,
                },
                name: open.by_name,
            },
            created_at: time(made),
            expires_at: time(made.saturating_add(LIFE_SECONDS)),
        }
    }
}

async fn list(call: Call, caller: Colleague, _: NoBody) -> Result<Answer<Invitations>, ApiError> {
    let open = call.services.open_invitations(caller.asking())?;
    ok(Invitations {
        invitations: open.into_iter().map(Invitation::from).collect(),
    })
}

async fn withdraw(call: Call, caller: Colleague, _: NoBody) -> Result<Answer<Value>, ApiError> {
    let id = InvitationId(call.id(0).ok_or(Error::NotFound)?);
    let client = call.client();
    call.services
        .withdraw_invitation(caller.manager, id, &client)
        .await?;
    done("Invitation withdrawn", "Its link is void.")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accept {
    token: SecretText,
    password: SecretText,
    first_name: Option<String>,
    last_name: Option<String>,
}

async fn accept(
    call: Call,
    _: Anybody,
    Json(body): Json<Accept>,
) -> Result<Answer<Value>, ApiError> {
    let client = call.client();
    let names = (body.first_name, body.last_name);
    let tokens = call
        .services
        .accept_invitation(&body.token, body.password, names, &client)
        .await?;
    created(auth::signed_in(&tokens))
}
