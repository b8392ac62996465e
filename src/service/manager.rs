//! Who does something to others: a person with a session, or the person at the machine; looked at once
//! more inside the transaction that does it.

use super::error::{Decision, granted};
use super::identify::{Current, Proof};
use super::{Client, Error, Foundation, Services, actor_of};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::authority::Standing;
use crate::domain::id::UserId;
use crate::domain::secret::SecretText;
use crate::domain::team::TeamRole;
use crate::domain::time::Now;
use crate::domain::user::User;
use crate::store::{StoreError, Write};
use std::sync::Arc;

/// Who acts.
#[derive(Clone)]
pub enum Manager {
    /// A person, or somebody in their name.
    Session(Proof),
    /// The person at the machine, by the operating system's name; may what a Super Admin with a fresh
    /// code may.
    Operator(String),
}

/// Whoever acts, as the transaction sees them.
pub(super) struct Acting<'a> {
    pub(super) foundation: &'a Foundation,
    pub(super) actor: Actor,
    /// `None` for the person at the machine.
    pub(super) person: Option<Current>,
    pub(super) now: Now,
    client: &'a Client,
}

impl Acting<'_> {
    /// What counts of them in a team where they have this role. Somebody in another's name has only
    /// the roles in teams.
    pub(super) fn standing(&self, role: Option<TeamRole>) -> Standing {
        match &self.person {
            None => Standing {
                is_admin: true,
                is_super_admin: true,
                role: None,
                is_impersonated: false,
            },
            Some(Current { session, user, .. }) => {
                Standing::of(user, role, session.impersonation.is_some())
            }
        }
    }

    /// Whether they are this person.
    pub(super) fn is(&self, user: UserId) -> bool {
        self.person
            .as_ref()
            .is_some_and(|current| current.user.id == user)
    }

    /// Whether they may manage this account.
    ///
    /// # Errors
    /// [`Error::AccessDenied`].
    pub(super) fn require_power_over(&self, write: &Write<'_>, user: &User) -> Decision<()> {
        let standing = self.standing(None);
        if !standing.is_admin {
            let text = "Only an Admin or Super Admin may do this.";
            return Ok(Err(Error::AccessDenied(text)));
        }
        if !standing.may_manage(user, write.leads_support_team(user.id)?) {
            let text = "Only a Super Admin may do this to an Admin, a Super Admin, or an Owner or Manager of the support team.";
            return Ok(Err(Error::AccessDenied(text)));
        }
        Ok(Ok(()))
    }

    /// Whether they are a Super Admin.
    ///
    /// # Errors
    /// [`Error::AccessDenied`].
    pub(super) fn require_super_admin(&self) -> Result<(), Error> {
        if self.standing(None).is_super_admin {
            Ok(())
        } else {
            Err(Error::AccessDenied("Only a Super Admin may do this."))
        }
    }

    /// Makes sure that their code is fresh, checking one that was sent. The person at the machine
    /// needs none.
    pub(super) fn require_fresh(
        &mut self,
        write: &mut Write<'_>,
        code: Option<&SecretText>,
    ) -> Decision<()> {
        let Some(current) = self.person.as_mut() else {
            return Ok(Ok(()));
        };
        if current.factor.is_none() {
            return Ok(Err(Error::TwoFactorNotEnabled));
        }
        let here = self.foundation.circumstances(self.client, self.now);
        granted!(here.require_fresh(write, current, code));
        write.put_session(current.session.id, &current.session)?;
        Ok(Ok(()))
    }

    /// Appends what they did to the audit log.
    pub(super) fn log(
        &self,
        write: &mut Write<'_>,
        action: Action,
        user: Option<UserId>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let session = self.person.as_ref().map(|current| current.session.id);
        let event = Event {
            at: self.now.unix_seconds,
            action,
            actor: self.actor.clone(),
            user,
            session,
            address: self.client.address.clone(),
            detail: detail.to_owned(),
        };
        self.foundation.audit(write, &event)
    }
}

impl Foundation {
    /// Looks at whoever acts once more, inside the transaction that acts for them.
    fn acting<'a>(
        &'a self,
        write: &Write<'_>,
        manager: &Manager,
        client: &'a Client,
        now: Now,
    ) -> Decision<Acting<'a>> {
        let (actor, person) = match manager {
            Manager::Operator(name) => (Actor::Operator(name.clone()), None),
            Manager::Session(proof) => {
                let current = granted!(self.recheck(write, proof, now));
                (actor_of(&current.session), Some(current))
            }
        };
        Ok(Ok(Acting {
            foundation: self,
            actor,
            person,
            now,
            client,
        }))
    }
}

impl Services {
    /// Runs an act of `manager` in one transaction, and answers its decision when it is durable. What
    /// an impersonation stood on and lost by it is lost for good, even if it is given back at once.
    pub(super) async fn act<T, A>(
        &self,
        manager: Manager,
        client: &Client,
        act: A,
    ) -> Result<T, Error>
    where
        A: Fn(&mut Acting<'_>, &mut Write<'_>) -> Decision<T> + Send + 'static,
        T: Send + 'static,
    {
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let client = client.clone();
        let job = move |write: &mut Write<'_>| {
            let mut acting = granted!(foundation.acting(write, &manager, &client, now));
            let done = granted!(act(&mut acting, write));
            foundation.sweep_impersonations(write, now)?;
            Ok(Ok(done))
        };
        self.decide(job).await
    }

    /// Runs an act of `manager` on an account that they may manage.
    pub(super) async fn act_on<T, A>(
        &self,
        manager: Manager,
        id: UserId,
        client: &Client,
        act: A,
    ) -> Result<T, Error>
    where
        A: Fn(&mut Acting<'_>, &mut Write<'_>, &mut User) -> Decision<T> + Send + 'static,
        T: Send + 'static,
    {
        self.act(manager, client, move |acting, write| {
            let Some(mut user) = write.user(id)? else {
                return Ok(Err(Error::UserNotFound));
            };
            granted!(acting.require_power_over(write, &user));
            act(acting, write, &mut user)
        })
        .await
    }
}
