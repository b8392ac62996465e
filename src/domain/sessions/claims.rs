//! The claims of an access token (RFC 9068) and the judgement on them.

use super::impersonation;
use super::session::Session;
use crate::domain::id::{SessionId, UserId};
use crate::domain::time::Now;
use crate::domain::user::User;
use serde::{Deserialize, Serialize};

/// `aud` of the tokens that this service takes itself.
pub const AUDIENCE: &str = "vestibule";

/// The claims of an access token. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The base URL of the service.
    pub iss: String,
    /// Whom the token is for.
    pub aud: String,
    /// The user's id, as a string.
    pub sub: String,
    /// The session.
    pub sid: String,
    /// Names this one token.
    pub jti: String,
    /// When it was made.
    pub iat: u64,
    /// From when on it is good.
    pub nbf: u64,
    /// Until when it is good.
    pub exp: u64,
    /// How the person proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// When the person last proved it.
    pub auth_time: u64,
    /// The person's e-mail address.
    pub email: String,
    /// The person's global roles.
    pub roles: Vec<String>,
    /// The team that the token speaks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub team_id: Option<u64>,
    /// Who acts in the user's place, if another user does (RFC 8693, section 4.1).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub act: Option<ActorClaim>,
    /// The id of the user who acts.
    #[serde(
        rename = "impersonatedBy",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub impersonated_by: Option<u64>,
    /// Since when.
    #[serde(
        rename = "impersonatedAt",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub impersonated_at: Option<u64>,
    /// The code that the audit log has too.
    #[serde(
        rename = "impersonationCode",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub impersonation_code: Option<String>,
    /// The support team of the user who acts.
    #[serde(
        rename = "impersonatorTeamId",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub impersonator_team_id: Option<u64>,
}

/// Who acts in the user's place (RFC 8693, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorClaim {
    /// The actor's id, as a string.
    pub sub: String,
}

/// What all tokens of an instance share.
#[derive(Clone, Copy)]
pub struct Issuer<'a> {
    /// The base URL of the service.
    pub base_url: &'a str,
    /// Seconds that an access token lives.
    pub access_seconds: u64,
}

impl AccessClaims {
    /// The claims for a session's next access token; `jti` is 128 random bits in hexadecimal.
    pub fn new(issuer: Issuer<'_>, user: &User, session: &Session, jti: String, now: Now) -> Self {
        let methods = session.authentication_methods();
        let proved = session.code_at.unwrap_or(session.password_at);
        let by = session.impersonation.as_ref();
        // An impersonation has no refresh: its token lives as long as it does.
        let seconds = by.map_or(issuer.access_seconds, |_| impersonation::LIFE_SECONDS);
        Self {
            iss: issuer.base_url.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user.id.to_string(),
            sid: session.id.to_string(),
            jti,
            iat: now.unix_seconds,
            nbf: now.unix_seconds,
            exp: now.unix_seconds.saturating_add(seconds),
            amr: methods.into_iter().map(str::to_owned).collect(),
            auth_time: proved.unix_seconds,
            email: user.email.as_str().to_owned(),
            roles: user.roles.names().into_iter().map(str::to_owned).collect(),
            team_id: by.map(|by| by.team.0),
            act: by.map(|by| ActorClaim {
                sub: by.actor.to_string(),
            }),
            impersonated_by: by.map(|by| by.actor.0),
            impersonated_at: by.map(|_| session.password_at.unix_seconds),
            impersonation_code: by.map(|by| by.code.clone()),
            impersonator_team_id: by.map(|by| by.support_team.0),
        }
    }

    /// Whose session these claims stand for; `None` if any of them is not as it must be now.
    pub fn judge(&self, issuer: Issuer<'_>, now: Now) -> Option<(UserId, SessionId)> {
        let time = now.unix_seconds;
        let timely = self.nbf <= time && self.iat <= time && time < self.exp;
        // Tokens made before the lifetime was lowered stay good; none was ever made for longer than
        // an hour, which is the most that can be configured.
        let bounded = self.exp.saturating_sub(self.iat) <= issuer.access_seconds.max(3600);
        let ours = self.iss == issuer.base_url && self.aud == AUDIENCE && !self.jti.is_empty();
        if !(timely && bounded && ours) {
            return None;
        }
        let user = UserId(self.sub.parse().ok()?);
        Some((user, SessionId::parse(&self.sid)?))
    }
}
