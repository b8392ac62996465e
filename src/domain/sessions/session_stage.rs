//! The stage of a request: worked out from what the store says now about the session, its owner and,
//! if another user acts in the owner's place, that user. The token shown can only lower it.

use super::impersonation::{is_entitled, judge};
use super::session::{ENROLMENT_SECONDS, Lifetimes, PENDING_SECONDS, Session, Stage};
use crate::domain::policy::Policy;
use crate::domain::secret::{equal, token_hash};
use crate::domain::time::Now;
use crate::domain::user::User;

/// What a caller showed as proof of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownToken<'a> {
    /// An opaque token.
    Opaque(&'a [u8]),
    /// A signed access token that was verified.
    Access,
}

/// What the store says now about the owner of a session.
#[derive(Clone, Copy)]
pub struct OwnerFacts<'a> {
    /// The owner.
    pub user: &'a User,
    /// Whether the owner's second factor is on.
    pub has_factor: bool,
    /// The policy in force.
    pub policy: Policy,
    /// The lifetimes in force.
    pub lifetimes: Lifetimes,
    /// Who acts, if the session is an impersonation.
    pub impersonator: Option<&'a Impersonator>,
}

/// What the store says now about the user behind an impersonation.
#[derive(Clone, Debug)]
pub struct Impersonator {
    /// The actor.
    pub user: User,
    /// Whether the actor's second factor is on.
    pub has_factor: bool,
    /// The actor's own session.
    pub session: Session,
    /// Whether the actor is a member of the team that bears the support mark.
    pub in_support_team: bool,
    /// Whether the target is a member of the team that was asked for.
    pub target_in_team: bool,
}

impl Impersonator {
    /// Whether they may still act as `target`. That their own session is alive is checked elsewhere.
    pub fn may_act_as(&self, target: &User, switched_on: bool) -> bool {
        is_entitled(&self.user, self.in_support_team)
            && self.has_factor
            && !self.user.must_change_password
            && self.target_in_team
            && judge(&self.user, target, switched_on).is_ok()
    }
}

impl Session {
    /// The stage that the session has by what is true now, whatever token is shown.
    pub fn standing(&self, user: &User, has_factor: bool, policy: Policy, now: Now) -> Stage {
        if has_factor && self.code_at.is_none() {
            Stage::Pending
        } else if !has_factor && policy.demands_of(user) && policy.grace_until(user, now).is_none()
        {
            Stage::Enrolment
        } else {
            Stage::Full
        }
    }

    /// The stage of a request that shows `shown`; `None` if the session or the token has ended.
    pub fn stage(&self, shown: ShownToken<'_>, facts: OwnerFacts<'_>, now: Now) -> Option<Stage> {
        if facts.user.is_archived() {
            return None;
        }
        if self.impersonation.is_some() {
            let stands = shown == ShownToken::Access && self.is_standing_impersonation(facts, now);
            return stands.then_some(Stage::Impersonation);
        }
        let standing = self.standing(facts.user, facts.has_factor, facts.policy, now);
        match shown {
            ShownToken::Access => self.is_alive(facts.lifetimes, now).then_some(standing),
            ShownToken::Opaque(token) => {
                let kept = self.stage_token?;
                let seconds = match kept.stage {
                    Stage::Pending => PENDING_SECONDS,
                    _ => ENROLMENT_SECONDS,
                };
                let good = equal(&kept.hash, &token_hash(token))
                    && self.password_at.is_within(seconds, now);
                good.then(|| kept.stage.min(standing).min(Stage::Enrolment))
            }
        }
    }

    /// Whether the impersonator may still act in the owner's place: in time, with a living session of
    /// their own, and within the rules as they are now.
    pub fn is_standing_impersonation(&self, facts: OwnerFacts<'_>, now: Now) -> bool {
        let Some(by) = facts.impersonator else {
            return false;
        };
        let own = by
            .session
            .standing(&by.user, by.has_factor, facts.policy, now);
        self.is_young_impersonation(now)
            && own == Stage::Full
            && by.session.is_alive(facts.lifetimes, now)
            && by.may_act_as(facts.user, facts.policy.impersonation)
    }
}
