//! Accounts: made, invited, listed, changed and archived by those who may, and by the operator.

mod archive;
pub mod change;
pub mod invitations;
mod join;
pub mod links;
pub mod list;
pub mod names;
pub mod offers;
mod operator;
mod set_up;

use super::core::jobs::Core;
use super::entry::Entry;
use std::sync::Arc;

/// The use cases of accounts.
pub struct People {
    core: Arc<Core>,
    entry: Arc<Entry>,
}

impl People {
    pub(super) fn new(core: Arc<Core>, entry: Arc<Entry>) -> Self {
        Self { core, entry }
    }
}
