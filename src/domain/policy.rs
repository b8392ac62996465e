//! Who must have a second factor, and from when on.

use super::time::Now;
use super::user::User;

/// Of whom the policy demands a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequireTwoFactor {
    /// Of nobody; everybody may have one.
    Nobody,
    /// Of Admins and Super Admins.
    Admins,
    /// Of everybody.
    Everybody,
}

/// The policy of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of whom a second factor is demanded.
    pub require_two_factor: RequireTwoFactor,
    /// Days that a person may sign in with the password alone, counted from the day the factor was
    /// first demanded of them.
    pub grace_days: u32,
    /// Whether strangers may make accounts for themselves.
    pub registration: bool,
    /// Whether the support team may act as others.
    pub impersonation: bool,
    /// Whether the support team must say why.
    pub impersonation_reason_required: bool,
}

impl Policy {
    /// Whether a second factor is demanded of this person: by the policy, or because the account
    /// was claimed at set-up or reset.
    pub fn demands_of(self, user: &User) -> bool {
        user.must_enrol || self.forbids_disabling(user)
    }

    /// Whether this person may not switch the second factor off.
    pub fn forbids_disabling(self, user: &User) -> bool {
        match self.require_two_factor {
            RequireTwoFactor::Nobody => false,
            RequireTwoFactor::Admins => user.roles.is_admin(),
            RequireTwoFactor::Everybody => true,
        }
    }

    /// Unix seconds until which a password is enough although a factor is demanded; `None` where no
    /// grace applies. Never after set-up or a reset.
    pub fn grace_until(self, user: &User, now: Now) -> Option<u64> {
        if user.must_enrol || self.grace_days == 0 {
            return None;
        }
        let since = user.factor_demanded_at.unwrap_or(now.unix_seconds);
        let until = since.saturating_add(u64::from(self.grace_days) * 86_400);
        (now.unix_seconds < until).then_some(until)
    }
}
