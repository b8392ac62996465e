//! Who is calling: from a bearer token to a session, its owner and the stage that they have now.

use super::context::Foundation;
use super::error::{Decision, Error};
use super::jobs::Core;
use crate::domain::enrolment::Factor;
use crate::domain::id::{SessionId, UserId};
use crate::domain::opaque_token::SessionToken;
use crate::domain::secret::Secret;
use crate::domain::session::{Session, Stage};
use crate::domain::session_stage::{Impersonator, OwnerFacts, ShownToken};
use crate::domain::time::Now;
use crate::domain::user::User;
use crate::domain::{claims, jwt};
use crate::store::{StoreError, Write};

/// What a caller showed, kept to be looked at once more inside the transaction.
#[derive(Clone)]
enum Credential {
    Opaque(Secret<{ SessionToken::SECRET_BYTES }>),
    Access,
}

impl Credential {
    fn shown(&self) -> ShownToken<'_> {
        match self {
            Self::Opaque(secret) => ShownToken::Opaque(secret.expose()),
            Self::Access => ShownToken::Access,
        }
    }
}

/// Proof that a session was at a stage a moment ago; a job checks it again before it writes.
/// It is made by [`Core::identify`] alone.
#[derive(Clone)]
pub struct Proof {
    session: SessionId,
    pub(super) user: UserId,
    credential: Credential,
    stage: Stage,
    settled_password: bool,
    /// Whose acts are counted, if they are.
    pub(super) counted: Option<UserId>,
}

impl Proof {
    /// The owner of the session.
    pub(in crate::service) fn user(&self) -> UserId {
        self.user
    }

    /// This proof, for an act that has limits of its own or must always be possible.
    pub fn uncounted(&self) -> Self {
        Self {
            counted: None,
            ..self.clone()
        }
    }

    /// This proof, for an act that is refused while the password must change.
    pub fn with_settled_password(self) -> Self {
        Self {
            settled_password: true,
            ..self
        }
    }
}

/// A caller whose token was good a moment ago.
#[derive(Clone)]
pub struct Caller {
    /// The session.
    pub session: Session,
    /// Its owner.
    pub user: User,
    /// Whether the owner's second factor is on.
    pub has_factor: bool,
    /// Who acts in the owner's place, if somebody does.
    pub impersonator: Option<Impersonator>,
    /// How far the session has come.
    pub stage: Stage,
    /// What a job needs to check again.
    pub proof: Proof,
}

/// A caller's session, its owner and their factor, as the transaction sees them.
pub struct SessionState {
    /// The session.
    pub session: Session,
    /// Its owner.
    pub user: User,
    /// The owner's factor, while it is on.
    pub factor: Option<Factor>,
}

impl Core {
    /// The caller that a bearer token stands for.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for a token that is bad, expired, revoked or not for this use.
    pub fn identify(&self, token: &str) -> Result<Caller, Error> {
        let now = self.now();
        let (id, owner, credential) = self.read_token(token, now).ok_or(Error::Unauthorized)?;
        let found = self.store.read(|read| {
            let Some(session) = read.session(id)? else {
                return Ok(None);
            };
            let Some(user) = read.user(session.user)? else {
                return Ok(None);
            };
            let has_factor = read.factor(session.user)?.is_some();
            let by = read.impersonator(&session)?;
            Ok(Some((session, user, has_factor, by)))
        })?;
        let (session, user, has_factor, impersonator) = found.ok_or(Error::Unauthorized)?;
        if owner.is_some_and(|owner| owner != user.id) {
            return Err(Error::Unauthorized);
        }
        let facts = self
            .foundation
            .facts(&user, has_factor, impersonator.as_ref());
        let stage = session
            .stage(credential.shown(), facts, now)
            .ok_or(Error::Unauthorized)?;
        let proof = Proof {
            session: id,
            user: user.id,
            credential,
            stage,
            settled_password: false,
            counted: (!user.roles.is_admin()).then_some(user.id),
        };
        Ok(Caller {
            session,
            user,
            has_factor,
            impersonator,
            stage,
            proof,
        })
    }

    /// The session that a token names, the owner that it names if it does, and the token as proof.
    fn read_token(&self, token: &str, now: Now) -> Option<(SessionId, Option<UserId>, Credential)> {
        if !token.contains('.') {
            let token = SessionToken::parse(token)?;
            return Some((token.session, None, Credential::Opaque(token.secret)));
        }
        let settings = &self.foundation.settings;
        let keys = &self.foundation.signing_keys;
        let claims = jwt::verify(token, keys, &settings.base_url)?;
        let issuer = claims::Issuer {
            base_url: &settings.base_url,
            access_seconds: settings.lifetimes.access_seconds,
        };
        let (owner, session) = claims.judge(issuer, now)?;
        Some((session, Some(owner), Credential::Access))
    }
}

impl Foundation {
    /// What decides about a session of this person.
    pub fn facts<'a>(
        &self,
        user: &'a User,
        has_factor: bool,
        impersonator: Option<&'a Impersonator>,
    ) -> OwnerFacts<'a> {
        OwnerFacts {
            user,
            has_factor,
            policy: self.settings.policy,
            lifetimes: self.settings.lifetimes,
            impersonator,
        }
    }

    /// Looks at a caller once more, inside the transaction that acts for them.
    pub fn recheck(&self, write: &Write<'_>, proof: &Proof, now: Now) -> Decision<SessionState> {
        let session = write.session(proof.session)?.ok_or(Error::Unauthorized)?;
        let Some(user) = write.user(session.user)? else {
            return Err(StoreError::Damaged("a session has no owner".into()).into());
        };
        let factor = write.factor(session.user)?;
        let by = write.impersonator(&session)?;
        let facts = self.facts(&user, factor.is_some(), by.as_ref());
        let stage = session.stage(proof.credential.shown(), facts, now);
        let must_change = proof.settled_password && user.must_change_password;
        match stage {
            Some(Stage::Full) if must_change => Err(Error::PasswordChangeRequired)?,
            Some(stage) if stage >= proof.stage => Ok(SessionState {
                session,
                user,
                factor,
            }),
            Some(Stage::Pending) => Err(Error::SecondFactorRequired)?,
            Some(Stage::Enrolment) => Err(Error::EnrolmentRequired)?,
            Some(Stage::Full | Stage::Impersonation) | None => Err(Error::Unauthorized)?,
        }
    }
}
