//! Invitations: made by whoever may add the person, accepted once by whoever holds the link.

use super::error::{Decision, granted};
use super::join::Joining;
use super::links::{Link, LinkToken};
use super::manager::{Acting, Manager};
use super::teams::{Asking, NOT_THIS_ROLE};
use super::tokens::Tokens;
use super::users::Names;
use super::{Client, Error, Services};
use crate::domain::audit::{Action, Actor};
use crate::domain::authority::{Standing, TeamAct};
use crate::domain::id::{InvitationId, TeamId};
use crate::domain::invitation::{Invitation, LIFE_SECONDS};
use crate::domain::secret::SecretText;
use crate::domain::team::TeamRole;
use crate::domain::user::Email;
use crate::store::{Counter, Read, StoreError, Write};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What an address keeps as it is in a link's fragment.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'@')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

/// Whom somebody invites.
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
    /// The name of whoever invites.
    pub by_name: String,
}

impl Services {
    /// Invites somebody who has no account yet; an invitation to the same address before is void, if
    /// whoever invites could have withdrawn it.
    ///
    /// # Errors
    /// [`Error::AccessDenied`], [`Error::TeamNotFound`], [`Error::AlreadyExists`] if there is an
    /// account with this address.
    pub async fn invite(
        &self,
        manager: Manager,
        guest: Guest,
        client: &Client,
    ) -> Result<(InvitationId, Link), Error> {
        let secret = self.random_secret()?;
        let hash = LinkToken::new(0, secret.clone()).hash();
        let email = guest.email.as_str().to_owned();
        let made = self.act(manager, client, move |acting, write| {
            granted!(may_invite(acting, write, guest.team));
            if write.user_id_by_email(&guest.email)?.is_some() {
                return Ok(Err(Error::AlreadyExists("e-mail address")));
            }
            let before = write.invitation_to(&guest.email)?;
            if let Some(before) = before.filter(|before| before.is_alive(acting.now)) {
                // Nobody voids what they could not withdraw.
                if may_invite(acting, write, before.team)?.is_err() {
                    return Ok(Err(Error::AlreadyExists("e-mail address")));
                }
            }
            let invitation = Invitation {
                id: InvitationId(write.next_id(Counter::Invitation)?),
                hash,
                email: guest.email.clone(),
                first_name: guest.first_name.clone(),
                last_name: guest.last_name.clone(),
                team: guest.team,
                by: acting.actor.clone(),
                made: acting.now.stamp(),
            };
            write.add_invitation(&invitation)?;
            acting.log(write, Action::Invited, None, &describe(&invitation))?;
            Ok(Ok(invitation.id))
        });
        let id = made.await?;
        let token = LinkToken::new(id.0, secret);
        let base_url = &self.settings().base_url;
        let link = Link {
            // The page shows the address, and password managers keep it with the password.
            url: format!(
                "{base_url}/invitation#token={}&email={}",
                token.text(),
                utf8_percent_encode(&email, FRAGMENT)
            ),
            expires_at: self.now().unix_seconds.saturating_add(LIFE_SECONDS),
        };
        Ok((id, link))
    }

    /// The invitations that whoever asks might have made and that may still be accepted.
    ///
    /// # Errors
    /// If the store fails.
    pub fn open_invitations(&self, asking: Asking<'_>) -> Result<Vec<OpenInvitation>, Error> {
        let now = self.now();
        Ok(self.store.read(|read| {
            let mut open = Vec::new();
            for invitation in read.invitations()? {
                let invitation = invitation?;
                if invitation.is_alive(now) && may_see(read, asking, &invitation)? {
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
        manager: Manager,
        id: InvitationId,
        client: &Client,
    ) -> Result<(), Error> {
        self.act(manager, client, move |acting, write| {
            let Some(invitation) = write.invitation(id)? else {
                return Ok(Err(Error::NotFound));
            };
            granted!(may_invite(acting, write, invitation.team));
            write.delete_invitation(&invitation)?;
            let detail = describe(&invitation);
            acting.log(write, Action::InvitationWithdrawn, None, &detail)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Makes the account of whoever holds an invitation's token, and opens a session for them.
    ///
    /// # Errors
    /// [`Error::InvalidToken`], [`Error::WeakPassword`], [`Error::InvalidRequest`] if a name is
    /// missing, [`Error::AlreadyExists`] if the address was taken meanwhile, [`Error::SignInsPaused`].
    pub async fn accept_invitation(
        &self,
        token: &SecretText,
        password: SecretText,
        names: (Option<String>, Option<String>),
        client: &Client,
    ) -> Result<Tokens, Error> {
        let token = LinkToken::parse(token).ok_or(Error::InvalidToken)?;
        let now = self.now();
        let id = InvitationId(token.number);
        let found = self.store.read(|read| read.invitation(id))?;
        let invitation = found
            .filter(|invitation| invitation.accepts(token.secret(), now))
            .ok_or(Error::InvalidToken)?;
        let first = names.0.unwrap_or(invitation.first_name);
        let last = names.1.unwrap_or(invitation.last_name);
        let names = Names::parse(invitation.email.as_str(), &first, &last)?;
        self.join(names, password, Joining::Invited(token), client)
            .await
    }
}

/// Whether somebody with this standing may invite with a role in a team that is the support team or not.
fn may(standing: Standing, role: TeamRole, is_support: bool) -> bool {
    standing.may(TeamAct::Add(role), is_support)
}

fn may_invite(
    acting: &Acting<'_>,
    write: &Write<'_>,
    team: Option<(TeamId, TeamRole)>,
) -> Decision<()> {
    let Some((id, role)) = team else {
        return Ok(if acting.standing(None).is_admin {
            Ok(())
        } else {
            let text = "Only an Admin or Super Admin invites without a team.";
            Err(Error::AccessDenied(text))
        });
    };
    let (team, standing) = granted!(acting.enter(write, id));
    Ok(if may(standing, role, team.support) {
        Ok(())
    } else {
        Err(NOT_THIS_ROLE)
    })
}

fn may_see(read: &Read, asking: Asking<'_>, invitation: &Invitation) -> Result<bool, StoreError> {
    let Some((id, role)) = invitation.team else {
        return Ok(asking.standing(None).is_admin);
    };
    let is_support = read.team(id)?.is_some_and(|team| team.support);
    let standing = asking.standing(asking.role_in(read, id)?);
    Ok(may(standing, role, is_support))
}

/// Whether whoever made an invitation could make it now: it does not outlive the power to invite.
pub(super) fn still_stands(write: &Write<'_>, invitation: &Invitation) -> Result<bool, StoreError> {
    let (id, is_impersonated) = match &invitation.by {
        Actor::User(id) => (*id, false),
        Actor::Impersonator { target, .. } => (*target, true),
        Actor::Operator(_) => return team_is_there(write, invitation),
        Actor::Anonymous | Actor::Service => return Ok(false),
    };
    let Some(user) = write.user(id)?.filter(|user| !user.is_archived()) else {
        return Ok(false);
    };
    let Some((team, role)) = invitation.team else {
        return Ok(Standing::of(&user, None, is_impersonated).is_admin);
    };
    let membership = write.membership((id, team))?;
    let own = membership.map(|membership| membership.role);
    let standing = Standing::of(&user, own, is_impersonated);
    let team = write.team(team)?;
    Ok(team.is_some_and(|team| may(standing, role, team.support)))
}

fn team_is_there(write: &Write<'_>, invitation: &Invitation) -> Result<bool, StoreError> {
    match invitation.team {
        None => Ok(true),
        Some((team, _)) => Ok(write.team(team)?.is_some()),
    }
}

/// An invitation in the audit log's words.
pub(super) fn describe(invitation: &Invitation) -> String {
    let email = invitation.email.as_str();
    match invitation.team {
        None => format!("{email}, without a team"),
        Some((team, role)) => format!("{email}, team {team} as {}", role.name()),
    }
}

fn name_of(read: &Read, actor: &Actor) -> Result<String, StoreError> {
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
