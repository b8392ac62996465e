//! Wrong passwords by address, for callers from beyond loopback: twenty at once, then one every
//! half minute. A try takes its share before the password is looked at, and a right password gives
//! it back, so that parallel tries get no extra guesses and nobody who knows theirs is kept out by
//! their own sign-ins. In memory: whoever can restart the service can do worse.

use crate::domain::network::share_of;
use crate::domain::time::{Now, Stamp};
use crate::service::core::context::Client;
use crate::service::core::error::Error;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Wrong passwords of one address that cost nothing.
const BURST: u64 = 20;
/// Seconds after which one of them is forgotten.
const SECONDS_PER_TRY: u64 = 30;
/// Most addresses that are remembered; beyond it the ones with nothing against them go, then all.
const CAPACITY: usize = 50_000;

/// Tries of one address that were not forgotten by `since`.
#[derive(Clone, Copy)]
struct Tries {
    spent: u64,
    since: Stamp,
}

impl Tries {
    /// The tries that are left of these now.
    fn at(self, now: Now) -> Self {
        let whole = BURST.saturating_mul(SECONDS_PER_TRY);
        let passed = whole.saturating_sub(self.since.remaining_seconds(whole, now));
        match passed / SECONDS_PER_TRY {
            0 => self,
            forgotten => Self {
                spent: self.spent.saturating_sub(forgotten),
                since: now.stamp(),
            },
        }
    }
}

/// Wrong passwords by address.
#[derive(Default)]
pub(super) struct AddressLimits {
    tries: Mutex<HashMap<IpAddr, Tries>>,
}

impl Client {
    /// The address that limits go by: `None` for callers on this machine, an IPv6 network of 64
    /// bits as a whole, since one household has all of it.
    pub(super) fn remote(&self) -> Option<IpAddr> {
        let address: IpAddr = self.address.parse().ok()?;
        let is_own = address.to_canonical().is_loopback();
        (!is_own).then(|| share_of(address))
    }
}

impl AddressLimits {
    /// Takes a try.
    ///
    /// # Errors
    /// [`Error::TooManyPasswords`] with the seconds until the next one.
    pub(super) fn take(&self, address: IpAddr, now: Now) -> Result<(), Error> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= CAPACITY {
            tries.retain(|_, tries| tries.at(now).spent > 0);
            if tries.len() >= CAPACITY {
                tries.clear();
            }
        }
        let entry = tries.entry(address).or_insert(Tries {
            spent: 0,
            since: now.stamp(),
        });
        *entry = entry.at(now);
        if entry.spent >= BURST {
            let seconds = entry.since.remaining_seconds(SECONDS_PER_TRY, now);
            return Err(Error::TooManyPasswords(seconds.max(1)));
        }
        if entry.spent == 0 {
            entry.since = now.stamp();
        }
        entry.spent += 1;
        Ok(())
    }

    /// Gives a try back: the password was right, or was never looked at.
    pub(super) fn give_back(&self, address: IpAddr) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = tries.get_mut(&address) {
            entry.spent = entry.spent.saturating_sub(1);
            if entry.spent == 0 {
                tries.remove(&address);
            }
        }
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

    #[test]
    fn twenty_are_free_then_one_comes_back_every_half_minute() {
        let limits = AddressLimits::default();
        let address = remote("192.0.2.1").unwrap();
        let take = |seconds| match limits.take(address, at(seconds)) {
            Ok(()) => 0,
            Err(Error::TooManyPasswords(wait)) => wait,
            Err(other) => panic!("{other}"),
        };
        assert!((0..20).all(|_| take(100) == 0));
        assert_eq!((take(100), take(110), take(129)), (30, 20, 1));
        assert_eq!((take(130), take(130), take(130)), (0, 30, 30));
        limits.give_back(address);
        assert_eq!((take(130), take(131)), (0, 29));
        assert!((0..20).all(|_| take(130 + 20 * 30) == 0));
        assert_eq!(take(130 + 20 * 30), 30);
        assert!(limits.take(remote("192.0.2.2").unwrap(), at(100)).is_ok());
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
