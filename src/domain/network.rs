//! Addresses of callers, and which of them count as one.

use core::net::{IpAddr, Ipv6Addr};

/// What shares one limit: an IPv4 address, or an IPv6 network of 64 bits, since one household has all
/// of it. An IPv4 address written as an IPv6 one counts as itself.
pub fn share_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_shares_one_limit() {
        for (address, share) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::"),
            ("2001:db8::ffff:ffff:ffff:ffff", "2001:db8::"),
            ("2001:db8:0:1::1", "2001:db8:0:1::"),
        ] {
            let expected: IpAddr = share.parse().unwrap();
            assert_eq!(share_of(address.parse().unwrap()), expected, "{address}");
        }
    }
}
