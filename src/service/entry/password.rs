//! The first door: e-mail and password open a session, at the stage that the account demands.

use super::{Entry, pause};
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::password::{self, NewPassword, PasswordHash};
use crate::domain::secret::SecretText;
use crate::domain::user::{Email, User};
use crate::service::core::context::Client;
use crate::service::core::error::Error;
use crate::service::sessions::tokens::{Granted, Tokens};
use std::sync::Arc;

/// A password that was right, and its hash at today's cost if the old one cost less.
struct Verified {
    kept: PasswordHash,
    rehashed: Option<PasswordHash>,
}

impl Entry {
    /// Opens a session for a caller who knows the password.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for a wrong password, an unknown and an archived account alike,
    /// in the same time; [`Error::TooManyPasswords`] from an address that sent too many wrong ones;
    /// [`Error::Busy`] when too many sign-ins are being computed; [`Error::SignInsPaused`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: SecretText,
        client: &Client,
    ) -> Result<Tokens, Error> {
        self.admit_sign_in()?;
        let admission = self.admit_password(email, client).await?;
        let signed_in = self.sign_in_admitted(email, password, client).await;
        admission.settle(&signed_in, self.core.now());
        signed_in
    }

    async fn sign_in_admitted(
        &self,
        email: &str,
        password: SecretText,
        client: &Client,
    ) -> Result<Tokens, Error> {
        let user = match Email::parse(email) {
            Some(email) => self.core.store.read(|read| {
                let Some(id) = read.user_id_by_email(&email)? else {
                    return Ok(None);
                };
                // An archived account takes the way of one that does not exist, and its time.
                if read.user(id)?.is_none_or(|user| user.is_archived()) {
                    return Ok(None);
                }
                Ok(read.password(id)?.map(|password| (id, password)))
            })?,
            None => None,
        };
        let verified = match self.verify_password(user.as_ref(), password).await {
            Ok(verified) => verified,
            Err(Error::InvalidCredentials) => {
                let user = user.map(|(id, _)| id);
                self.core.refusals.add(Action::PasswordRefused, user);
                return Err(Error::InvalidCredentials);
            }
            Err(other) => return Err(other),
        };
        let id = user.map_or(UserId(0), |(id, _)| id);
        let opened = self.open_session(id, verified, client).await;
        if let Err(Error::InvalidCredentials) = &opened {
            self.core.refusals.add(Action::PasswordRefused, Some(id));
        }
        opened
    }

    /// Computes the hash, also for an account that does not exist.
    async fn verify_password(
        &self,
        user: Option<&(UserId, PasswordHash)>,
        password: SecretText,
    ) -> Result<Verified, Error> {
        let salt = self.core.random()?;
        let foundation = Arc::clone(&self.core.foundation);
        let kept = user.map_or_else(PasswordHash::of_nobody, |(_, hash)| hash.clone());
        let id = user.map_or(UserId(0), |(id, _)| *id);
        let verdict = self.passwords.run(move |memory| {
            let pepper = &foundation.pepper;
            let right = kept.verify(id, &password, pepper, memory)?;
            let rehashed = if right && kept.is_outdated() {
                NewPassword::make(&password, salt, pepper, memory).map(|hash| hash.bind(id, pepper))
            } else {
                None
            };
            Some((right, Verified { kept, rehashed }))
        });
        match verdict.await? {
            Some((true, verified)) if user.is_some() => Ok(verified),
            Some(_) => Err(Error::InvalidCredentials),
            None => Err(Error::Internal("a password could not be hashed".into())),
        }
    }

    /// Checks the current password of an account; wrong ones count as they do at sign-in.
    pub(in crate::service) async fn check_own_password(
        &self,
        user: &User,
        password: SecretText,
        client: &Client,
    ) -> Result<PasswordHash, Error> {
        let email = user.email.as_str();
        let admission = self.admit_password(email, client).await?;
        let checked = self.check_admitted_password(user, password).await;
        admission.settle(&checked, self.core.now());
        checked
    }

    async fn check_admitted_password(
        &self,
        user: &User,
        password: SecretText,
    ) -> Result<PasswordHash, Error> {
        let hash = self.core.store.read(|read| read.password(user.id))?;
        let found = hash.map(|hash| (user.id, hash));
        match self.verify_password(found.as_ref(), password).await {
            Ok(verified) => Ok(verified.kept),
            Err(Error::InvalidCredentials) => {
                self.core
                    .refusals
                    .add(Action::PasswordRefused, Some(user.id));
                Err(Error::InvalidCredentials)
            }
            Err(other) => Err(other),
        }
    }

    async fn open_session(
        &self,
        id: UserId,
        verified: Verified,
        client: &Client,
    ) -> Result<Tokens, Error> {
        let material = Arc::new(self.core.session_material()?);
        let job_material = Arc::clone(&material);
        let opened = self.core.run(client, move |context, write| {
            pause::require_none(write)?;
            let mut user = write.user(id)?.ok_or(Error::InvalidCredentials)?;
            let unchanged = write.password(id)?.as_ref() == Some(&verified.kept);
            if user.is_archived() || !unchanged {
                Err(Error::InvalidCredentials)?;
            }
            if let Some(rehashed) = &verified.rehashed {
                write.put_password(id, rehashed)?;
            }
            let has_factor = write.factor(id)?.is_some();
            context.begin_grace(write, &mut user, has_factor)?;
            let session = context.open_session(write, &user, has_factor, &job_material)?;
            let accepted = context.event_in(session.id, Action::PasswordAccepted, id);
            context.audit(write, &accepted)?;
            if session.stage_token.is_none() {
                let finished = context.event_in(session.id, Action::SignedIn, id);
                context.audit(write, &finished)?;
            }
            Ok(Granted {
                user,
                session,
                has_factor,
            })
        });
        self.core.tokens_of(&opened.await?, &material)
    }

    /// Judges and hashes a new password. `personal` are the words that it must not be made of. Judging
    /// may take long and has a thread of its own, so that nobody's sign-in waits for it.
    ///
    /// # Errors
    /// [`Error::WeakPassword`], [`Error::Busy`].
    pub(in crate::service) async fn hash_new_password(
        &self,
        password: SecretText,
        personal: Vec<String>,
    ) -> Result<NewPassword, Error> {
        let salt = self.core.random()?;
        let rules = self.core.foundation.settings.password_rules;
        let judged = self.judging.run(move |_| {
            let personal: Vec<&str> = personal.iter().map(String::as_str).collect();
            let weakness = password::judge(rules, &password, &personal).err();
            match weakness {
                Some(weakness) => Err(Error::WeakPassword(weakness.0)),
                None => Ok(password),
            }
        });
        let password = judged.await??;
        let foundation = Arc::clone(&self.core.foundation);
        let done = self.passwords.run(move |memory| {
            NewPassword::make(&password, salt, &foundation.pepper, memory)
                .ok_or_else(|| Error::Internal("a password could not be hashed".into()))
        });
        done.await?
    }
}
