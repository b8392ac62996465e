//! The two envelopes of an act: on oneself ([`Core::act_as_self`]), and on others ([`Core::act`],
//! [`Core::act_on`]). Each looks at the caller once more inside the transaction that acts for them, so
//! that a use case is its rule and nothing else.

use super::context::{Client, Context, actor_of, event_by};
use super::error::{CodeProblem, Decision, Error};
use super::identify::{Caller, Proof, SessionState};
use super::jobs::Core;
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::authority::Standing;
use crate::domain::id::{TeamId, UserId};
use crate::domain::secret::SecretText;
use crate::domain::team::TeamRole;
use crate::domain::user::User;
use crate::store::{Read, StoreError, Write};

/// Who asks for an act on others, or for a list.
#[derive(Clone)]
pub enum Requester {
    /// A person with a session, or a support member in their name.
    Caller(Box<Caller>),
    /// The operator, by the operating system's name; may do what a Super Admin with a fresh code may.
    Operator(String),
}

/// What the operator counts for everywhere.
const OPERATOR: Standing = Standing {
    is_admin: true,
    is_super_admin: true,
    role: None,
    is_impersonated: false,
};

impl Requester {
    /// What they count for in a team where they have this role.
    pub(in crate::service) fn standing(&self, role: Option<TeamRole>) -> Standing {
        match self {
            Self::Operator(_) => OPERATOR,
            Self::Caller(caller) => Standing::of(&caller.user, role, caller.impersonator.is_some()),
        }
    }

    /// Their role in a team.
    pub(in crate::service) fn role_in(
        &self,
        read: &Read,
        team: TeamId,
    ) -> Result<Option<TeamRole>, StoreError> {
        match self {
            Self::Operator(_) => Ok(None),
            Self::Caller(caller) => {
                let membership = read.membership((caller.user.id, team))?;
                Ok(membership.map(|membership| membership.role))
            }
        }
    }
}

/// What a job needs of a requester.
enum Claim {
    Session(Proof),
    Operator(String),
}

impl Claim {
    fn of(requester: &Requester) -> Self {
        match requester {
            Requester::Operator(name) => Self::Operator(name.clone()),
            Requester::Caller(caller) => Self::Session(caller.proof.clone()),
        }
    }
}

/// A requester, as the transaction sees them.
pub struct Acting<'a> {
    /// What the job knows beside its transaction.
    pub context: Context<'a>,
    /// Who acts, in the audit log's terms.
    pub actor: Actor,
    /// `None` for the operator.
    pub person: Option<SessionState>,
}

impl<'a> Acting<'a> {
    fn new(context: Context<'a>, write: &Write<'_>, claim: &Claim) -> Decision<Self> {
        let (actor, person) = match claim {
            Claim::Operator(name) => (Actor::Operator(name.clone()), None),
            Claim::Session(proof) => {
                let state = context.foundation.recheck(write, proof, context.now)?;
                (actor_of(&state.session), Some(state))
            }
        };
        Ok(Self {
            context,
            actor,
            person,
        })
    }
}

impl Acting<'_> {
    /// What they count for in a team where they have this role. A support member in another's name
    /// has only that person's roles in teams.
    pub fn standing(&self, role: Option<TeamRole>) -> Standing {
        match &self.person {
            None => OPERATOR,
            Some(SessionState { session, user, .. }) => {
                Standing::of(user, role, session.impersonation.is_some())
            }
        }
    }

    /// Whether they are this person.
    pub fn is(&self, user: UserId) -> bool {
        self.person
            .as_ref()
            .is_some_and(|state| state.user.id == user)
    }

    /// Whether they may manage this account.
    ///
    /// # Errors
    /// [`Error::AccessDenied`].
    pub fn require_power_over(&self, write: &Write<'_>, user: &User) -> Decision<()> {
        let standing = self.standing(None);
        if !standing.is_admin {
            let text = "Only an Admin or Super Admin may do this.";
            Err(Error::AccessDenied(text))?;
        }
        if !standing.may_manage(user, write.leads_support_team(user.id)?) {
            let text = "Only a Super Admin may do this to an Admin, a Super Admin, or an Owner or Manager of the support team.";
            Err(Error::AccessDenied(text))?;
        }
        Ok(())
    }

    /// Whether they are a Super Admin.
    ///
    /// # Errors
    /// [`Error::AccessDenied`].
    pub fn require_super_admin(&self) -> Result<(), Error> {
        if self.standing(None).is_super_admin {
            Ok(())
        } else {
            Err(Error::AccessDenied("Only a Super Admin may do this."))
        }
    }

    /// Makes sure that their code is fresh, checking one that was sent. The operator needs none.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotEnabled`], [`Error::FreshCodeRequired`], and what a code that was sent
    /// can fail with.
    pub fn require_fresh(
        &mut self,
        write: &mut Write<'_>,
        code: Option<&SecretText>,
    ) -> Decision<()> {
        let Some(state) = self.person.as_mut() else {
            return Ok(());
        };
        if state.factor.is_none() {
            Err(Error::TwoFactorNotEnabled)?;
        }
        self.context.require_fresh(write, state, code)?;
        write.put_session(state.session.id, &state.session)?;
        Ok(())
    }

    /// Appends what they did to the audit log.
    pub fn log(
        &self,
        write: &mut Write<'_>,
        action: Action,
        user: Option<UserId>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let event = Event {
            user,
            session: self.person.as_ref().map(|state| state.session.id),
            address: self.context.client.address.clone(),
            detail: detail.to_owned(),
            ..event_by(self.actor.clone(), action, self.context.now)
        };
        self.context.audit(write, &event)
    }
}

impl Core {
    /// Takes an act from the budget of the user, so that nobody fills the log.
    fn count_act(&self, proof: &Proof) -> Result<(), Error> {
        match proof.counted {
            Some(user) => {
                let taken = self.acts.take(user, self.now());
                taken.map_err(Error::TooManyTries)
            }
            None => Ok(()),
        }
    }

    /// Counts a code that was used before: it can be sent as often as one likes.
    fn count_refusal<T>(&self, user: UserId, done: Result<T, Error>) -> Result<T, Error> {
        let used = CodeProblem::AlreadyUsed;
        if matches!(&done, Err(Error::InvalidCode(problem) | Error::InvalidCurrentCode(problem)) if *problem == used)
        {
            self.refusals.add(Action::CodeReplayed, Some(user));
        }
        done
    }

    /// Runs an act of a session on what belongs to its owner, in one transaction.
    ///
    /// # Errors
    /// What the act refuses, and what has become of the session meanwhile.
    pub async fn act_as_self<T, A>(
        &self,
        proof: &Proof,
        client: &Client,
        act: A,
    ) -> Result<T, Error>
    where
        A: Fn(Context<'_>, &mut Write<'_>, SessionState) -> Decision<T> + Send + 'static,
        T: Send + 'static,
    {
        self.count_act(proof)?;
        let user = proof.user;
        let proof = proof.clone();
        let done = self.run(client, move |context, write| {
            let state = context.foundation.recheck(write, &proof, context.now)?;
            act(context, write, state)
        });
        self.count_refusal(user, done.await)
    }

    /// Runs an act of `requester` in one transaction. What an impersonation stood on and lost by it is
    /// lost for good, even if it is given back at once.
    ///
    /// # Errors
    /// What the act refuses, and what has become of the session meanwhile.
    pub async fn act<T, A>(
        &self,
        requester: &Requester,
        client: &Client,
        act: A,
    ) -> Result<T, Error>
    where
        A: Fn(&mut Acting<'_>, &mut Write<'_>) -> Decision<T> + Send + 'static,
        T: Send + 'static,
    {
        let claim = Claim::of(requester);
        let user = match &claim {
            Claim::Session(proof) => {
                self.count_act(proof)?;
                Some(proof.user)
            }
            Claim::Operator(_) => None,
        };
        let done = self.run(client, move |context, write| {
            let mut acting = Acting::new(context, write, &claim)?;
            let done = act(&mut acting, write)?;
            context.sweep_impersonations(write)?;
            Ok(done)
        });
        match user {
            Some(user) => self.count_refusal(user, done.await),
            None => done.await,
        }
    }

    /// Runs an act of `requester` on an account that they may manage.
    ///
    /// # Errors
    /// [`Error::UserNotFound`], [`Error::AccessDenied`], what the act refuses, and what has become of
    /// the session meanwhile.
    pub async fn act_on<T, A>(
        &self,
        requester: &Requester,
        id: UserId,
        client: &Client,
        act: A,
    ) -> Result<T, Error>
    where
        A: Fn(&mut Acting<'_>, &mut Write<'_>, User) -> Decision<T> + Send + 'static,
        T: Send + 'static,
    {
        self.act(requester, client, move |acting, write| {
            let user = write.user(id)?.ok_or(Error::UserNotFound)?;
            acting.require_power_over(write, &user)?;
            act(acting, write, user)
        })
        .await
    }
}
