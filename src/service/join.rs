//! Somebody new: an account made by its owner, from an invitation or, where the policy opens it, of
//! their own accord. It opens a session at the stage that the policy demands.

use super::error::{Decision, granted};
use super::invitations::{describe, still_stands};
use super::links::LinkToken;
use super::tokens::{Granted, Tokens};
use super::users::{Names, NewUser};
use super::{Client, Error, Services, event, in_session, pause};
use crate::domain::audit::Action;
use crate::domain::id::InvitationId;
use crate::domain::invitation::Invitation;
use crate::domain::secret::SecretText;
use crate::domain::team::Membership;
use crate::domain::time::Now;
use crate::domain::user::Roles;
use crate::store::Write;
use std::sync::Arc;

/// By what somebody new comes in.
pub(super) enum Joining {
    /// An invitation's token.
    Invited(LinkToken),
    /// The open door.
    SignUp,
}

impl Services {
    /// Makes an account for whoever asks.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`], [`Error::AlreadyExists`], [`Error::WeakPassword`],
    /// [`Error::SignInsPaused`].
    pub async fn sign_up(
        &self,
        names: Names,
        password: SecretText,
        client: &Client,
    ) -> Result<Tokens, Error> {
        if !self.settings().policy.registration {
            return Err(Error::RegistrationClosed);
        }
        self.join(names, password, Joining::SignUp, client).await
    }

    pub(super) async fn join(
        &self,
        names: Names,
        password: SecretText,
        joining: Joining,
        client: &Client,
    ) -> Result<Tokens, Error> {
        self.admit_sign_in()?;
        let hash = self.hash_new_password(password, names.personal()).await?;
        let now = self.now();
        let material = Arc::new(self.session_material()?);
        let foundation = Arc::clone(&self.foundation);
        let (client, job_material) = (client.clone(), Arc::clone(&material));
        let job = move |write: &mut Write<'_>| {
            if pause::is_on(write)? {
                return Ok(Err(Error::SignInsPaused));
            }
            let invitation = match &joining {
                Joining::SignUp => None,
                Joining::Invited(token) => Some(granted!(find(write, token, now))),
            };
            let new = NewUser {
                names: names.clone(),
                roles: Roles::new(Vec::new()),
                must_enrol: false,
            };
            let mut user = granted!(new.add(write, Some(&hash), now));
            let joined = match &invitation {
                None => event(Action::SignedUp, user.id, &client, now),
                Some(invitation) => {
                    write.delete_invitation(invitation)?;
                    join_team(write, &user, invitation, now)?;
                    let mut event = event(Action::InvitationAccepted, user.id, &client, now);
                    event.detail = describe(invitation);
                    event
                }
            };
            foundation.begin_grace(write, &mut user, false, now)?;
            let session = foundation.new_session(&user, false, &job_material, &client, now);
            write.add_session(&session)?;
            foundation.audit(write, &in_session(joined, session.id))?;
            Ok(Ok(Granted {
                user,
                session,
                has_factor: false,
            }))
        };
        let granted = self.decide(job).await?;
        self.tokens_of(&granted, &material)
    }
}

/// The invitation of this token, if it is good now. It is used up when the account is made.
fn find(write: &Write<'_>, token: &LinkToken, now: Now) -> Decision<Invitation> {
    let found = write.invitation(InvitationId(token.number))?;
    let Some(invitation) = found.filter(|found| found.accepts(token.secret(), now)) else {
        return Ok(Err(Error::InvalidToken));
    };
    if !still_stands(write, &invitation)? {
        return Ok(Err(Error::InvalidToken));
    }
    Ok(Ok(invitation))
}

fn join_team(
    write: &mut Write<'_>,
    user: &crate::domain::user::User,
    invitation: &Invitation,
    now: Now,
) -> Result<(), crate::store::StoreError> {
    let Some((team, role)) = invitation.team else {
        return Ok(());
    };
    let membership = Membership {
        role,
        since: now.unix_seconds,
    };
    write.put_member(user.id, team, &membership)
}
