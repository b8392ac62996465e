//! The support team acting as somebody else: the beginning, and the way back.

use super::endings::Cause;
use super::error::{Decision, granted};
use super::identify::{Current, Proof};
use super::tokens::{Granted, Tokens};
use super::{Client, Error, Services, actor_of};
use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::{SessionId, TeamId, UserId};
use crate::domain::impersonation::{
    CODE_BYTES, End, Impersonation, LIFE_SECONDS, Past, is_entitled, judge,
};
use crate::domain::notice::NoticeKind;
use crate::domain::policy::Policy;
use crate::domain::secret::SecretText;
use crate::domain::session::Session;
use crate::domain::team::Team;
use crate::domain::time::Now;
use crate::domain::user::User;
use crate::store::{Counter, StoreError, Write};
use data_encoding::BASE32_NOPAD;
use std::sync::Arc;

/// As whom somebody wishes to act.
#[derive(Clone)]
pub struct Wish {
    /// The target.
    pub target: UserId,
    /// One of the target's teams, for which the token speaks.
    pub team: TeamId,
    /// Why; may be empty.
    pub reason: String,
}

/// A wish that the rules allow.
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

impl Services {
    /// Lets the caller act as somebody else, for thirty minutes: the access token. The caller's own
    /// code is used up, and their own session stays and is fresh. Every refusal is audited.
    ///
    /// # Errors
    /// In this order: what the session's stage says, [`Error::AccessDenied`],
    /// [`Error::TwoFactorNotEnabled`], [`Error::UserNotFound`], [`Error::TeamNotFound`],
    /// [`Error::ImpersonationRefused`], and what a code can fail with.
    pub async fn impersonate(
        &self,
        proof: &Proof,
        wish: Wish,
        code: SecretText,
        client: &Client,
    ) -> Result<String, Error> {
        let now = self.now();
        let draw = Draw {
            session: SessionId(self.random()?),
            code: BASE32_NOPAD.encode(&self.random::<CODE_BYTES>()?),
        };
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (proof.clone(), client.clone());
        let job = move |write: &mut Write<'_>| {
            let mut current = granted!(foundation.recheck(write, &proof, now));
            let here = foundation.circumstances(&client, now);
            let policy = foundation.settings.policy;
            let checked = match allow(write, &current, &wish, policy)? {
                Ok(allowed) => {
                    let code = here.check_code(write, &mut current, &code, false)?;
                    code.map(|_| allowed)
                }
                Err(error) => Err(error),
            };
            let allowed = match checked {
                Ok(allowed) => allowed,
                Err(error) => {
                    let detail = format!("user {}, team {}: {error}", wish.target, wish.team);
                    here.log(write, &current, Action::ImpersonationRefused, &detail)?;
                    return Ok(Err(error));
                }
            };
            current.session.freshen(now);
            write.put_session(current.session.id, &current.session)?;
            let session = begin(write, &current, &allowed, &wish, &draw, &client, now)?;
            let event = Event {
                at: now.unix_seconds,
                action: Action::ImpersonationStarted,
                actor: Actor::User(current.user.id),
                user: Some(allowed.target.id),
                session: Some(session.id),
                address: client.address.clone(),
                detail: format!(
                    "code {}, team {}, reason: {}",
                    draw.code, wish.team, wish.reason
                ),
            };
            foundation.audit(write, &event)?;
            Ok(Ok((allowed.target, session)))
        };
        let (target, session) = self.decide(job).await?;
        self.access_token(&target, &session)
    }

    /// Ends the impersonation whose token the caller showed, and gives the actor's own session new
    /// tokens.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if it, or the actor's own session, has ended.
    pub async fn desimpersonate(&self, proof: &Proof) -> Result<Tokens, Error> {
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let proof = proof.clone();
        let job = move |write: &mut Write<'_>| {
            let current = granted!(foundation.recheck(write, &proof, now));
            let Some(by) = write.impersonator(&current.session)? else {
                return Ok(Err(Error::Unauthorized));
            };
            let cause = Cause {
                actor: &actor_of(&current.session),
                how: End::Returned,
                now,
            };
            foundation.finish_impersonation(write, &current.session, &cause)?;
            let mut session = by.session;
            session.rotate(now);
            write.put_session(session.id, &session)?;
            Ok(Ok(Granted {
                user: by.user,
                session,
                has_factor: by.has_factor,
            }))
        };
        self.full_tokens(&self.decide(job).await?)
    }
}

/// Who may act as whom: the checks before the code, which comes last so that a mistyped id burns
/// none. Nothing is written here.
fn allow(write: &Write<'_>, current: &Current, wish: &Wish, policy: Policy) -> Decision<Allowed> {
    let support_team = write.support_team_of(current.user.id)?;
    let entitled = is_entitled(&current.user, support_team.is_some());
    let Some(support_team) = support_team.filter(|_| entitled) else {
        let text = "Only an Admin or Super Admin who is a member of the support team may do this.";
        return Ok(Err(Error::AccessDenied(text)));
    };
    if current.factor.is_none() {
        return Ok(Err(Error::TwoFactorNotEnabled));
    }
    let target = write.user(wish.target)?.filter(|user| !user.is_archived());
    let Some(target) = target else {
        return Ok(Err(Error::UserNotFound));
    };
    let is_member = write.membership((target.id, wish.team))?.is_some();
    let Some(team) = write.team(wish.team)?.filter(|_| is_member) else {
        return Ok(Err(Error::TeamNotFound));
    };
    Ok(match judge(&current.user, &target, policy.impersonation) {
        Ok(()) => Ok(Allowed {
            target,
            team,
            support_team,
        }),
        Err(refusal) => Err(Error::ImpersonationRefused(refusal.text())),
    })
}

/// Writes the session, the target's notice and the entry in their history.
fn begin(
    write: &mut Write<'_>,
    current: &Current,
    allowed: &Allowed,
    wish: &Wish,
    draw: &Draw,
    client: &Client,
    now: Now,
) -> Result<Session, StoreError> {
    let number = write.next_id(Counter::Impersonation)?;
    let (actor, target) = (&current.user, &allowed.target);
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
            actor_session: current.session.id,
            team: allowed.team.id,
            support_team: allowed.support_team,
            code: draw.code.clone(),
        }),
    };
    write.add_session(&session)?;
    write.add_running(current.session.id, session.id)?;
    let past = Past {
        number,
        session: session.id,
        actor: actor.id,
        actor_name: actor.full_name(),
        team: allowed.team.name.clone(),
        reason: wish.reason.clone(),
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
