//! The two doors: the password, then the code; the pause that shuts both; and what guessers meet.

mod code;
pub mod limits;
pub mod password;
pub mod password_pool;
pub mod pause;
pub mod refused_passwords;
pub mod throttle;

use super::core::jobs::Core;
use crate::domain::pause::Pause;
use limits::AddressLimits;
use password_pool::PasswordPool;
use pause::PauseMirror;
use refused_passwords::RefusedPasswords;
use std::sync::Arc;
use throttle::Throttle;

/// The use cases of signing in, and what is kept in memory of tries.
pub struct Entry {
    core: Arc<Core>,
    passwords: PasswordPool,
    throttle: Throttle,
    address_limits: AddressLimits,
    pause: PauseMirror,
    refused_passwords: RefusedPasswords,
}

impl Entry {
    pub(super) fn new(core: Arc<Core>, pause: Pause) -> Self {
        Self {
            core,
            passwords: PasswordPool::new(),
            throttle: Throttle::default(),
            address_limits: AddressLimits::default(),
            pause: PauseMirror::of(pause),
            refused_passwords: RefusedPasswords::default(),
        }
    }

    /// Gives memory back that no password needs.
    pub(super) fn release_idle(&self) {
        self.passwords.release_idle();
    }
}
