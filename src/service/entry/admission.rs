//! What stands before a password is looked at: from beyond this machine the limits of the address and
//! the account, on this machine, where everybody has the same address, the delay of the e-mail's text.

use super::Entry;
use super::limits::{AccountKey, AddressLimits};
use super::throttle::{self, Try};
use crate::domain::network::share_of;
use crate::domain::time::Now;
use crate::domain::user::Email;
use crate::service::core::context::Client;
use crate::service::core::error::Error;
use std::net::IpAddr;

/// A password that may be looked at.
pub(super) enum Admission<'a> {
    /// Of a caller on this machine.
    Here(Try<'a>),
    /// Of a caller from beyond it.
    Remote {
        limits: &'a AddressLimits,
        address: IpAddr,
        account: AccountKey,
        /// Whether it was taken from the account's budget.
        counts: bool,
    },
}

impl Entry {
    /// Lets a password be looked at, after a wait if that is what it takes.
    ///
    /// # Errors
    /// [`Error::TooManyPasswords`] with the seconds to wait.
    pub(super) async fn admit_password(
        &self,
        email: &str,
        client: &Client,
    ) -> Result<Admission<'_>, Error> {
        let now = self.core.now();
        let Some(address) = client.remote() else {
            let mut begun = self.throttle.begin(email, now)?;
            begun.wait().await;
            return Ok(Admission::Here(begun));
        };
        let limits = &self.address_limits;
        let account = throttle::key(email);
        limits.take(address, now)?;
        let counts = match limits.take_account(account, now) {
            Ok(()) => true,
            Err(_) if self.is_known(email, account, address)? => false,
            Err(refusal) => {
                limits.give_back(address);
                return Err(refusal);
            }
        };
        Ok(Admission::Remote {
            limits,
            address,
            account,
            counts,
        })
    }

    /// Whether the account was signed in to from this address before: in this run, or in a session
    /// that still lives.
    fn is_known(&self, email: &str, account: AccountKey, address: IpAddr) -> Result<bool, Error> {
        if self.address_limits.is_known(account, address) {
            return Ok(true);
        }
        let Some(email) = Email::parse(email) else {
            return Ok(false);
        };
        let sessions = self.core.store.read(|read| {
            let id = read.user_id_by_email(&email)?;
            id.map_or(Ok(Vec::new()), |id| read.sessions_of(id))
        })?;
        let is_from = |text: &str| {
            let parsed: Option<IpAddr> = text.parse().ok();
            parsed.map(share_of) == Some(address)
        };
        Ok(sessions
            .iter()
            .any(|session| session.impersonation.is_none() && is_from(&session.address)))
    }
}

impl Admission<'_> {
    /// Counts what became of the password.
    pub(super) fn settle<T>(self, outcome: &Result<T, Error>, now: Now) {
        let is_wrong = matches!(outcome, Err(Error::InvalidCredentials));
        match self {
            Self::Here(begun) if is_wrong => begun.fail(now),
            Self::Here(begun) if outcome.is_ok() => begun.succeed(),
            Self::Here(_) => {}
            Self::Remote { .. } if is_wrong => {}
            Self::Remote {
                limits,
                address,
                account,
                counts,
            } => {
                limits.give_back(address);
                if counts {
                    limits.give_back_account(&account);
                }
                if outcome.is_ok() {
                    limits.remember(account, address);
                }
            }
        }
    }
}
