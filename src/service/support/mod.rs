//! The support team: acting as another person, and the way back.

pub mod impersonate;

use super::core::jobs::Core;
use std::sync::Arc;

/// The use cases of the support team.
pub struct Support {
    core: Arc<Core>,
}

impl Support {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}
