//! What a person sees of their own account, and the change of their password.

use super::error::granted;
use super::identify::{Caller, Proof};
use super::tokens::{Granted, Tokens};
use super::users::{parse_first_name, parse_last_name};
use super::{Client, Error, Services};
use crate::domain::audit::Action;
use crate::domain::id::NoticeId;
use crate::domain::impersonation::Past;
use crate::domain::notice::Notice;
use crate::domain::password::{self, PasswordHash};
use crate::domain::secret::SecretText;
use crate::domain::session::Stage;
use crate::domain::team::{Membership, Team};
use crate::store::Write;
use std::sync::Arc;

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
}

impl Services {
    /// What belongs to the caller's account.
    ///
    /// # Errors
    /// If the store fails.
    pub fn profile(&self, caller: &Caller) -> Result<Profile, Error> {
        let user = caller.user.id;
        Ok(self.store.read(|read| {
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
        let (user, session, now) = (caller.user.id, caller.session.id, self.now());
        let (factor, pending, codes, lockout) = self.store.read(|read| {
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
            required: self.settings().policy.demands_of(&caller.user),
            enabled_at: factor.map(|factor| factor.enabled_at),
            failed_since_sign_in: lockout.map_or(0, |lockout| lockout.failed_since_sign_in),
        })
    }

    /// Dismisses notices; those that are gone already do not matter.
    ///
    /// # Errors
    /// What a job finds out about the session.
    pub async fn dismiss_notices(&self, proof: &Proof, ids: Vec<NoticeId>) -> Result<(), Error> {
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let proof = proof.clone();
        let job = move |write: &mut Write<'_>| {
            let current = match foundation.recheck(write, &proof, now)? {
                Ok(current) => current,
                Err(error) => return Ok(Err(error)),
            };
            for id in &ids {
                write.dismiss_notice(current.user.id, *id)?;
            }
            Ok(Ok(()))
        };
        self.decide(job).await
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
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (proof.clone(), client.clone());
        let job = move |write: &mut Write<'_>| {
            let mut current = granted!(foundation.recheck(write, &proof, now));
            let here = foundation.circumstances(&client, now);
            let before = current.user.clone();
            if let Some(first) = &change.first_name {
                current.user.first_name.clone_from(first);
            }
            if let Some(last) = &change.last_name {
                current.user.last_name.clone_from(last);
            }
            if let Some(allowed) = change.impersonation_allowed {
                current.user.impersonation_allowed = allowed;
            }
            if current.user == before {
                return Ok(Ok(()));
            }
            write.put_user(before.id, &current.user)?;
            let detail = format!(
                "{}, impersonation {}",
                current.user.full_name(),
                if current.user.impersonation_allowed {
                    "allowed"
                } else {
                    "forbidden"
                }
            );
            here.log(write, &current, Action::ProfileChanged, &detail)?;
            if !current.user.impersonation_allowed {
                foundation.end_impersonations_of(write, &current, now)?;
            }
            Ok(Ok(()))
        };
        self.decide(job).await
    }

    /// Changes the caller's password; the user's other sessions end, and this one's tokens change.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for a wrong current one, [`Error::WeakPassword`],
    /// [`Error::FreshCodeRequired`], and what a code that was sent can fail with.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: SecretText,
        new: SecretText,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Tokens, Error> {
        let stale = caller.has_factor && !caller.session.has_fresh_code(self.now());
        if stale && code.is_none() {
            return Err(Error::FreshCodeRequired);
        }
        let checked = self.check_own_password(&caller.user, current, client);
        let kept = checked.await?;
        let personal = caller.user.personal_words();
        let hash = self.hash_new_password(new, personal).await?;
        let now = self.now();
        let material = Arc::new(self.session_material()?);
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (caller.proof.clone(), client.clone());
        let job_material = Arc::clone(&material);
        let job = move |write: &mut Write<'_>| {
            let mut current = match foundation.recheck(write, &proof, now)? {
                Ok(current) => current,
                Err(error) => return Ok(Err(error)),
            };
            let user = current.user.id;
            if write.password(user)?.as_ref() != Some(&kept) {
                return Ok(Err(Error::InvalidCredentials));
            }
            let here = foundation.circumstances(&client, now);
            if current.factor.is_some()
                && let Err(error) = here.require_fresh(write, &mut current, code.as_ref())?
            {
                return Ok(Err(error));
            }
            write.put_password(user, &hash)?;
            write.delete_password_link(user)?;
            current.user.must_change_password = false;
            write.put_user(user, &current.user)?;
            current.session.password_at = now.stamp();
            match current.session.stage_token {
                Some(token) => {
                    current.session.stage_token = Some(job_material.stage_token(token.stage));
                }
                None => current.session.rotate(now),
            }
            write.put_session(current.session.id, &current.session)?;
            let ended = foundation.end_others(write, &current.session, now)?;
            let detail = format!("{ended} other sessions ended");
            here.log(write, &current, Action::PasswordChanged, &detail)?;
            Ok(Ok(Granted {
                has_factor: current.factor.is_some(),
                user: current.user,
                session: current.session,
            }))
        };
        let granted = self.decide(job).await?;
        match granted.session.stage_token {
            None => self.full_tokens(&granted),
            Some(kept) => Ok(Tokens {
                access: material.token_for(granted.session.id),
                refresh: String::new(),
                is_two_factor_enable: granted.has_factor,
                stage: kept.stage.min(Stage::Enrolment),
            }),
        }
    }

    /// Judges and hashes a new password.
    pub(super) async fn hash_new_password(
        &self,
        password: SecretText,
        personal: Vec<String>,
    ) -> Result<PasswordHash, Error> {
        let salt = self.random()?;
        let foundation = Arc::clone(&self.foundation);
        let done = self.passwords.run(move |memory| {
            let personal: Vec<&str> = personal.iter().map(String::as_str).collect();
            let rules = foundation.settings.password_rules;
            password::judge(rules, &password, &personal)
                .map_err(|weakness| Error::WeakPassword(weakness.0))?;
            PasswordHash::make(&password, salt, &foundation.pepper, memory)
                .ok_or_else(|| Error::Internal("a password could not be hashed".into()))
        });
        done.await?
    }
}
