//! `/auth/me/invitations`: what the caller is invited to join, where the address has an account already.

use super::teams::OF_THE_SUPPORT_TEAM;
use super::{Answer, done, ok};
use crate::domain::id::InvitationId;
use crate::domain::invitation::LIFE_SECONDS;
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::NoBody;
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::Member;
use crate::http::error::{ApiError, NOT_FOUND};
use crate::service::Error;
use crate::service::people::offers::Offer;
use crate::wire::account::{OfferedTeam, OwnInvitation, OwnInvitations};
use crate::wire::invitations::Inviter;
use crate::wire::{Done, Time, paths};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::MY_INVITATIONS, list)
            .summary("Lists the teams that the caller is invited to join, by whom and until when."),
        Endpoint::new(Method::POST, paths::ACCEPT_MY_INVITATION, accept)
            .summary("Makes the caller a member of the team that the invitation is for.")
            .refuses(&[NOT_FOUND])
            .refuses(OF_THE_SUPPORT_TEAM),
        Endpoint::new(Method::POST, paths::DECLINE_MY_INVITATION, decline)
            .summary("Takes an invitation off the caller's list; the inviter is not told.")
            .refuses(&[NOT_FOUND]),
    ]
}

impl From<Offer> for OwnInvitation {
    fn from(offer: Offer) -> Self {
        let invitation = offer.invitation;
        let made = invitation.made.unix_seconds;
        Self {
            id: invitation.id,
            team: OfferedTeam {
                id: offer.team.id,
                name: offer.team.name,
                support: offer.team.support,
            },
            role: invitation.team.map(|(_, role)| role.name().into()),
            invited_by: Inviter::new(&invitation.by, offer.by_name),
            created_at: Time::of(made),
            expires_at: Time::of(made.saturating_add(LIFE_SECONDS)),
        }
    }
}

async fn list(call: Call, caller: Member, _: NoBody) -> Result<Answer<OwnInvitations>, ApiError> {
    let offers = call.services.people.offers(caller.caller())?;
    ok(OwnInvitations {
        invitations: offers.into_iter().map(OwnInvitation::from).collect(),
    })
}

fn invitation(call: &Call) -> Result<InvitationId, ApiError> {
    Ok(InvitationId(call.id(0).ok_or(Error::NotFound)?))
}

async fn accept(call: Call, caller: Member, _: NoBody) -> Result<Answer<Done>, ApiError> {
    let (id, client) = (invitation(&call)?, call.client());
    call.services
        .people
        .accept_offer(caller.proof(), id, &client)
        .await?;
    done("Invitation accepted", "You are a member of the team now.")
}

async fn decline(call: Call, caller: Member, _: NoBody) -> Result<Answer<Done>, ApiError> {
    let (id, client) = (invitation(&call)?, call.client());
    call.services
        .people
        .decline_offer(caller.proof(), id, &client)
        .await?;
    done(
        "Invitation declined",
        "It is off your list; nobody is told.",
    )
}
