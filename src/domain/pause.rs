//! The pause of sign-ins: no session begins, and those that have begun go on.

use serde::{Deserialize, Serialize};

/// Whether sign-ins are paused. Kept in the store, so that a restart does not end a pause unseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Unix seconds since which they are; `None` while people may sign in.
    pub since: Option<u64>,
}

impl Pause {
    /// Whether they are.
    pub fn is_on(self) -> bool {
        self.since.is_some()
    }
}
