//! New people: an account made by its owner, from an invitation or, where the policy opens it, by
//! signing up. It opens a session at the stage that the policy demands.

use super::People;
use super::invitations::describe;
use super::names::{Names, NewUser};
use crate::domain::audit::{Action, Event};
use crate::domain::id::InvitationId;
use crate::domain::invitation::Invitation;
use crate::domain::opaque_token::LinkToken;
use crate::domain::secret::SecretText;
use crate::domain::team::Membership;
use crate::domain::time::Now;
use crate::domain::user::{Roles, User};
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
use crate::service::entry::{Link, pause};
use crate::service::sessions::tokens::{Granted, Tokens};
use crate::store::{StoreError, Write};
use std::sync::Arc;

/// What lets a new person in.
enum Joining {
    /// An invitation's token.
    Invited(LinkToken),
    /// Open registration.
    SignUp,
}

impl People {
    /// Makes an account for anybody who asks; its first session is to enrol. If the address is taken,
    /// the answer looks the same and stands for nothing, so that it tells nobody who has an account.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`], [`Error::WeakPassword`], [`Error::TooManyTries`],
    /// [`Error::SignInsPaused`].
    pub async fn sign_up(
        &self,
        names: Names,
        password: SecretText,
        client: &Client,
    ) -> Result<Tokens, Error> {
        if !self.core.foundation.settings.policy.registration {
            return Err(Error::RegistrationClosed);
        }
        self.entry.admit_address(client)?;
        let joined = self.join(names, password, Joining::SignUp, client).await;
        match joined {
            Err(Error::AlreadyExists(_)) => self.core.tokens_of_nobody(),
            other => other,
        }
    }

    /// Makes the account of the holder of an invitation's token, and opens a session for them. If the
    /// address has an account, the token is as good as unknown: its owner joins there, and nobody sets
    /// a password by it. That is looked at last, so that nobody who has the link learns of an account
    /// by what they send, unless they make one.
    ///
    /// # Errors
    /// [`Error::InvalidToken`], [`Error::WeakPassword`], [`Error::InvalidRequest`] if a name is
    /// missing, [`Error::SignInsPaused`].
    pub async fn accept_invitation(
        &self,
        token: &SecretText,
        password: SecretText,
        names: (Option<String>, Option<String>),
        client: &Client,
    ) -> Result<Tokens, Error> {
        let token = LinkToken::parse(token.expose()).ok_or(Error::InvalidToken)?;
        let now = self.core.now();
        let id = InvitationId(token.number);
        let found = self.core.store.read(|read| read.invitation(id))?;
        let invitation = found
            .filter(|invitation| invitation.accepts(token.secret.expose(), now))
            .ok_or(Error::InvalidToken)?;
        self.entry.admit_link(Link::Invitation, id.0, client)?;
        let first = names.0.unwrap_or(invitation.first_name);
        let last = names.1.unwrap_or(invitation.last_name);
        let names = Names::parse(invitation.email.as_str(), &first, &last)?;
        let joining = Joining::Invited(token);
        let joined = self.join(names, password, joining, client).await;
        joined.map_err(|error| match error {
            Error::AlreadyExists(_) => Error::InvalidToken,
            other => other,
        })
    }

    async fn join(
        &self,
        names: Names,
        password: SecretText,
        joining: Joining,
        client: &Client,
    ) -> Result<Tokens, Error> {
        self.entry.admit_sign_in()?;
        let personal = names.personal();
        let hash = self.entry.hash_new_password(password, personal).await?;
        let material = Arc::new(self.core.session_material()?);
        let job_material = Arc::clone(&material);
        let joined = self.core.run(client, move |context, write| {
            pause::require_none(write)?;
            let invitation = match &joining {
                Joining::SignUp => None,
                Joining::Invited(token) => Some(find(write, token, context.now)?),
            };
            let new = NewUser {
                names: names.clone(),
                roles: Roles::new(Vec::new()),
                must_enrol: matches!(joining, Joining::SignUp),
            };
            let mut user = new.add(context, write, Some(&hash))?;
            let joined = match &invitation {
                None => {
                    // Nobody has shown that this address is theirs: they get what is made for it from
                    // now on, and nothing that was meant for somebody else.
                    for invitation in write.invitations_in_sight(&user.email)? {
                        write.hide_invitation(&invitation)?;
                    }
                    context.event(Action::SignedUp, user.id)
                }
                Some(invitation) => {
                    write.delete_invitation(invitation)?;
                    join_team(write, &user, invitation, context.now)?;
                    let mut event = context.event(Action::InvitationAccepted, user.id);
                    event.detail = describe(invitation);
                    event
                }
            };
            context.begin_grace(write, &mut user, false)?;
            let session = context.open_session(write, &user, false, &job_material)?;
            let event = Event {
                session: Some(session.id),
                ..joined
            };
            context.audit(write, &event)?;
            Ok(Granted {
                user,
                session,
                has_factor: false,
            })
        });
        self.core.tokens_of(&joined.await?, &material)
    }
}

/// The invitation of this token, if it is good now. It is used up when the account is made.
fn find(write: &Write<'_>, token: &LinkToken, now: Now) -> Decision<Invitation> {
    let found = write.invitation(InvitationId(token.number))?;
    let found = found.filter(|found| found.accepts(token.secret.expose(), now));
    let invitation = found.ok_or(Error::InvalidToken)?;
    if !invitation.still_stands(&write.ground_of(&invitation)?) {
        Err(Error::InvalidToken)?;
    }
    Ok(invitation)
}

/// Makes an account a member of the invitation's team.
pub(super) fn join_team(
    write: &mut Write<'_>,
    user: &User,
    invitation: &Invitation,
    now: Now,
) -> Result<(), StoreError> {
    let Some((team, role)) = invitation.team else {
        return Ok(());
    };
    let membership = Membership {
        role,
        since: now.unix_seconds,
    };
    write.put_member(user.id, team, &membership)
}
