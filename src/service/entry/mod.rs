//! The two doors: the password, then the code; the pause that shuts both; and what guessers meet.

mod admission;
mod code;
mod limits;
mod password;
mod password_pool;
pub mod pause;
mod pause_mirror;
mod throttle;

use super::core::budgets::Budgets;
use super::core::context::Client;
use super::core::error::Error;
use super::core::jobs::Core;
use crate::domain::pause::Pause;
use limits::AddressLimits;
use password_pool::PasswordPool;
use pause_mirror::PauseMirror;
use std::net::IpAddr;
use std::sync::Arc;
use throttle::Throttle;

/// A kind of link that lets a password be set.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Link {
    SetUp,
    Invitation,
    Password,
}

/// The use cases of signing in, and what is kept in memory of tries.
pub struct Entry {
    core: Arc<Core>,
    passwords: PasswordPool,
    judging: PasswordPool,
    link_tries: Budgets<(Link, u64)>,
    address_tries: Budgets<IpAddr>,
    throttle: Throttle,
    address_limits: AddressLimits,
    pause: PauseMirror,
}

impl Entry {
    pub(super) fn new(core: Arc<Core>, pause: Pause) -> Self {
        Self {
            core,
            passwords: PasswordPool::new(2, 128),
            judging: PasswordPool::new(1, 32),
            link_tries: Budgets::new(10, 30),
            address_tries: Budgets::new(20, 30),
            throttle: Throttle::default(),
            address_limits: AddressLimits::default(),
            pause: PauseMirror::of(pause),
        }
    }

    /// Takes one of the tries that a link and an address have to set a password: judging one costs time.
    ///
    /// # Errors
    /// [`Error::TooManyTries`] with the seconds to wait.
    pub(super) fn admit_link(&self, link: Link, number: u64, client: &Client) -> Result<(), Error> {
        let now = self.core.now();
        let taken = self.link_tries.take((link, number), now);
        taken.map_err(Error::TooManyTries)?;
        self.admit_address(client)
    }

    /// Takes one of the tries that an address from beyond this machine has to make an account or set a
    /// password.
    ///
    /// # Errors
    /// [`Error::TooManyTries`] with the seconds to wait.
    pub(super) fn admit_address(&self, client: &Client) -> Result<(), Error> {
        match client.remote() {
            Some(address) => {
                let taken = self.address_tries.take(address, self.core.now());
                taken.map_err(Error::TooManyTries)
            }
            None => Ok(()),
        }
    }

    /// Gives memory back that no password needs.
    pub(super) fn release_idle(&self) {
        self.passwords.release_idle();
    }
}
