//! `/invitations`: people invited by their address, and the links by which new ones make their accounts.

use super::auth;
use super::teams::{OF_THE_SUPPORT_TEAM, role};
use super::users::picture;
use super::{Answer, Created, created, done, ok};
use crate::domain::id::InvitationId;
use crate::domain::invitation::LIFE_SECONDS;
use crate::domain::team::TeamRole;
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::{Anybody, TeamRequester};
use crate::http::error::{
    ACCESS_DENIED, ALREADY_EXISTS, ApiError, INVALID_TOKEN, NOT_FOUND, SIGN_INS_PAUSED,
    TEAM_NOT_FOUND, TOO_MANY_ATTEMPTS, WEAK_PASSWORD,
};
use crate::service::Error;
use crate::service::people::invitations::{Guest, OpenInvitation};
use crate::wire::auth::SignInAnswer;
use crate::wire::invitations::{Accept, Invitation, Invitations, Invite, Invited, Inviter};
use crate::wire::{Done, Time, paths};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::INVITATIONS, list)
            .summary("Lists the open invitations that the caller could have made."),
        Endpoint::new(Method::POST, paths::INVITATIONS, invite)
            .summary("Invites an address: the person finds it in their account, or makes one by the one-time link.")
            .refuses(&[ACCESS_DENIED, TEAM_NOT_FOUND, ALREADY_EXISTS])
            .refuses(OF_THE_SUPPORT_TEAM),
        Endpoint::new(Method::POST, paths::ACCEPT_INVITATION, accept)
            .summary("Makes the account of the holder of the link, if the invited address has none.")
            .refuses(&[
                INVALID_TOKEN,
                TOO_MANY_ATTEMPTS,
                WEAK_PASSWORD,
                SIGN_INS_PAUSED,
            ]),
        Endpoint::new(Method::DELETE, paths::INVITATION, withdraw)
            .summary("Withdraws an invitation; its link is void.")
            .refuses(&[ACCESS_DENIED, NOT_FOUND, TEAM_NOT_FOUND]),
    ]
}

async fn invite(
    call: Call,
    caller: TeamRequester,
    Json(body): Json<Invite>,
) -> Result<Created<Invited>, ApiError> {
    let role = match body.role.as_deref() {
        None => TeamRole::Viewer,
        Some(name) => role(name)?,
    };
    let team = body.team_id.map(|team| (team, role));
    let guest = Guest::parse(&body.email, &body.first_name, &body.last_name, team)?;
    let client = call.client();
    let (id, link) = call
        .services
        .people
        .invite(caller.requester(), guest, &client)
        .await?;
    created(Invited {
        id,
        qr_code: picture(&link, caller.requester()).await?,
        url: link.url,
        expires_at: Time::of(link.expires_at),
    })
}

impl From<OpenInvitation> for Invitation {
    fn from(open: OpenInvitation) -> Self {
        let invitation = open.invitation;
        let made = invitation.made.unix_seconds;
        Self {
            id: invitation.id,
            email: invitation.email.as_str().to_owned(),
            first_name: invitation.first_name,
            last_name: invitation.last_name,
            team_id: invitation.team.map(|(team, _)| team),
            role: invitation.team.map(|(_, role)| role.name().into()),
            invited_by: Inviter::new(&invitation.by, open.by_name),
            created_at: Time::of(made),
            expires_at: Time::of(made.saturating_add(LIFE_SECONDS)),
        }
    }
}

async fn list(
    call: Call,
    caller: TeamRequester,
    _: NoBody,
) -> Result<Answer<Invitations>, ApiError> {
    let open = call.services.people.open_invitations(caller.requester())?;
    ok(Invitations {
        invitations: open.into_iter().map(Invitation::from).collect(),
    })
}

async fn withdraw(call: Call, caller: TeamRequester, _: NoBody) -> Result<Answer<Done>, ApiError> {
    let id = InvitationId(call.id(0).ok_or(Error::NotFound)?);
    let client = call.client();
    call.services
        .people
        .withdraw_invitation(caller.requester(), id, &client)
        .await?;
    done("Invitation withdrawn", "Its link is void.")
}

async fn accept(
    call: Call,
    _: Anybody,
    Json(body): Json<Accept>,
) -> Result<Created<SignInAnswer>, ApiError> {
    let client = call.client();
    let names = (body.first_name, body.last_name);
    let tokens = call
        .services
        .people
        .accept_invitation(&body.token, body.password, names, &client)
        .await?;
    created(auth::signed_in(tokens))
}
