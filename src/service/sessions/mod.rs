//! Sessions: the tokens that stand for them, what a person sees of them, and their end.

pub mod endings;
pub mod opening;
pub mod own;
pub mod refresh;
pub mod tokens;

use super::core::jobs::Core;
use std::sync::Arc;

/// The use cases of a session that runs.
pub struct Sessions {
    core: Arc<Core>,
}

impl Sessions {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}
