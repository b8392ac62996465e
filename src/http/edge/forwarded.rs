//! Where a request really comes from, when a proxy that was named stands in between. What
//! others say is not believed: a caller who can choose an address escapes every limit by address.

use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use warp::http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTOCOL: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The proxies whose word is believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

/// The other end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) address: SocketAddr,
    /// Whether it came encrypted from there to here or to the proxy.
    pub(super) is_secure: bool,
}

impl Proxies {
    /// Those with an address in one of these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether one of them has this address.
    fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether a caller at this address may connect: in the clear, none from beyond this machine but
    /// these proxies, who answer for what is behind them.
    pub(super) fn admit(&self, address: IpAddr, is_encrypted: bool) -> bool {
        is_encrypted || self.know(address)
    }

    /// Whether no limit goes by this address, since many people share it.
    pub(super) fn know(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.contains(address)
    }

    /// The end of a request that came over the connection `direct`: the last hop before the proxies
    /// that are trusted. What stands before that hop in the headers is its own word, and not read.
    pub(super) fn origin(&self, direct: Origin, headers: &HeaderMap) -> Origin {
        if !self.contains(direct.address.ip()) {
            return direct;
        }
        let mut found = direct;
        let mut hops = 0;
        for entry in entries(headers, &FORWARDED_FOR).iter().rev() {
            let Some(address) = address(entry) else { break };
            found.address = SocketAddr::new(address, 0);
            if !self.contains(address) {
                break;
            }
            hops += 1;
        }
        // A chain of proxies adds one word each, a lone one may leave one word for all.
        let protocols = entries(headers, &FORWARDED_PROTOCOL);
        if let Some(last) = protocols.len().checked_sub(1) {
            let told = protocols.get(last.saturating_sub(hops));
            found.is_secure = told.is_some_and(|word| word.eq_ignore_ascii_case("https"));
        }
        found
    }
}

/// The entries of all headers of this name, as one list.
fn entries<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    headers
        .get_all(name)
        .iter()
        // Bytes that are no text are an entry that is no address.
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(str::trim)
        .collect()
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(entry).parse::<IpAddr>().ok();
    let with_port = || Some(entry.parse::<SocketAddr>().ok()?.ip());
    Some(address.or_else(with_port)?.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use warp::http::HeaderValue;

    fn proxies(networks: &[&str]) -> Proxies {
        let networks = networks.iter().map(|network| network.parse().unwrap());
        Proxies::new(networks.collect())
    }

    fn told(direct: &str, forwarded: &[&str], protocol: &str) -> (String, bool) {
        let proxies = proxies(&["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]);
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(
                FORWARDED_FOR,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        if !protocol.is_empty() {
            headers.append(FORWARDED_PROTOCOL, HeaderValue::from_str(protocol).unwrap());
        }
        let direct = Origin {
            address: SocketAddr::new(direct.parse().unwrap(), 4000),
            is_secure: false,
        };
        let origin = proxies.origin(direct, &headers);
        (origin.address.ip().to_string(), origin.is_secure)
    }

    #[test]
    fn only_named_proxies_are_heard() {
        let outside = told("192.0.2.9", &["198.51.100.1"], "https");
        assert_eq!(outside, ("192.0.2.9".into(), false));
        let inside = told("10.1.2.3", &["198.51.100.1"], "https");
        assert_eq!(inside, ("198.51.100.1".into(), true));
        assert_eq!(
            told("::ffff:10.1.2.3", &["2001:db8::1"], "").0,
            "2001:db8::1"
        );
        assert_eq!(told("fd12::1", &[], ""), ("fd12::1".into(), false));
        assert_eq!(told("fe80::1", &["1.2.3.4"], "").0, "fe80::1");
    }

    #[test]
    fn in_the_clear_only_this_machine_and_named_proxies_may_connect() {
        let proxies = proxies(&["10.0.0.0/8"]);
        for (address, may) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.200.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("11.0.0.1", false),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
            ("fe80::1", false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(proxies.admit(address, false), may, "{address}");
            assert!(proxies.admit(address, true));
            assert_eq!(proxies.know(address), may, "{address}");
        }
    }

    #[test]
    fn the_last_untrusted_hop_counts_whatever_stands_before_it() {
        for (forwarded, expected) in [
            (&["6.6.6.6, 198.51.100.1"][..], "198.51.100.1"),
            (&["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
            (&["6.6.6.6, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
            (&["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
            (&["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
            (&["198.51.100.1:5000"], "198.51.100.1"),
            (&["[2001:db8::1]:80"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["198.51.100.1, unknown"], "127.0.0.1"),
            (&["198.51.100.1, nonsense, 10.0.0.7"], "10.0.0.7"),
            (&["198.51.100.1, "], "127.0.0.1"),
            (&["ä"], "127.0.0.1"),
        ] {
            assert_eq!(
                told("127.0.0.1", forwarded, "").0,
                expected,
                "{forwarded:?}"
            );
        }
    }

    #[test]
    fn the_protocol_is_that_of_the_same_hop() {
        let through = |forwarded: &str, protocol: &str| told("127.0.0.1", &[forwarded], protocol).1;
        assert!(through("198.51.100.1", "https"));
        assert!(through("198.51.100.1", "HTTPS"));
        assert!(!through("198.51.100.1", "http"));
        assert!(!through("198.51.100.1", ""));
        assert!(!through("198.51.100.1", "https, http"));
        assert!(through("198.51.100.1, 10.0.0.7", "https, http"));
        assert!(through("198.51.100.1, 10.0.0.7", "https"));
    }
}
