//! `/audit`: the audit log.

use super::{Text, Time};
use crate::domain::id::UserId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of the audit log, oldest event first.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct AuditPage {
    pub events: Vec<AuditEvent>,
    /// `after` of the page that follows; `null` at the end, and where `after` was not asked for.
    pub next: Option<u64>,
    /// `before` of the page that precedes; `null` at the beginning, and where `after` was asked for.
    pub previous: Option<u64>,
    pub head: AuditHead,
}

/// The newest event of the audit log.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct AuditHead {
    pub number: u64,
    /// 64 hexadecimal digits.
    pub hash: String,
}

/// Something that was done, or refused.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    pub number: u64,
    pub at: Option<Time>,
    pub action: Text,
    pub actor: AuditActor,
    pub user_id: Option<UserId>,
    pub session_id: Option<String>,
    pub address: String,
    pub detail: String,
}

/// Who did it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum AuditActor {
    Anonymous,
    User {
        id: UserId,
    },
    /// The operator, by the operating system's name.
    Operator {
        name: String,
    },
    Service,
    /// A user in the name of another.
    Impersonator {
        id: UserId,
        /// In whose name.
        r#as: UserId,
        /// The impersonation's code, which its token has too.
        code: String,
    },
}
