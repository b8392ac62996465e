//! A person's own account: profile, password and second factor.

mod change_password;
pub mod enrol;
mod factor;
pub mod me;

use super::core::jobs::Core;
use super::entry::Entry;
use std::sync::Arc;

/// The use cases of one's own account.
pub struct Account {
    core: Arc<Core>,
    entry: Arc<Entry>,
}

impl Account {
    pub(super) fn new(core: Arc<Core>, entry: Arc<Entry>) -> Self {
        Self { core, entry }
    }
}
