//! The support team acting as another person: the beginning, and the way back.

use super::Support;
use crate::domain::audit::{Action, Event};
use crate::domain::id::{SessionId, TeamId, UserId};
use crate::domain::impersonation::{
    CODE_BYTES, End, Impersonation, LIFE_SECONDS, Past, is_entitled, judge,
};
use crate::domain::notice::NoticeKind;
use crate::domain::policy::Policy;
use crate::domain::secret::SecretText;
use crate::domain::session::Session;
use crate::domain::team::Team;
use crate::domain::user::User;
use crate::service::core::context::{Client, Context, actor_of};
use crate::service::core::error::{Decision, Error, Stop};
use crate::service::core::identify::{Proof, SessionState};
use crate::service::sessions::endings::Cause;
use crate::service::sessions::tokens::{Granted, Tokens};
use crate::store::{Counter, StoreError, Write};
use data_encoding::BASE32_NOPAD;

/// As whom a support member asks to act.
#[derive(Clone)]
pub struct ImpersonationRequest {
    /// The target.
    pub target: UserId,
    /// One of the target's teams, for which the token speaks.
    pub team: TeamId,
    /// Why; may be empty.
    pub reason: String,
}

/// A request that the rules allow.
struct Allowed {
    target: User,
    team: Team,
    support_team: TeamId,
}

/// The random values of an impersonation.
struct Draw {
    session: SessionId,
    code: String,
}

impl Support {
    /// Lets the caller act as another person, for thirty minutes: the access token. The caller's own
    /// code is used up, and their own session stays and is fresh. Every refusal is audited: twenty a minute
    /// in full, more as a number.
    ///
    /// # Errors
    /// In this order: what the session's stage says, [`Error::AccessDenied`],
    /// [`Error::TwoFactorNotEnabled`], [`Error::UserNotFound`], [`Error::TeamNotFound`],
    /// [`Error::ImpersonationRefused`], and what a code can fail with.
    pub async fn impersonate(
        &self,
        proof: &Proof,
        request: ImpersonationRequest,
        code: SecretText,
        client: &Client,
    ) -> Result<String, Error> {
        let in_full = self
            .refusals_in_full
            .take(proof.user(), self.core.now())
            .is_ok();
        let draw = Draw {
            session: SessionId(self.core.random()?),
            code: BASE32_NOPAD.encode(&self.core.random::<CODE_BYTES>()?),
        };
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, mut state| {
                let policy = context.foundation.settings.policy;
                let checked = allow(write, &state, &request, policy).and_then(|allowed| {
                    context.check_code(write, &mut state, &code, false)?;
                    Ok(allowed)
                });
                let allowed = match checked {
                    Ok(allowed) => allowed,
                    Err(Stop::Refused(error)) if !in_full => return Err(error.into()),
                    Err(Stop::Refused(error) | Stop::Recorded(error)) => {
                        let ImpersonationRequest { target, team, .. } = &request;
                        let detail = format!("user {target}, team {team}: {error}");
                        context.log(write, &state, Action::ImpersonationRefused, &detail)?;
                        return Err(Stop::Recorded(error));
                    }
                    Err(failed) => return Err(failed),
                };
                state.session.freshen(context.now);
                write.put_session(state.session.id, &state.session)?;
                let session = begin(context, write, &state, &allowed, &request, &draw)?;
                let (team, reason) = (request.team, &request.reason);
                let event = Event {
                    user: Some(allowed.target.id),
                    detail: format!("code {}, team {team}, reason: {reason}", draw.code),
                    ..context.event_in(session.id, Action::ImpersonationStarted, state.user.id)
                };
                context.audit(write, &event)?;
                Ok((allowed.target, session))
            });
        let begun = act.await;
        match &begun {
            Ok(_) if in_full => self.refusals_in_full.give_back(&proof.user()),
            Err(error) if !in_full && is_refusal(error) => {
                let (action, user) = (Action::ImpersonationRefused, proof.user());
                self.core.refusals.add(action, Some(user));
            }
            _ => {}
        }
        let (target, session) = begun?;
        self.core.access_token(&target, &session)
    }

    /// Ends the impersonation whose token the caller showed, and gives the actor's own session new
    /// tokens.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if it, or the actor's own session, has ended.
    pub async fn desimpersonate(&self, proof: &Proof) -> Result<Tokens, Error> {
        let client = Client::default();
        let proof = proof.uncounted();
        let act = self
            .core
            .act_as_self(&proof, &client, |context, write, state| {
                let by = write.impersonator(&state.session)?;
                let by = by.ok_or(Error::Unauthorized)?;
                let cause = Cause {
                    actor: &actor_of(&state.session),
                    how: End::Returned,
                };
                context.finish_impersonation(write, &state.session, cause)?;
                // Nobody showed a code on the way back.
                let mut session = by.session;
                session.stale(context.now);
                session.rotate(context.now);
                write.put_session(session.id, &session)?;
                Ok(Granted {
                    user: by.user,
                    session,
                    has_factor: by.has_factor,
                })
            });
        self.core.full_tokens(&act.await?)
    }
}

/// Whether the rules refused, rather than a code or the store.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error,
        Error::AccessDenied(_)
            | Error::TwoFactorNotEnabled
            | Error::UserNotFound
            | Error::TeamNotFound
            | Error::ImpersonationRefused(_)
    )
}

/// Who may act as whom: the checks before the code, which comes last so that a mistyped id burns
/// none. Nothing is written here.
fn allow(
    write: &Write<'_>,
    state: &SessionState,
    request: &ImpersonationRequest,
    policy: Policy,
) -> Decision<Allowed> {
    let support_team = write.support_team_of(state.user.id)?;
    let entitled = is_entitled(&state.user, support_team.is_some());
    let text = "Only an Admin or Super Admin who is a member of the support team may do this.";
    let support_team = support_team
        .filter(|_| entitled)
        .ok_or(Error::AccessDenied(text))?;
    if state.factor.is_none() {
        Err(Error::TwoFactorNotEnabled)?;
    }
    let target = write.user(request.target)?;
    let target = target.filter(|user| !user.is_archived());
    let target = target.ok_or(Error::UserNotFound)?;
    let is_member = write.membership((target.id, request.team))?.is_some();
    let team = write.team(request.team)?.filter(|_| is_member);
    let team = team.ok_or(Error::TeamNotFound)?;
    judge(&state.user, &target, policy.impersonation)
        .map_err(|refusal| Error::ImpersonationRefused(refusal.text()))?;
    Ok(Allowed {
        target,
        team,
        support_team,
    })
}

/// Writes the session, the target's notice and the entry in their history.
fn begin(
    context: Context<'_>,
    write: &mut Write<'_>,
    state: &SessionState,
    allowed: &Allowed,
    request: &ImpersonationRequest,
    draw: &Draw,
) -> Result<Session, StoreError> {
    let number = write.next_id(Counter::Impersonation)?;
    let (actor, target) = (&state.user, &allowed.target);
    let (client, now) = (context.client, context.now);
    let session = Session {
        id: draw.session,
        user: target.id,
        password_at: now.stamp(),
        code_at: None,
        stage_token: None,
        refresh: None,
        last_used: now.stamp(),
        device: client.device.clone(),
        address: client.address.clone(),
        impersonation: Some(Impersonation {
            number,
            actor: actor.id,
            actor_session: state.session.id,
            team: allowed.team.id,
            support_team: allowed.support_team,
            code: draw.code.clone(),
        }),
    };
    write.add_session(&session)?;
    write.add_running(state.session.id, session.id)?;
    let past = Past {
        number,
        session: session.id,
        actor: actor.id,
        actor_name: actor.full_name(),
        team: allowed.team.name.clone(),
        reason: request.reason.clone(),
        code: draw.code.clone(),
        started_at: now.unix_seconds,
        until: now.unix_seconds.saturating_add(LIFE_SECONDS),
        ended: None,
    };
    write.put_past_impersonation((target.id, number), &past)?;
    let notice = NoticeKind::Impersonated {
        by: past.actor_name,
        reason: past.reason,
    };
    write.notify(target.id, notice, now.unix_seconds)?;
    Ok(session)
}
