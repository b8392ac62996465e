//! Addresses in the configuration: where to listen, and under which names.
//!
//! Invariant: all addresses of one list that comes out of [`listen`] share one port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// `localhost:PORT` as both loopback addresses, or one explicit address; nothing for anything else.
///
/// `localhost` is never looked up: a hosts file could send it elsewhere.
pub(super) fn listen(text: &str) -> Option<Vec<SocketAddr>> {
    if let Some((name, port)) = text.rsplit_once(':')
        && name.eq_ignore_ascii_case("localhost")
    {
        let port = port_number(port)?;
        return Some(vec![
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
            SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port),
        ]);
    }
    Some(vec![text.parse().ok()?])
}

/// A base URL as a browser would send it in `Origin` (RFC 6454, section 6.2): lower case, no default port, no trailing
/// slash. Nothing if it is no such URL, or has a path, since pages and API live at the root.
pub(super) fn base_url(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/').to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of a bare IPv6 address are not a port's.
        Some((host, port)) if !port.ends_with(']') => (host, port_number(port)?),
        _ => (authority, default_port),
    };
    let is_address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    if port == 0 || !(is_address || is_host_name(host)) {
        return None;
    }
    Some(if port == default_port {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    })
}

/// Whether this is a host name or an IPv4 address, without scheme or port.
pub(super) fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(allowed)
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// A port in plain digits; `u16` alone would take a sign.
fn port_number(text: &str) -> Option<u16> {
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    digits_only.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(text: &str) -> Vec<String> {
        listen(text)
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_address_is_localhost_or_digits() {
        assert_eq!(listening("localhost:80"), ["127.0.0.1:80", "[::1]:80"]);
        assert_eq!(listening("LocalHost:0"), ["127.0.0.1:0", "[::1]:0"]);
        assert_eq!(listening("127.0.0.1:6238"), ["127.0.0.1:6238"]);
        assert_eq!(listening("127.8.0.1:6238"), ["127.8.0.1:6238"]);
        assert_eq!(listening("[::1]:6238"), ["[::1]:6238"]);
        assert_eq!(listening("0.0.0.0:443"), ["0.0.0.0:443"]);
        for refused in [
            "vestibule.example:6238",
            "localhost.example:6238",
            "localhost",
            "localhost:",
            "localhost:+80",
            "localhost:65536",
            "127.0.0.1",
            "::1:6238",
            ":6238",
            "6238",
            "",
        ] {
            assert_eq!(listen(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_base_url_is_an_origin() {
        for (text, url) in [
            ("http://localhost:6238", "http://localhost:6238"),
            ("https://Vestibule.Example/", "https://vestibule.example"),
            ("https://vestibule.example:443", "https://vestibule.example"),
            (
                "http://vestibule.example:443",
                "http://vestibule.example:443",
            ),
            ("http://[::1]:6238//", "http://[::1]:6238"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(base_url(text).as_deref(), Some(url));
        }
        for refused in [
            "localhost:6238",
            "ftp://localhost",
            "http://",
            "http://:6238",
            "http://localhost:0",
            "http://localhost:http",
            "http://localhost/vestibule",
            "http://localhost?a=b",
            "http://localhost#a",
            "http://me@localhost",
            "http://local host",
            "http://[::1",
            " http://localhost",
        ] {
            assert_eq!(base_url(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_host_name_is_a_name_alone() {
        for name in ["vestibule", "vestibule.example", "10.0.0.7", "my_box-2"] {
            assert!(is_host_name(name), "{name}");
        }
        for refused in [
            "",
            "a..b",
            "a.example:80",
            "http://a",
            "a/b",
            "*.example",
            "ä.example",
            "a b",
        ] {
            assert!(!is_host_name(refused), "{refused}");
        }
    }
}
