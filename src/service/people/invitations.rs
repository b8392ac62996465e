//! Invitations: made by those who may add the person, listed, withdrawn. A person with an account finds
//! them there, see `offers`; a person without one makes it by the link, see `join`. The inviter is told
//! the same in both cases.

use super::People;
use super::links::Link;
use super::names::Names;
use crate::domain::audit::{Action, Actor};
use crate::domain::authority::{Standing, TeamAct};
use crate::domain::id::{InvitationId, TeamId, UserId};
use crate::domain::invitation::{Invitation, LIFE_SECONDS};
use crate::domain::opaque_token::LinkToken;
use crate::domain::team::TeamRole;
use crate::domain::user::Email;
use crate::service::core::acting::{Acting, Requester};
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error, Stop};
use crate::service::teams::team::NOT_THIS_ROLE;
use crate::store::{Counter, Read, StoreError, Write};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What an address keeps as it is in a link's fragment.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'@')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

/// Who is invited.
#[derive(Clone)]
pub struct Guest {
    /// The address that the account will have.
    pub email: Email,
    /// Given name; may be empty until the person says it.
    pub first_name: String,
    /// Family name; may be empty.
    pub last_name: String,
    /// The team to join, with the role there.
    pub team: Option<(TeamId, TeamRole)>,
}

impl Guest {
    /// Parses what a request says.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] naming the field.
    pub fn parse(
        email: &str,
        first: &str,
        last: &str,
        team: Option<(TeamId, TeamRole)>,
    ) -> Result<Self, Error> {
        // A name that is not known yet is left to the person.
        let stand_in = if first.trim().is_empty() { "-" } else { first };
        let names = Names::parse(email, stand_in, last)?;
        let (email, first_name, last_name) = names.into_parts();
        Ok(Self {
            email,
            first_name: if first.trim().is_empty() {
                String::new()
            } else {
                first_name
            },
            last_name,
            team,
        })
    }
}

/// An invitation, as a list shows it.
pub struct OpenInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The name of the inviter.
    pub by_name: String,
}

impl People {
    /// Invites a person; an earlier invitation to the same address for the same team is void, if the
    /// inviter could have withdrawn it. The answer does not tell whether there is an account with this
    /// address: but for an invitation without a team, which only administrators make.
    ///
    /// # Errors
    /// [`Error::AccessDenied`], [`Error::TeamNotFound`], [`Error::FreshCodeRequired`] for the support
    /// team, [`Error::AlreadyExists`] for a member of the team, for an invitation that is not the
    /// inviter's to replace, and without a team for an account.
    pub async fn invite(
        &self,
        requester: &Requester,
        guest: Guest,
        client: &Client,
    ) -> Result<(InvitationId, Link), Error> {
        let mut token = LinkToken {
            number: 0,
            secret: self.core.random_secret()?,
        };
        let hash = token.hash();
        let email = guest.email.as_str().to_owned();
        let made = self.core.act(requester, client, move |acting, write| {
            may_invite(acting, write, guest.team)?;
            require_room(acting, write, &guest)?;
            if let Some((team, _)) = guest.team
                && write.team(team)?.is_some_and(|team| team.support)
            {
                acting.require_fresh(write, None)?;
            }
            let now = acting.context.now;
            let invitation = Invitation {
                id: InvitationId(write.next_id(Counter::Invitation)?),
                hash,
                email: guest.email.clone(),
                first_name: guest.first_name.clone(),
                last_name: guest.last_name.clone(),
                team: guest.team,
                by: acting.actor.clone(),
                made: now.stamp(),
            };
            write.add_invitation(&invitation)?;
            acting.log(write, Action::Invited, None, &describe(&invitation))?;
            Ok(invitation.id)
        });
        let id = made.await?;
        token.number = id.0;
        let base_url = &self.core.foundation.settings.base_url;
        let link = Link {
            // The page shows the address, and password managers keep it with the password.
            url: format!(
                "{base_url}/invitation#token={}&email={}",
                token.text(),
                utf8_percent_encode(&email, FRAGMENT)
            ),
            expires_at: self.core.now().unix_seconds.saturating_add(LIFE_SECONDS),
        };
        Ok((id, link))
    }

    /// The invitations that the requester might have made and that may still be accepted.
    ///
    /// # Errors
    /// If the store fails.
    pub fn open_invitations(&self, requester: &Requester) -> Result<Vec<OpenInvitation>, Error> {
        let now = self.core.now();
        Ok(self.core.store.read(|read| {
            let mut open = Vec::new();
            for invitation in read.invitations()? {
                let invitation = invitation?;
                if invitation.is_alive(now) && may_see(read, requester, &invitation)? {
                    let by_name = name_of(read, &invitation.by)?;
                    open.push(OpenInvitation {
                        invitation,
                        by_name,
                    });
                }
            }
            Ok(open)
        })?)
    }

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::AccessDenied`].
    pub async fn withdraw_invitation(
        &self,
        requester: &Requester,
        id: InvitationId,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            let invitation = write.invitation(id)?.ok_or(Error::NotFound)?;
            may_invite(acting, write, invitation.team)?;
            write.delete_invitation(&invitation)?;
            let detail = describe(&invitation);
            acting.log(write, Action::InvitationWithdrawn, None, &detail)?;
            Ok(())
        });
        act.await
    }
}

/// Whether this standing allows to invite with a role in a team that is the support team or not.
fn may(standing: Standing, role: TeamRole, is_support: bool) -> bool {
    standing.may(TeamAct::Add(role), is_support)
}

fn may_invite(
    acting: &Acting<'_>,
    write: &Write<'_>,
    team: Option<(TeamId, TeamRole)>,
) -> Decision<()> {
    let Some((id, role)) = team else {
        if !acting.standing(None).is_admin {
            let text = "Only an Admin or Super Admin invites without a team.";
            Err(Error::AccessDenied(text))?;
        }
        return Ok(());
    };
    let (team, standing) = acting.enter(write, id)?;
    if !may(standing, role, team.support) {
        Err(NOT_THIS_ROLE)?;
    }
    Ok(())
}

/// Whether there is something to invite to, and nothing in the way.
fn require_room(acting: &Acting<'_>, write: &Write<'_>, guest: &Guest) -> Decision<()> {
    let holder = write.user_id_by_email(&guest.email)?;
    let team = guest.team.map(|(team, _)| team);
    let taken = match team {
        None => holder
            .is_some()
            .then_some("an account with this e-mail address"),
        Some(team) => {
            // Asked of nobody too, so that the answer takes as long without an account as with one.
            let holder = holder.unwrap_or(UserId(0));
            let membership = write.membership((holder, team))?;
            membership.map(|_| "a member of this team with this address")
        }
    };
    if let Some(what) = taken {
        Err(Error::AlreadyExists(what))?;
    }
    let before = write.invitation_to(&guest.email, team)?;
    let now = acting.context.now;
    if let Some(before) = before.filter(|before| before.is_alive(now)) {
        // Nobody voids what they could not withdraw.
        match may_invite(acting, write, before.team) {
            Err(Stop::Refused(_)) => Err(Error::AlreadyExists(
                "an invitation to this address, which is not yours to replace",
            ))?,
            other => other?,
        }
    }
    Ok(())
}

fn may_see(
    read: &Read,
    requester: &Requester,
    invitation: &Invitation,
) -> Result<bool, StoreError> {
    let Some((id, role)) = invitation.team else {
        return Ok(requester.standing(None).is_admin);
    };
    let is_support = read.team(id)?.is_some_and(|team| team.support);
    let standing = requester.standing(requester.role_in(read, id)?);
    Ok(may(standing, role, is_support))
}

/// An invitation in the audit log's words.
pub(super) fn describe(invitation: &Invitation) -> String {
    let email = invitation.email.as_str();
    match invitation.team {
        None => format!("{email}, without a team"),
        Some((team, role)) => format!("{email}, team {team} as {}", role.name()),
    }
}

/// The name of the inviter.
pub(super) fn name_of(read: &Read, actor: &Actor) -> Result<String, StoreError> {
    let id = match actor {
        Actor::User(id) | Actor::Impersonator { target: id, .. } => *id,
        Actor::Operator(name) => return Ok(name.clone()),
        Actor::Anonymous | Actor::Service => return Ok(String::new()),
    };
    Ok(read
        .user(id)?
        .map(|user| user.full_name())
        .unwrap_or_default())
}
