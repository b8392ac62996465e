//! Wrong passwords by address, for callers from beyond this machine, and by account, wherever they
//! come from. A try takes its share before the password is looked at, and a right password gives it
//! back, so that parallel tries get no extra guesses and nobody is kept out by their own sign-ins.
//!
//! A site that owns a wide IPv6 prefix is counted by its /64, /56 and /48. Guesses from very many
//! addresses meet the slow budget of the account; an address from which the account was signed in to
//! before is never held up by it, so that guessers lock nobody out.

use crate::domain::network::share_of;
use crate::domain::time::Now;
use crate::service::core::budgets::Budgets;
use crate::service::core::context::Client;
use crate::service::core::error::Error;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Most pairs of account and address that are remembered as good.
const CAPACITY: usize = 50_000;

/// A text that is tried, as a hash.
pub(super) type AccountKey = [u8; 32];

/// Wrong passwords by address and account.
pub(super) struct AddressLimits {
    /// An IPv4 address, or an IPv6 /64.
    narrow: Budgets<IpAddr>,
    /// An IPv6 /56.
    site: Budgets<Ipv6Addr>,
    /// An IPv6 /48.
    wide: Budgets<Ipv6Addr>,
    account: Budgets<AccountKey>,
    /// Accounts and the addresses from which they were signed in to in this run.
    known: Mutex<HashSet<(AccountKey, IpAddr)>>,
}

impl Default for AddressLimits {
    fn default() -> Self {
        Self {
            narrow: Budgets::new(20, 30),
            site: Budgets::new(60, 10),
            wide: Budgets::new(200, 3),
            account: Budgets::new(40, 60),
            known: Mutex::new(HashSet::new()),
        }
    }
}

impl Client {
    /// The address that limits go by: `None` for callers on this machine, an IPv6 network of 64
    /// bits as a whole, since one household has all of it.
    pub(in crate::service) fn remote(&self) -> Option<IpAddr> {
        let address: IpAddr = self.address.parse().ok()?;
        let is_own = address.to_canonical().is_loopback();
        (!is_own).then(|| share_of(address))
    }
}

/// The network of so many bits that an address is in.
fn network(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    Ipv6Addr::from_bits(address.to_bits() & mask)
}

impl AddressLimits {
    /// Takes a try of an address.
    ///
    /// # Errors
    /// [`Error::TooManyPasswords`] with the seconds until the next one.
    pub(super) fn take(&self, address: IpAddr, now: Now) -> Result<(), Error> {
        let refused = Error::TooManyPasswords;
        self.narrow.take(address, now).map_err(refused)?;
        let IpAddr::V6(six) = address else {
            return Ok(());
        };
        if let Err(wait) = self.site.take(network(six, 56), now) {
            self.narrow.give_back(&address);
            return Err(refused(wait));
        }
        if let Err(wait) = self.wide.take(network(six, 48), now) {
            self.narrow.give_back(&address);
            self.site.give_back(&network(six, 56));
            return Err(refused(wait));
        }
        Ok(())
    }

    /// Gives an address's try back: the password was right, or was never looked at.
    pub(super) fn give_back(&self, address: IpAddr) {
        self.narrow.give_back(&address);
        if let IpAddr::V6(six) = address {
            self.site.give_back(&network(six, 56));
            self.wide.give_back(&network(six, 48));
        }
    }

    /// Takes a try at an account.
    ///
    /// # Errors
    /// [`Error::TooManyPasswords`] with the seconds until the next one.
    pub(super) fn take_account(&self, account: AccountKey, now: Now) -> Result<(), Error> {
        let taken = self.account.take(account, now);
        taken.map_err(Error::TooManyPasswords)
    }

    /// Gives an account's try back.
    pub(super) fn give_back_account(&self, account: &AccountKey) {
        self.account.give_back(account);
    }

    /// Remembers that an account was signed in to from an address.
    pub(super) fn remember(&self, account: AccountKey, address: IpAddr) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert((account, address));
    }

    /// Whether an account was signed in to from an address in this run.
    pub(super) fn is_known(&self, account: AccountKey, address: IpAddr) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(&(account, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now {
            unix_seconds: seconds,
            monotonic_milliseconds: seconds * 1000,
            run: 1,
        }
    }

    fn remote(text: &str) -> Option<IpAddr> {
        let client = Client {
            address: text.into(),
            device: String::new(),
        };
        client.remote()
    }

    /// How many of these addresses may try once.
    fn admitted(addresses: impl Iterator<Item = String>) -> usize {
        let limits = AddressLimits::default();
        let take = |text: &String| limits.take(remote(text).unwrap(), at(100)).is_ok();
        addresses.filter(take).count()
    }

    #[test]
    fn wide_networks_are_counted_as_a_whole() {
        let same_64 = (0..1000).map(|n| format!("2001:db8:0:1::{n:x}"));
        let same_56 = (0..1000).map(|n| format!("2001:db8:0:{:x}::1", n % 256));
        let same_48 = (0..1000).map(|n| format!("2001:db8:0:{n:x}::1"));
        let no_network = (0..1000).map(|n| format!("2001:db8:{n:x}::1"));
        let four = (0..1000).map(|n| format!("192.0.{}.{}", n / 250, n % 250));
        assert_eq!(admitted(same_64), 20);
        assert_eq!(admitted(same_56), 60);
        assert_eq!(admitted(same_48), 200);
        assert_eq!(admitted(no_network), 1000);
        assert_eq!(admitted(four), 1000);
    }

    #[test]
    fn a_refused_try_costs_the_narrower_networks_nothing() {
        let limits = AddressLimits::default();
        for n in 0..60 {
            let address = remote(&format!("2001:db8:0:{n:x}::1")).unwrap();
            limits.take(address, at(100)).unwrap();
        }
        let late = remote("2001:db8:0:f0::1").unwrap();
        for _ in 0..30 {
            assert!(limits.take(late, at(100)).is_err());
        }
        assert!((0..5).all(|_| limits.take(late, at(100 + 60 * 10)).is_ok()));
    }

    #[test]
    fn callers_on_this_machine_have_no_address_and_a_household_has_one() {
        for own in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "::ffff:127.0.0.1",
            "socket",
            "",
        ] {
            assert_eq!(remote(own), None, "{own}");
        }
        assert_eq!(remote("::ffff:192.0.2.1"), remote("192.0.2.1"));
        assert_eq!(remote("2001:db8::1"), remote("2001:db8::ffff:1"));
        assert_ne!(remote("2001:db8::1"), remote("2001:db8:0:1::1"));
    }
}
