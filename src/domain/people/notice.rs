//! What happened to an account, told to its owner until dismissed.

use crate::domain::id::NoticeId;
use serde::{Deserialize, Serialize};

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Counted over the whole instance.
    pub id: NoticeId,
    /// Unix seconds of what it tells of.
    pub at: u64,
    /// What it tells of.
    pub kind: NoticeKind,
}

/// What a notice tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeKind {
    /// A recovery code was used to sign in, or to make a session fresh.
    RecoveryCodeUsed {
        /// Codes left.
        left: u32,
    },
    /// Wrong codes were tried between the last sign-in and this one.
    FailedCodes {
        /// How many.
        count: u32,
    },
    /// The second factor was removed by an administrator.
    SecondFactorReset,
    /// The second factor was moved to another device.
    SecondFactorReplaced,
    /// The lock of the second factor was lifted.
    SecondFactorUnlocked,
    /// The password was set by an administrator.
    PasswordSet,
    /// A second factor is demanded from a day on.
    SecondFactorDue {
        /// Unix seconds.
        until: u64,
    },
    /// A member of the support team acts as this user.
    Impersonated {
        /// Their name.
        by: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Address, name or roles were changed by an administrator.
    AccountChanged,
    /// The password was set by a one-time link.
    PasswordRestored,
}

impl NoticeKind {
    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
            Self::FailedCodes { .. } => "failed_codes",
            Self::SecondFactorReset => "second_factor_reset",
            Self::SecondFactorReplaced => "second_factor_replaced",
            Self::SecondFactorUnlocked => "second_factor_unlocked",
            Self::PasswordSet => "password_set",
            Self::SecondFactorDue { .. } => "second_factor_due",
            Self::Impersonated { .. } => "impersonated",
            Self::AccountChanged => "account_changed",
            Self::PasswordRestored => "password_restored",
        }
    }

    /// One sentence for a person.
    pub fn message(&self) -> String {
        match self {
            Self::RecoveryCodeUsed { left } => {
                format!("A recovery code was used; {left} are left.")
            }
            Self::FailedCodes { count: 1 } => {
                "One wrong code was entered after the right password since the last sign-in.".into()
            }
            Self::FailedCodes { count } => format!(
                "{count} wrong codes were entered after the right password since the last sign-in."
            ),
            Self::SecondFactorReset => "The second factor was removed by an administrator.".into(),
            Self::SecondFactorReplaced => {
                "The second factor was moved to another device, and the recovery codes were renewed."
                    .into()
            }
            Self::SecondFactorUnlocked => {
                "The second factor had been locked after too many wrong codes and was unlocked."
                    .into()
            }
            Self::PasswordSet => "The password was set by an administrator.".into(),
            Self::SecondFactorDue { .. } => {
                "A second factor is required soon: set one up now.".into()
            }
            Self::Impersonated { by, reason } if reason.is_empty() => {
                format!("{by} of the support team acted in your name.")
            }
            Self::Impersonated { by, reason } => {
                format!("{by} of the support team acted in your name: {reason}")
            }
            Self::PasswordRestored => {
                "The password was set by a one-time link that an administrator had made.".into()
            }
            Self::AccountChanged => {
                "Your address, name or roles were changed by an administrator.".into()
            }
        }
    }
}
