//! Why a command did not end well, with the exit code that says so.

use crate::app::InUse;
use crate::client::ClientError;

/// How a command ends.
pub(super) type Outcome = Result<(), Failure>;

/// Why a command did not end well, with the exit code that says so.
pub(super) enum Failure {
    /// 1: the instance refused.
    Refused(String),
    /// 2: the command cannot be carried out as it was given.
    Usage(String),
    /// 3: service, store or instance are not there.
    Missing(String),
    /// 3: another process has the instance.
    InUse(String),
}

impl Failure {
    /// A failure of something that the command needs.
    pub(super) fn missing(error: &anyhow::Error) -> Self {
        match error.downcast_ref::<InUse>() {
            Some(in_use) => Self::InUse(in_use.to_string()),
            None => Self::Missing(format!("{error:#}")),
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Missing(_) | Self::InUse(_) => 3,
        }
    }

    /// One sentence for a person.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Refused(text) | Self::Usage(text) | Self::Missing(text) | Self::InUse(text) => {
                text
            }
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused { status, .. } if status < 500 => Self::Refused(error.to_string()),
            other => Self::Missing(other.to_string()),
        }
    }
}
