//! The first door: e-mail and password open a session, at the stage that the account demands.

use super::tokens::{Granted, Tokens, opaque_token};
use super::{Client, Error, Foundation, Services, event, in_session, pause};
use crate::domain::audit::Action;
use crate::domain::id::{SessionId, UserId};
use crate::domain::notice::NoticeKind;
use crate::domain::password::PasswordHash;
use crate::domain::secret::{Secret, SecretText, token_hash};
use crate::domain::session::{Session, Stage, StageToken};
use crate::domain::time::Now;
use crate::domain::user::{Email, User};
use crate::store::{StoreError, Write};
use std::sync::Arc;

/// The random values that a new session is made of.
pub(super) struct SessionMaterial {
    id: SessionId,
    secret: Secret<32>,
}

/// A password that was right, and its hash at today's cost if the old one cost less.
struct Verified {
    kept: PasswordHash,
    rehashed: Option<PasswordHash>,
}

impl Services {
    /// Opens a session for whoever knows the password.
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
        self.admit_password(email, client).await?;
        let signed_in = self.sign_in_admitted(email, password, client).await;
        self.settle_password(email, client, &signed_in);
        signed_in
    }

    async fn sign_in_admitted(
        &self,
        email: &str,
        password: SecretText,
        client: &Client,
    ) -> Result<Tokens, Error> {
        let user = match Email::parse(email) {
            Some(email) => self.store.read(|read| {
                let Some(id) = read.user_id_by_email(&email)? else {
                    return Ok(None);
                };
                Ok(read.password(id)?.map(|password| (id, password)))
            })?,
            None => None,
        };
        let verified = match self.verify_password(user.as_ref(), password).await {
            Ok(verified) => verified,
            Err(Error::InvalidCredentials) => {
                self.refused_passwords.add(user.map(|(id, _)| id));
                return Err(Error::InvalidCredentials);
            }
            Err(other) => return Err(other),
        };
        let id = user.map_or(UserId(0), |(id, _)| id);
        let opened = self.open_session(id, verified, client).await;
        if let Err(Error::InvalidCredentials) = &opened {
            self.refused_passwords.add(Some(id));
        }
        opened
    }

    /// What stands before a password is looked at: from beyond loopback a limit of the address, on
    /// loopback, where everybody has the same, a delay of the e-mail's text.
    async fn admit_password(&self, email: &str, client: &Client) -> Result<(), Error> {
        let now = self.now();
        match client.remote() {
            Some(address) => self.address_limits.take(address, now),
            None => {
                tokio::time::sleep(self.throttle.delay(email, now)).await;
                Ok(())
            }
        }
    }

    /// Counts what became of a password that was admitted.
    fn settle_password<T>(&self, email: &str, client: &Client, outcome: &Result<T, Error>) {
        match (outcome, client.remote()) {
            (Err(Error::InvalidCredentials), Some(_)) => {}
            (Err(Error::InvalidCredentials), None) => self.throttle.fail(email, self.now()),
            (_, Some(address)) => self.address_limits.give_back(address),
            (Ok(_), None) => self.throttle.succeed(email),
            (Err(_), None) => {}
        }
    }

    /// Computes the hash, for an account that does not exist too.
    async fn verify_password(
        &self,
        user: Option<&(UserId, PasswordHash)>,
        password: SecretText,
    ) -> Result<Verified, Error> {
        let salt = self.random()?;
        let foundation = Arc::clone(&self.foundation);
        let kept = user.map_or_else(PasswordHash::of_nobody, |(_, hash)| hash.clone());
        let verdict = self.passwords.run(move |memory| {
            let pepper = &foundation.pepper;
            let right = kept.verify(&password, pepper, memory)?;
            let rehashed = if right && kept.is_outdated() {
                PasswordHash::make(&password, salt, pepper, memory)
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
    pub(super) async fn check_own_password(
        &self,
        user: &User,
        password: SecretText,
        client: &Client,
    ) -> Result<PasswordHash, Error> {
        let email = user.email.as_str();
        self.admit_password(email, client).await?;
        let checked = self.check_admitted_password(user, password).await;
        self.settle_password(email, client, &checked);
        checked
    }

    async fn check_admitted_password(
        &self,
        user: &User,
        password: SecretText,
    ) -> Result<PasswordHash, Error> {
        let hash = self.store.read(|read| read.password(user.id))?;
        let found = hash.map(|hash| (user.id, hash));
        match self.verify_password(found.as_ref(), password).await {
            Ok(verified) => Ok(verified.kept),
            Err(Error::InvalidCredentials) => {
                self.refused_passwords.add(Some(user.id));
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
        let now = self.now();
        let material = Arc::new(self.session_material()?);
        let foundation = Arc::clone(&self.foundation);
        let (client, job_material) = (client.clone(), Arc::clone(&material));
        let job = move |write: &mut Write<'_>| {
            if pause::is_on(write)? {
                return Ok(Err(Error::SignInsPaused));
            }
            let Some(mut user) = write.user(id)? else {
                return Ok(Err(Error::InvalidCredentials));
            };
            let unchanged = write.password(id)?.as_ref() == Some(&verified.kept);
            if user.is_archived() || !unchanged {
                return Ok(Err(Error::InvalidCredentials));
            }
            if let Some(rehashed) = &verified.rehashed {
                write.put_password(id, rehashed)?;
            }
            let has_factor = write.factor(id)?.is_some();
            foundation.begin_grace(write, &mut user, has_factor, now)?;
            let session = foundation.new_session(&user, has_factor, &job_material, &client, now);
            write.add_session(&session)?;
            let accepted = event(Action::PasswordAccepted, id, &client, now);
            foundation.audit(write, &in_session(accepted, session.id))?;
            if session.stage_token.is_none() {
                let finished = event(Action::SignedIn, id, &client, now);
                foundation.audit(write, &in_session(finished, session.id))?;
            }
            Ok(Ok(Granted {
                user,
                session,
                has_factor,
            }))
        };
        let granted = self.decide(job).await?;
        self.tokens_of(&granted, &material)
    }

    /// Draws what a new session needs.
    pub(super) fn session_material(&self) -> Result<SessionMaterial, Error> {
        Ok(SessionMaterial {
            id: SessionId(self.random()?),
            secret: self.random_secret()?,
        })
    }

    /// The tokens of a session that was just opened.
    pub(super) fn tokens_of(
        &self,
        granted: &Granted,
        material: &SessionMaterial,
    ) -> Result<Tokens, Error> {
        match granted.session.stage_token {
            None => self.full_tokens(granted),
            Some(kept) => Ok(Tokens {
                access: opaque_token(granted.session.id, &material.secret),
                refresh: String::new(),
                is_two_factor_enable: granted.has_factor,
                stage: kept.stage,
            }),
        }
    }
}

impl SessionMaterial {
    /// The text of the opaque token for a session that exists already.
    pub(super) fn token_for(&self, session: SessionId) -> String {
        opaque_token(session, &self.secret)
    }

    /// What a session keeps of the token.
    pub(super) fn stage_token(&self, stage: Stage) -> StageToken {
        StageToken {
            stage,
            hash: token_hash(self.secret.expose()),
        }
    }
}

impl Foundation {
    /// Notes the day on which the policy first demanded a factor of a person, if it is today.
    pub(super) fn begin_grace(
        &self,
        write: &mut Write<'_>,
        user: &mut User,
        has_factor: bool,
        now: Now,
    ) -> Result<(), StoreError> {
        let policy = self.settings.policy;
        if has_factor || user.factor_demanded_at.is_some() || !policy.forbids_disabling(user) {
            return Ok(());
        }
        user.factor_demanded_at = Some(now.unix_seconds);
        write.put_user(user.id, user)?;
        match policy.grace_until(user, now) {
            Some(until) => {
                let notice = NoticeKind::SecondFactorDue { until };
                write.notify(user.id, notice, now.unix_seconds)
            }
            None => Ok(()),
        }
    }

    /// A session of somebody whose password was right now.
    pub(super) fn new_session(
        &self,
        user: &User,
        has_factor: bool,
        material: &SessionMaterial,
        client: &Client,
        now: Now,
    ) -> Session {
        let mut session = Session {
            id: material.id,
            user: user.id,
            password_at: now.stamp(),
            code_at: None,
            stage_token: None,
            refresh: None,
            last_used: now.stamp(),
            device: client.device.clone(),
            address: client.address.clone(),
            impersonation: None,
        };
        match session.standing(user, has_factor, self.settings.policy, now) {
            Stage::Full => session.rotate(now),
            stage => session.stage_token = Some(material.stage_token(stage)),
        }
        session
    }
}
