//! The claim of a new instance by its first administrator.

use super::tokens::{Granted, Tokens};
use super::users::{Names, NewUser};
use super::{Client, Error, Services, event, in_session, pause};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::TeamId;
use crate::domain::secret::{Secret, SecretText, token_hash};
use crate::domain::team::{Membership, Team, TeamRole};
use crate::domain::user::{Role, Roles};
use crate::store::{Counter, StoreError, Write};
use data_encoding::BASE64URL_NOPAD;
use std::sync::Arc;

/// Random bytes of a set-up token.
const TOKEN_BYTES: usize = 16;
/// The name of the first team.
const FIRST_TEAM: &str = "Support";

impl Services {
    /// Whether the instance has, or has had, an administrator.
    ///
    /// # Errors
    /// If the store fails.
    pub fn is_claimed(&self) -> Result<bool, Error> {
        let set_up = self.store.read(|read| read.set_up())?;
        Ok(set_up.unwrap_or_default().claimed)
    }

    /// [`Services::new_set_up_link`] for the person at the machine, by the operating system's name.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the instance is claimed.
    pub async fn new_set_up_link_for(&self, operator: &str) -> Result<String, Error> {
        self.new_set_up_link(Actor::Operator(operator.to_owned()))
            .await
    }

    /// Makes the one link that opens the set-up page; the one before is void. The token travels in
    /// the fragment, which browsers keep to themselves.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the instance is claimed.
    pub async fn new_set_up_link(&self, actor: Actor) -> Result<String, Error> {
        let now = self.now();
        let token: Secret<TOKEN_BYTES> = self.random_secret()?;
        let hash = token_hash(token.expose());
        let foundation = Arc::clone(&self.foundation);
        let job = move |write: &mut Write<'_>| {
            let mut set_up = write.set_up()?.unwrap_or_default();
            if set_up.claimed {
                return Ok(Err(Error::NotFound));
            }
            set_up.link = Some((hash, now.stamp()));
            write.put_set_up(&set_up)?;
            let event = Event {
                at: now.unix_seconds,
                action: Action::SetUpLinkMade,
                actor: actor.clone(),
                user: None,
                session: None,
                address: String::new(),
                detail: String::new(),
            };
            foundation.audit(write, &event)?;
            Ok(Ok(()))
        };
        self.decide(job).await?;
        let token = BASE64URL_NOPAD.encode(token.expose());
        Ok(format!("{}/setup#token={token}", self.settings().base_url))
    }

    /// Makes the first Super Admin, member of the first team, and signs them in at stage
    /// `enrolment`. Whether the instance is unclaimed is decided in the transaction that claims it.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the instance is claimed, [`Error::InvalidToken`],
    /// [`Error::WeakPassword`], [`Error::InvalidRequest`], [`Error::SignInsPaused`].
    pub async fn claim(
        &self,
        token: &SecretText,
        names: Names,
        password: SecretText,
        client: &Client,
    ) -> Result<Tokens, Error> {
        let now = self.now();
        let token = BASE64URL_NOPAD.decode(token.expose().as_bytes());
        let token = Secret::<TOKEN_BYTES>::from_slice(&token.unwrap_or_default());
        let set_up = self.store.read(|read| read.set_up())?.unwrap_or_default();
        if set_up.claimed {
            return Err(Error::NotFound);
        }
        let token = token.ok_or(Error::InvalidToken)?;
        self.admit_sign_in()?;
        if !set_up.accepts(token.expose(), now) {
            return Err(Error::InvalidToken);
        }
        let hash = self.hash_new_password(password, names.personal()).await?;
        let material = Arc::new(self.session_material()?);
        let foundation = Arc::clone(&self.foundation);
        let (client, job_material) = (client.clone(), Arc::clone(&material));
        let job = move |write: &mut Write<'_>| {
            let mut set_up = write.set_up()?.unwrap_or_default();
            if set_up.claimed {
                return Ok(Err(Error::NotFound));
            }
            if pause::is_on(write)? {
                return Ok(Err(Error::SignInsPaused));
            }
            if !set_up.accepts(token.expose(), now) {
                return Ok(Err(Error::InvalidToken));
            }
            let new = NewUser {
                names: names.clone(),
                roles: Roles::new(vec![Role::SuperAdmin]),
                must_enrol: true,
            };
            let user = match new.add(write, Some(&hash), now)? {
                Ok(user) => user,
                Err(error) => return Ok(Err(error)),
            };
            set_up.claimed = true;
            set_up.link = None;
            write.put_set_up(&set_up)?;
            ensure_support_team(write, Some(user.id), now.unix_seconds)?;
            let session = foundation.new_session(&user, false, &job_material, &client, now);
            write.add_session(&session)?;
            let claimed = event(Action::SetUpClaimed, user.id, &client, now);
            foundation.audit(write, &in_session(claimed, session.id))?;
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

/// Makes the support team if no team bears the mark, and puts `member` into it.
pub(super) fn ensure_support_team(
    write: &mut Write<'_>,
    member: Option<crate::domain::id::UserId>,
    at: u64,
) -> Result<(), StoreError> {
    let id = match write.support_team()? {
        Some(id) => id,
        None => make_support_team(write, at)?,
    };
    if let Some(user) = member {
        let membership = Membership {
            role: TeamRole::Owner,
            since: at,
        };
        write.put_member(user, id, &membership)?;
    }
    Ok(())
}

/// The person at the machine may have made a team of that name already: then it is this one.
fn make_support_team(write: &mut Write<'_>, at: u64) -> Result<TeamId, StoreError> {
    if let Some(id) = write.team_id_by_name(FIRST_TEAM)? {
        write.mark_support_team(id)?;
        return Ok(id);
    }
    let id = TeamId(write.next_id(Counter::Team)?);
    let team = Team {
        id,
        name: FIRST_TEAM.to_owned(),
        support: true,
        created_at: at,
    };
    write.add_team(&team)?;
    Ok(id)
}
