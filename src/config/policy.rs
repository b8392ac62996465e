//! The section `policy`: from its words to the rules that `domain` knows.

use super::error::Error;
use super::origins::Origins;
use super::raw;
use crate::domain::policy::{Policy, RequireTwoFactor};

/// Checks the section.
pub(super) fn check(raw: &raw::Policy, origins: &Origins) -> Result<Policy, Error> {
    let who = [
        ("nobody", RequireTwoFactor::Nobody),
        ("admins", RequireTwoFactor::Admins),
        ("everybody", RequireTwoFactor::Everybody),
    ];
    let one_of = |key: &str, value: &str, no: &'static str, yes: &'static str| {
        origins.choice(key, value, &[(no, false), (yes, true)])
    };
    let reason = &raw.impersonation_reason;
    Ok(Policy {
        require_two_factor: origins.choice(
            "policy.require_two_factor",
            &raw.require_two_factor,
            &who,
        )?,
        grace_days: origins.whole("policy.grace_days", raw.grace_days, 0..=365)?,
        registration: one_of("policy.registration", &raw.registration, "closed", "open")?,
        impersonation: one_of("policy.impersonation", &raw.impersonation, "off", "on")?,
        impersonation_reason_required: one_of(
            "policy.impersonation_reason",
            reason,
            "optional",
            "required",
        )?,
    })
}
