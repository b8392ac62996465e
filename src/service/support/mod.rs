//! The support team: acting as another person, and the way back.

pub mod impersonate;

use super::core::budgets::Budgets;
use super::core::jobs::Core;
use crate::domain::id::UserId;
use std::sync::Arc;

/// The use cases of the support team.
pub struct Support {
    core: Arc<Core>,
    /// Refusals that are written one by one.
    refusals_in_full: Budgets<UserId>,
}

impl Support {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            refusals_in_full: Budgets::new(20, 3),
        }
    }
}
