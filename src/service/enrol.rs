//! A person's own second factor: show a seed, confirm it, switch it off, renew the recovery codes.

use super::codes::Circumstances;
use super::identify::{Current, Proof};
use super::tokens::{Granted, Tokens};
use super::{Client, CodeProblem, Error, Foundation, Services, pause, qr};
use crate::domain::audit::Action;
use crate::domain::enrolment::{
    Confirm, Factor, Generate, GenerateOptions, PendingFactor, confirm, decide_generate,
};
use crate::domain::notice::NoticeKind;
use crate::domain::recovery::{ENTROPY_BYTES, RecoveryCodes};
use crate::domain::secret::{Secret, SecretText};
use crate::domain::totp::{self, Code, Generator, Parameters, Seed};
use crate::store::{StoreError, Write};
use std::sync::Arc;

/// A seed as its owner gets it.
pub struct Enrolment {
    /// The QR picture as a data URL.
    pub qr_code: String,
    /// The link that the picture holds.
    pub link: String,
}

/// What switching on yields, once.
pub struct Enabled {
    /// The calling session's new tokens.
    pub tokens: Tokens,
    /// The new recovery codes.
    pub recovery_codes: Vec<SecretText>,
}

impl Services {
    /// Shows the session's pending seed, or a new one.
    ///
    /// # Errors
    /// [`Error::QrCodeAlreadyGenerated`], [`Error::FreshSignInRequired`],
    /// [`Error::FreshCodeRequired`].
    pub async fn generate_qr(
        &self,
        proof: &Proof,
        options: GenerateOptions,
        client: &Client,
    ) -> Result<Enrolment, Error> {
        let now = self.now();
        let new_seed: Seed = self.random_secret()?;
        let nonce = self.random()?;
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (proof.clone(), client.clone());
        let job = move |write: &mut Write<'_>| {
            let current = match foundation.recheck(write, &proof, now)? {
                Ok(current) => current,
                Err(error) => return Ok(Err(error)),
            };
            let user = current.user.id;
            let is_on = current.factor.is_some();
            let pending = write.pending_factor(current.session.id)?;
            match decide_generate(&current.session, is_on, pending.as_ref(), options, now) {
                Generate::AlreadyOn => return Ok(Err(Error::QrCodeAlreadyGenerated)),
                Generate::FreshSignInRequired => return Ok(Err(Error::FreshSignInRequired)),
                Generate::FreshCodeRequired => return Ok(Err(Error::FreshCodeRequired)),
                Generate::Repeat => {
                    if let Some(pending) = pending {
                        let seed = foundation.open_pending(user.0, &pending)?;
                        return Ok(Ok((seed, pending.parameters, current.user.email)));
                    }
                }
                Generate::Make => {}
            }
            let generation = write.next_generation(user)?;
            let parameters = foundation.settings.parameters;
            let pending = PendingFactor {
                generation,
                seed: foundation.seal_seed(user.0, generation, &new_seed, nonce)?,
                parameters,
                generated: now.stamp(),
                replaces: is_on,
            };
            write.put_pending_factor(current.session.id, &pending)?;
            let here = foundation.circumstances(&client, now);
            here.log(write, &current, Action::EnrolmentStarted, "")?;
            Ok(Ok((new_seed.clone(), parameters, current.user.email)))
        };
        let (seed, parameters, email) = self.decide(job).await?;
        self.picture(email.as_str(), &seed, parameters).await
    }

    async fn picture(
        &self,
        email: &str,
        seed: &Seed,
        parameters: Parameters,
    ) -> Result<Enrolment, Error> {
        let link = totp::link(&self.settings().issuer, email, seed, parameters);
        let text = link.clone();
        let drawn = tokio::task::spawn_blocking(move || qr::data_url(&text)).await;
        let qr_code = drawn.map_err(|error| Error::Internal(error.to_string()))??;
        Ok(Enrolment { qr_code, link })
    }

    /// Confirms the session's pending seed with its first code; the user's other sessions end.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotPending`], [`Error::InvalidCode`], [`Error::SignInsPaused`] where the code
    /// would finish a sign-in.
    pub async fn enable(
        &self,
        proof: &Proof,
        code: SecretText,
        client: &Client,
    ) -> Result<Enabled, Error> {
        let now = self.now();
        let entropy: Secret<ENTROPY_BYTES> = self.random_secret()?;
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (proof.clone(), client.clone());
        let job = move |write: &mut Write<'_>| {
            let mut current = match foundation.recheck(write, &proof, now)? {
                Ok(current) => current,
                Err(error) => return Ok(Err(error)),
            };
            if current.session.stage_token.is_some() && pause::is_on(write)? {
                return Ok(Err(Error::SignInsPaused));
            }
            let replaces = current.factor.is_some();
            let pending = write.pending_factor(current.session.id)?;
            let alive =
                |pending: &PendingFactor| pending.is_alive(now) && pending.replaces == replaces;
            let Some(pending) = pending.filter(alive) else {
                return Ok(Err(Error::TwoFactorNotPending));
            };
            let step = match foundation.confirm(&current, &pending, &code, now)? {
                Ok(step) => step,
                Err(error) => return Ok(Err(error)),
            };
            let factor = Factor {
                generation: pending.generation,
                seed: pending.seed,
                parameters: pending.parameters,
                last_step: step,
                enabled_at: now.unix_seconds,
            };
            let user = current.user.id;
            write.put_factor(user, &factor)?;
            write.delete_pending_factor(current.session.id)?;
            let texts = foundation.renew_codes(write, user.0, &entropy)?;
            current.user.must_enrol = false;
            write.put_user(user, &current.user)?;
            current.session.lift(now);
            write.put_session(current.session.id, &current.session)?;
            let ended = foundation.end_others(write, &current.session, now)?;
            let here = foundation.circumstances(&client, now);
            let detail = format!("{ended} other sessions ended");
            if replaces {
                here.log(write, &current, Action::FactorReplaced, &detail)?;
                write.notify(user, NoticeKind::SecondFactorReplaced, now.unix_seconds)?;
            } else {
                here.log(write, &current, Action::FactorEnabled, &detail)?;
            }
            let granted = Granted {
                user: current.user,
                session: current.session,
                has_factor: true,
            };
            Ok(Ok((granted, texts)))
        };
        let (granted, recovery_codes) = self.decide(job).await?;
        Ok(Enabled {
            tokens: self.full_tokens(&granted)?,
            recovery_codes,
        })
    }

    /// Switches the caller's second factor off; seed and recovery codes are gone, and the user's
    /// other sessions end.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotEnabled`], [`Error::TwoFactorRequired`], [`Error::FreshCodeRequired`],
    /// and what a code that was sent can fail with.
    pub async fn disable(
        &self,
        proof: &Proof,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<(), Error> {
        let forbids = |foundation: &Foundation, current: &Current| {
            foundation.settings.policy.forbids_disabling(&current.user)
        };
        let act = |here: &Circumstances<'_>, write: &mut Write<'_>, current: &Current| {
            let user = current.user.id;
            write.delete_factor(user)?;
            write.delete_recovery_codes(user)?;
            write.delete_pending_factor(current.session.id)?;
            let ended = here
                .foundation
                .end_others(write, &current.session, here.now)?;
            here.foundation.sweep_impersonations(write, here.now)?;
            Ok((
                Action::FactorDisabled,
                format!("{ended} other sessions ended"),
                (),
            ))
        };
        self.with_fresh_code(proof, code, client, forbids, act)
            .await
    }

    /// Makes new recovery codes; the old ones are void.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotEnabled`], [`Error::FreshCodeRequired`], and what a code that was sent
    /// can fail with.
    pub async fn renew_recovery_codes(
        &self,
        proof: &Proof,
        code: Option<SecretText>,
        client: &Client,
    ) -> Result<Vec<SecretText>, Error> {
        let entropy: Secret<ENTROPY_BYTES> = self.random_secret()?;
        let act = move |here: &Circumstances<'_>, write: &mut Write<'_>, current: &Current| {
            let texts = here
                .foundation
                .renew_codes(write, current.user.id.0, &entropy)?;
            Ok((Action::RecoveryCodesRenewed, String::new(), texts))
        };
        self.with_fresh_code(proof, code, client, |_, _| false, act)
            .await
    }

    /// Runs an act on the caller's own active factor that needs a fresh code.
    async fn with_fresh_code<T, A>(
        &self,
        proof: &Proof,
        code: Option<SecretText>,
        client: &Client,
        forbids: impl Fn(&Foundation, &Current) -> bool + Send + 'static,
        act: A,
    ) -> Result<T, Error>
    where
        A: Fn(
                &Circumstances<'_>,
                &mut Write<'_>,
                &Current,
            ) -> Result<(Action, String, T), StoreError>
            + Send
            + 'static,
        T: Send + 'static,
    {
        let now = self.now();
        let foundation = Arc::clone(&self.foundation);
        let (proof, client) = (proof.clone(), client.clone());
        let job = move |write: &mut Write<'_>| {
            let mut current = match foundation.recheck(write, &proof, now)? {
                Ok(current) => current,
                Err(error) => return Ok(Err(error)),
            };
            if current.factor.is_none() {
                return Ok(Err(Error::TwoFactorNotEnabled));
            }
            if forbids(&foundation, &current) {
                return Ok(Err(Error::TwoFactorRequired));
            }
            let here = foundation.circumstances(&client, now);
            if let Err(error) = here.require_fresh(write, &mut current, code.as_ref())? {
                return Ok(Err(error));
            }
            write.put_session(current.session.id, &current.session)?;
            let (action, detail, answer) = act(&here, write, &current)?;
            here.log(write, &current, action, &detail)?;
            Ok(Ok(answer))
        };
        self.decide(job).await
    }
}

impl Foundation {
    /// The step whose code confirms a pending seed. A wrong code is not counted here: whoever
    /// enrols has seen the seed.
    fn confirm(
        &self,
        current: &Current,
        pending: &PendingFactor,
        code: &SecretText,
        now: crate::domain::time::Now,
    ) -> super::error::Decision<u64> {
        let seed = self.open_pending(current.user.id.0, pending)?;
        let generator = Generator::new(&seed, pending.parameters);
        let Some(code) = Code::parse(code.expose(), pending.parameters.digits) else {
            return Ok(Err(Error::InvalidCode(CodeProblem::Wrong)));
        };
        Ok(
            match confirm(&generator, &code, self.settings.window, now) {
                Confirm::Confirmed { step } => Ok(step),
                Confirm::Wrong { drift } => Err(Error::InvalidCode(CodeProblem::of(
                    drift,
                    pending.parameters.period_seconds,
                ))),
            },
        )
    }

    /// Makes a person's recovery codes anew.
    fn renew_codes(
        &self,
        write: &mut Write<'_>,
        user: u64,
        entropy: &Secret<ENTROPY_BYTES>,
    ) -> Result<Vec<SecretText>, StoreError> {
        let (kept, texts) = RecoveryCodes::make(entropy, &self.keys.recovery, user);
        write.put_recovery_codes(crate::domain::id::UserId(user), &kept)?;
        Ok(texts)
    }
}
