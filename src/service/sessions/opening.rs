//! How a session begins: its random values, its stage, and the day on which a factor is first demanded.

use super::tokens::{Granted, Tokens};
use crate::domain::id::SessionId;
use crate::domain::notice::NoticeKind;
use crate::domain::opaque_token::SessionToken;
use crate::domain::secret::Secret;
use crate::domain::session::{Session, Stage, StageToken};
use crate::domain::user::User;
use crate::service::core::context::Context;
use crate::service::core::error::Error;
use crate::service::core::jobs::Core;
use crate::store::{StoreError, Write};

/// The random values that a new session is made of.
pub struct SessionMaterial {
    id: SessionId,
    secret: Secret<32>,
}

impl SessionMaterial {
    /// The opaque token for a session, which may be another that exists already.
    fn token_for(&self, session: SessionId) -> SessionToken {
        SessionToken {
            session,
            secret: self.secret.clone(),
        }
    }

    /// What a session keeps of the token.
    pub fn stage_token(&self, stage: Stage) -> StageToken {
        StageToken {
            stage,
            hash: self.token_for(self.id).hash(),
        }
    }
}

impl Core {
    /// Draws what a new session needs.
    pub fn session_material(&self) -> Result<SessionMaterial, Error> {
        Ok(SessionMaterial {
            id: SessionId(self.random()?),
            secret: self.random_secret()?,
        })
    }

    /// What looks like the tokens of a new session that is to enrol, and stands for none.
    pub fn tokens_of_nobody(&self) -> Result<Tokens, Error> {
        let material = self.session_material()?;
        Ok(Tokens {
            access: material.token_for(material.id).text(),
            refresh: String::new(),
            is_two_factor_enable: false,
            stage: Stage::Enrolment,
        })
    }

    /// The tokens of a session at whatever stage it is.
    pub fn tokens_of(
        &self,
        granted: &Granted,
        material: &SessionMaterial,
    ) -> Result<Tokens, Error> {
        match granted.session.stage_token {
            None => self.full_tokens(granted),
            Some(kept) => Ok(Tokens {
                access: material.token_for(granted.session.id).text(),
                refresh: String::new(),
                is_two_factor_enable: granted.has_factor,
                stage: kept.stage,
            }),
        }
    }
}

impl Context<'_> {
    /// Notes the day on which the policy first demanded a factor of a person, if it is today.
    pub fn begin_grace(
        &self,
        write: &mut Write<'_>,
        user: &mut User,
        has_factor: bool,
    ) -> Result<(), StoreError> {
        let policy = self.foundation.settings.policy;
        if has_factor || user.factor_demanded_at.is_some() || !policy.forbids_disabling(user) {
            return Ok(());
        }
        user.factor_demanded_at = Some(self.now.unix_seconds);
        write.put_user(user.id, user)?;
        match policy.grace_until(user, self.now) {
            Some(until) => {
                let notice = NoticeKind::SecondFactorDue { until };
                write.notify(user.id, notice, self.now.unix_seconds)
            }
            None => Ok(()),
        }
    }

    /// Opens a session of a person whose password was right now, at the stage that the policy demands.
    pub fn open_session(
        &self,
        write: &mut Write<'_>,
        user: &User,
        has_factor: bool,
        material: &SessionMaterial,
    ) -> Result<Session, StoreError> {
        let mut session = Session {
            id: material.id,
            user: user.id,
            password_at: self.now.stamp(),
            code_at: None,
            stage_token: None,
            refresh: None,
            last_used: self.now.stamp(),
            device: self.client.device.clone(),
            address: self.client.address.clone(),
            impersonation: None,
        };
        let policy = self.foundation.settings.policy;
        match session.standing(user, has_factor, policy, self.now) {
            Stage::Full => session.rotate(self.now),
            stage => session.stage_token = Some(material.stage_token(stage)),
        }
        write.add_session(&session)?;
        Ok(session)
    }
}
