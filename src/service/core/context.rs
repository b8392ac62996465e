//! The settings and keys of the process, and what a job of a use case knows beside its transaction:
//! these, the client and the time.

use crate::domain::audit::{Action, Actor, Event};
use crate::domain::id::{SessionId, UserId};
use crate::domain::jwt::SigningKey;
use crate::domain::password::Rules;
use crate::domain::policy::Policy;
use crate::domain::seal::Keys;
use crate::domain::secret::Secret;
use crate::domain::session::{Lifetimes, Session};
use crate::domain::time::Now;
use crate::domain::totp::{Parameters, Window};
use crate::store::{StoreError, Write};
use std::path::PathBuf;

/// What the configuration says to the use cases.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base URL, without a slash at its end; `iss` of all tokens.
    pub base_url: String,
    /// The name that authenticator apps show.
    pub issuer: String,
    /// What new factors are computed with.
    pub parameters: Parameters,
    /// Which steps are accepted.
    pub window: Window,
    /// Who must have a second factor.
    pub policy: Policy,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
    /// What new passwords must be.
    pub password_rules: Rules,
    /// Whole months for which audit rows are kept, beside the current one.
    pub audit_keep_months: u32,
    /// Where the store is, for the disk space left; `None` in memory.
    pub data_directory: Option<PathBuf>,
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The peer's address, or `socket`.
    pub address: String,
    /// What the client calls itself.
    pub device: String,
}

impl Client {
    /// The operator's.
    pub(in crate::service) fn of_operator() -> Self {
        Self {
            address: "socket".into(),
            device: String::new(),
        }
    }
}

/// Settings and keys, unchanged for the life of the process.
pub struct Foundation {
    /// What the configuration says.
    pub settings: Settings,
    /// The keys, one a purpose.
    pub keys: Keys,
    /// The key of the password hashes.
    pub pepper: Secret<32>,
    /// The first one signs; all verify.
    pub signing_keys: Vec<SigningKey>,
}

/// What a job knows beside its transaction. The time is that of the request: a job that runs twice
/// decides the same.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Settings and keys.
    pub foundation: &'a Foundation,
    /// Where the request came from.
    pub client: &'a Client,
    /// When it came.
    pub now: Now,
}

impl Context<'_> {
    /// Appends an event to the audit log of the transaction.
    pub fn audit(&self, write: &mut Write<'_>, event: &Event) -> Result<(), StoreError> {
        write.append_audit(&self.foundation.keys.audit, event)
    }

    /// The event of something that `user` did, or that was tried in their name.
    pub fn event(&self, action: Action, user: UserId) -> Event {
        Event {
            user: Some(user),
            address: self.client.address.clone(),
            ..event_by(Actor::User(user), action, self.now)
        }
    }

    /// The same, in a session.
    pub fn event_in(&self, session: SessionId, action: Action, user: UserId) -> Event {
        Event {
            session: Some(session),
            ..self.event(action, user)
        }
    }
}

/// An event that concerns nobody's account, without an address.
pub fn event_by(actor: Actor, action: Action, now: Now) -> Event {
    Event {
        at: now.unix_seconds,
        action,
        actor,
        user: None,
        session: None,
        address: String::new(),
        detail: String::new(),
    }
}

/// Who does what is done in a session: its owner, or the support member who acts in the owner's name.
pub fn actor_of(session: &Session) -> Actor {
    match &session.impersonation {
        None => Actor::User(session.user),
        Some(by) => Actor::Impersonator {
            actor: by.actor,
            target: session.user,
            code: by.code.clone(),
        },
    }
}
