//! Setting the second factor up: show a seed, and confirm it with its first code.

use super::Account;
use crate::domain::audit::Action;
use crate::domain::enrolment::{
    Confirm, Factor, Generate, GenerateOptions, PendingFactor, confirm, decide_generate,
};
use crate::domain::id::UserId;
use crate::domain::notice::NoticeKind;
use crate::domain::recovery::{ENTROPY_BYTES, RecoveryCodes};
use crate::domain::secret::{Secret, SecretText};
use crate::domain::totp::{self, Code, Generator, Parameters, Seed};
use crate::service::core::context::{Client, Context};
use crate::service::core::error::{CodeProblem, Decision, Error, Stop};
use crate::service::core::identify::{Proof, SessionState};
use crate::service::core::qr;
use crate::service::entry::pause;
use crate::service::sessions::tokens::{Granted, Tokens};
use crate::store::{StoreError, Write};

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

impl Account {
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
        let new_seed: Seed = self.core.random_secret()?;
        let nonce = self.core.random()?;
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, state| {
                let user = state.user.id;
                let is_on = state.factor.is_some();
                let pending = write.pending_factor(state.session.id)?;
                let now = context.now;
                match decide_generate(&state.session, is_on, pending.as_ref(), options, now) {
                    Generate::AlreadyOn => Err(Error::QrCodeAlreadyGenerated)?,
                    Generate::FreshSignInRequired => Err(Error::FreshSignInRequired)?,
                    Generate::FreshCodeRequired => Err(Error::FreshCodeRequired)?,
                    Generate::Repeat => {
                        if let Some(pending) = pending {
                            let seed = context.foundation.open_pending(user.0, &pending)?;
                            return Ok((seed, pending.parameters, state.user.email));
                        }
                    }
                    Generate::Make => {}
                }
                let generation = write.next_generation(user)?;
                let foundation = context.foundation;
                let parameters = foundation.settings.parameters;
                let pending = PendingFactor {
                    generation,
                    seed: foundation.seal_seed(user.0, generation, &new_seed, nonce)?,
                    parameters,
                    generated: now.stamp(),
                    replaces: is_on,
                };
                write.put_pending_factor(state.session.id, &pending)?;
                context.log(write, &state, Action::EnrolmentStarted, "")?;
                Ok((new_seed.clone(), parameters, state.user.email))
            });
        let (seed, parameters, email) = act.await?;
        self.picture(email.as_str(), &seed, parameters).await
    }

    async fn picture(
        &self,
        email: &str,
        seed: &Seed,
        parameters: Parameters,
    ) -> Result<Enrolment, Error> {
        let link = totp::link(
            &self.core.foundation.settings.issuer,
            email,
            seed,
            parameters,
        );
        let qr_code = qr::picture(link.clone()).await?;
        Ok(Enrolment { qr_code, link })
    }

    /// Confirms the session's pending seed with its first code; the user's other sessions end. Where it
    /// replaces a factor, `current_code` is a code or a recovery code of that one, and is used up.
    ///
    /// # Errors
    /// [`Error::TwoFactorNotPending`], [`Error::InvalidCode`], [`Error::InvalidCurrentCode`],
    /// [`Error::SignInsPaused`] where the code
    /// would finish a sign-in; [`Error::FreshCodeRequired`] without the code of a factor that is
    /// replaced, and what that code can fail with.
    pub async fn enable(
        &self,
        proof: &Proof,
        code: SecretText,
        current_code: Option<SecretText>,
        client: &Client,
    ) -> Result<Enabled, Error> {
        let entropy: Secret<ENTROPY_BYTES> = self.core.random_secret()?;
        let act = self
            .core
            .act_as_self(proof, client, move |context, write, mut state| {
                if state.session.stage_token.is_some() {
                    pause::require_none(write)?;
                }
                let replaces = state.factor.is_some();
                let factor = confirmed(context, write, &state, &code)?;
                if replaces {
                    // A token alone, stolen right after its owner's code, must not swap the phone.
                    let current = current_code.as_ref().ok_or(Error::FreshCodeRequired)?;
                    let checked = context.check_code(write, &mut state, current, true);
                    checked.map_err(of_current_code)?;
                }
                let user = state.user.id;
                write.put_factor(user, &factor)?;
                write.delete_pending_factor(state.session.id)?;
                let texts = context.renew_codes(write, user, &entropy)?;
                state.user.must_enrol = false;
                write.put_user(user, &state.user)?;
                state.session.lift(context.now);
                write.put_session(state.session.id, &state.session)?;
                let ended = context.end_others(write, &state.session)?;
                let detail = format!("{ended} other sessions ended");
                if replaces {
                    context.log(write, &state, Action::FactorReplaced, &detail)?;
                    let notice = NoticeKind::SecondFactorReplaced;
                    write.notify(user, notice, context.now.unix_seconds)?;
                } else {
                    context.log(write, &state, Action::FactorEnabled, &detail)?;
                }
                let granted = Granted {
                    user: state.user,
                    session: state.session,
                    has_factor: true,
                };
                Ok((granted, texts))
            });
        let (granted, recovery_codes) = act.await?;
        Ok(Enabled {
            tokens: self.core.full_tokens(&granted)?,
            recovery_codes,
        })
    }
}

/// Tells which of the two codes was not accepted.
fn of_current_code(stop: Stop) -> Stop {
    match stop {
        Stop::Recorded(Error::InvalidCode(problem)) => {
            Stop::Recorded(Error::InvalidCurrentCode(problem))
        }
        other => other,
    }
}

/// The factor that the session's pending seed becomes, if the code is its. A wrong code is not counted
/// here: the caller has seen the seed.
fn confirmed(
    context: Context<'_>,
    write: &Write<'_>,
    state: &SessionState,
    code: &SecretText,
) -> Decision<Factor> {
    let replaces = state.factor.is_some();
    let pending = write
        .pending_factor(state.session.id)?
        .filter(|pending| pending.is_alive(context.now) && pending.replaces == replaces)
        .ok_or(Error::TwoFactorNotPending)?;
    let seed = context.foundation.open_pending(state.user.id.0, &pending)?;
    let generator = Generator::new(&seed, pending.parameters);
    let wrong = Error::InvalidCode(CodeProblem::Wrong);
    let code = Code::parse(code.expose(), pending.parameters.digits).ok_or(wrong)?;
    let window = context.foundation.settings.window;
    let last_step = match confirm(&generator, &code, window, context.now) {
        Confirm::Confirmed { step } => step,
        Confirm::Wrong { drift } => {
            let period = pending.parameters.period_seconds;
            Err(Error::InvalidCode(CodeProblem::of(drift, period)))?
        }
    };
    Ok(Factor {
        generation: pending.generation,
        seed: pending.seed,
        parameters: pending.parameters,
        last_step,
        enabled_at: context.now.unix_seconds,
    })
}

impl Context<'_> {
    /// Makes a person's recovery codes anew.
    pub(super) fn renew_codes(
        &self,
        write: &mut Write<'_>,
        user: UserId,
        entropy: &Secret<ENTROPY_BYTES>,
    ) -> Result<Vec<SecretText>, StoreError> {
        let key = &self.foundation.keys.recovery;
        let (kept, texts) = RecoveryCodes::make(entropy, key, user.0);
        write.put_recovery_codes(user, &kept)?;
        Ok(texts)
    }
}
