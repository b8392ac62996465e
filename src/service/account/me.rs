//! What a person sees of their own account, and changes in their profile.

use super::Account;
use crate::domain::audit::Action;
use crate::domain::id::NoticeId;
use crate::domain::impersonation::Past;
use crate::domain::notice::Notice;
use crate::domain::team::{Membership, Team};
use crate::domain::user::User;
use crate::service::core::context::Client;
use crate::service::core::error::Error;
use crate::service::core::identify::{Caller, Proof};
use crate::service::people::names::{parse_first_name, parse_last_name};

/// What belongs to an account beside the account itself.
pub struct Profile {
    /// The person's teams.
    pub teams: Vec<(Team, Membership)>,
    /// Recovery codes left; 0 while the second factor is off.
    pub recovery_codes_left: u32,
    /// What has not been dismissed yet.
    pub notices: Vec<Notice>,
    /// Who acts in the person's name in this very session, if somebody does.
    pub impersonation: Option<Past>,
}

/// Where a person's second factor stands.
pub struct FactorStatus {
    /// Whether it is on.
    pub is_on: bool,
    /// Unix seconds until which the session's pending seed may be confirmed.
    pub pending_until: Option<u64>,
    /// Recovery codes left.
    pub recovery_codes_left: u32,
    /// Whether a factor is demanded of this person.
    pub required: bool,
    /// Unix seconds of the enrolment.
    pub enabled_at: Option<u64>,
    /// Wrong codes since the last finished sign-in.
    pub failed_since_sign_in: u32,
}

/// What a person changes in their own account; `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct ProfileChange {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Whether the support team may act as this person.
    pub impersonation_allowed: Option<bool>,
}

impl ProfileChange {
    /// Parses what a request says.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] naming the field.
    pub fn parse(
        first: Option<&str>,
        last: Option<&str>,
        impersonation_allowed: Option<bool>,
    ) -> Result<Self, Error> {
        Ok(Self {
            first_name: first.map(parse_first_name).transpose()?,
            last_name: last.map(parse_last_name).transpose()?,
            impersonation_allowed,
        })
    }

    fn apply(&self, user: &mut User) {
        if let Some(first) = &self.first_name {
            user.first_name.clone_from(first);
        }
        if let Some(last) = &self.last_name {
            user.last_name.clone_from(last);
        }
        if let Some(allowed) = self.impersonation_allowed {
            user.impersonation_allowed = allowed;
        }
    }
}

impl Account {
    /// What belongs to the caller's account.
    ///
    /// # Errors
    /// If the store fails.
    pub fn profile(&self, caller: &Caller) -> Result<Profile, Error> {
        let user = caller.user.id;
        Ok(self.core.store.read(|read| {
            Ok(Profile {
                teams: read.teams_of(user)?,
                recovery_codes_left: read.recovery_codes(user)?.map_or(0, |codes| codes.left()),
                notices: read.notices(user)?,
                impersonation: match &caller.session.impersonation {
                    Some(by) => read.past_impersonation((user, by.number))?,
                    None => None,
                },
            })
        })?)
    }

    /// Where the caller's second factor stands.
    ///
    /// # Errors
    /// If the store fails.
    pub fn factor_status(&self, caller: &Caller) -> Result<FactorStatus, Error> {
        let (user, session, now) = (caller.user.id, caller.session.id, self.core.now());
        let (factor, pending, codes, lockout) = self.core.store.read(|read| {
            Ok((
                read.factor(user)?,
                read.pending_factor(session)?,
                read.recovery_codes(user)?,
                read.lockout(user)?,
            ))
        })?;
        let pending = pending.filter(|pending| pending.is_alive(now));
        Ok(FactorStatus {
            is_on: factor.is_some(),
            pending_until: pending.map(|pending| pending.lapses_at()),
            recovery_codes_left: codes.map_or(0, |codes| codes.left()),
            required: self
                .core
                .foundation
                .settings
                .policy
                .demands_of(&caller.user),
            enabled_at: factor.map(|factor| factor.enabled_at),
            failed_since_sign_in: lockout.map_or(0, |lockout| lockout.failed_since_sign_in),
        })
    }

    /// Dismisses notices; those that are gone already do not matter.
    ///
    /// # Errors
    /// What a job finds out about the session.
    pub async fn dismiss_notices(&self, proof: &Proof, ids: Vec<NoticeId>) -> Result<(), Error> {
        let client = Client::default();
        let act = self
            .core
            .act_as_self(proof, &client, move |_, write, state| {
                for id in &ids {
                    write.dismiss_notice(state.user.id, *id)?;
                }
                Ok(())
            });
        act.await
    }

    /// Changes the caller's names, or whether the support team may act as them; forbidding it ends
    /// what runs.
    ///
    /// # Errors
    /// What a job finds out about the session.
    pub async fn change_profile(
        &self,
        proof: &Proof,
        change: ProfileChange,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, mut state| {
                let before = state.user.clone();
                change.apply(&mut state.user);
                if state.user == before {
                    return Ok(());
                }
                write.put_user(before.id, &state.user)?;
                let allowed = if state.user.impersonation_allowed {
                    "allowed"
                } else {
                    "forbidden"
                };
                let detail = format!("{}, impersonation {allowed}", state.user.full_name());
                context.log(write, &state, Action::ProfileChanged, &detail)?;
                if !state.user.impersonation_allowed {
                    context.end_impersonations_of(write, &state)?;
                }
                Ok(())
            });
        act.await
    }
}
