//! Teams and their members.

pub mod members;
pub mod support_team;
pub mod team;

use super::core::jobs::Core;
use std::sync::Arc;

/// The use cases of teams.
pub struct Teams {
    core: Arc<Core>,
}

impl Teams {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}
