//! Invitations to join a team, as the owner of an account finds them there: listed, accepted, declined.

use super::People;
use super::invitations::{describe, name_of};
use super::join::join_team;
use crate::domain::audit::{Action, Event};
use crate::domain::id::InvitationId;
use crate::domain::invitation::{Ground, Invitation};
use crate::domain::team::Team;
use crate::domain::time::Now;
use crate::domain::user::User;
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
use crate::service::core::identify::{Caller, Proof};
use crate::store::Write;

/// An invitation to join, as its person sees it.
pub struct Offer {
    /// The invitation.
    pub invitation: Invitation,
    /// The team to join.
    pub team: Team,
    /// The name of the inviter.
    pub by_name: String,
}

impl People {
    /// The invitations that the caller may accept, the oldest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn offers(&self, caller: &Caller) -> Result<Vec<Offer>, Error> {
        let now = self.core.now();
        let user = &caller.user;
        Ok(self.core.store.read(|read| {
            let mut offers = Vec::new();
            for invitation in read.invitations_in_sight(&user.email)? {
                let ground = read.ground_of(&invitation)?;
                let Some(team) = open_to(&invitation, ground, now) else {
                    continue;
                };
                if read.membership((user.id, team.id))?.is_none() {
                    let by_name = name_of(read, &invitation.by)?;
                    offers.push(Offer {
                        invitation,
                        team,
                        by_name,
                    });
                }
            }
            offers.sort_unstable_by_key(|offer| offer.invitation.id);
            Ok(offers)
        })?)
    }

    /// Makes the caller a member of the team; the invitation is used up. Membership of the support
    /// team takes a fresh code.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::TwoFactorNotEnabled`] and [`Error::FreshCodeRequired`] for the
    /// support team.
    pub async fn accept_offer(
        &self,
        proof: &Proof,
        id: InvitationId,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, mut state| {
                let (invitation, team) = find(write, &state.user, id, context.now)?;
                if team.support {
                    if state.factor.is_none() {
                        Err(Error::TwoFactorNotEnabled)?;
                    }
                    context.require_fresh(write, &mut state, None)?;
                }
                write.delete_invitation(&invitation)?;
                join_team(write, &state.user, &invitation, context.now)?;
                let event = Event {
                    detail: describe(&invitation),
                    ..context.event_in(state.session.id, Action::InvitationAccepted, state.user.id)
                };
                context.audit(write, &event)?;
                Ok(())
            });
        act.await
    }

    /// Takes an invitation out of the caller's sight. The inviter is not told: a person without an
    /// account does not answer either.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn decline_offer(
        &self,
        proof: &Proof,
        id: InvitationId,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, state| {
                let (invitation, _) = find(write, &state.user, id, context.now)?;
                write.hide_invitation(&invitation)?;
                let event = Event {
                    detail: describe(&invitation),
                    ..context.event_in(state.session.id, Action::InvitationDeclined, state.user.id)
                };
                context.audit(write, &event)?;
                Ok(())
            });
        act.await
    }
}

/// The team that an invitation opens now.
fn open_to(invitation: &Invitation, ground: Ground, now: Now) -> Option<Team> {
    let stands = invitation.is_alive(now) && invitation.still_stands(&ground);
    ground.team.filter(|_| stands)
}

/// The person's invitation with this id, if they may accept it now.
fn find(
    write: &Write<'_>,
    user: &User,
    id: InvitationId,
    now: Now,
) -> Decision<(Invitation, Team)> {
    let found = write.invitations_in_sight(&user.email)?;
    let found = found.into_iter().find(|invitation| invitation.id == id);
    let invitation = found.ok_or(Error::NotFound)?;
    let ground = write.ground_of(&invitation)?;
    let team = open_to(&invitation, ground, now).ok_or(Error::NotFound)?;
    if write.membership((user.id, team.id))?.is_some() {
        Err(Error::NotFound)?;
    }
    Ok((invitation, team))
}
