//! The section `server`: where to listen, under which names, with which certificate and behind whom.
//!
//! Invariant: an address beyond loopback comes out of here only together with TLS or with a proxy that is named, and then
//! the base URL is an https one that was set.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use super::address;
use super::error::Error;
use super::origins::Origins;
use super::raw;
use super::settings::{Server, Tls};

const ADDRESS: &str = "an address to listen on (\"localhost:PORT\", or an IP address with a port)";
const LOOPBACK_ADDRESS: &str = "a loopback address (\"localhost:PORT\", \"127.0.0.1:PORT\" or \"[::1]:PORT\"), because \
    beyond loopback Vestibule listens only with server.tls_certificate and server.tls_key, or behind server.trusted_proxies";
const BASE_URL: &str = "empty, or http:// or https:// with a host and perhaps a port, and no path";

/// Checks the section, and works out the base URL if it follows from the address.
pub(super) fn server(raw: raw::Server, origins: &mut Origins) -> Result<Server, Error> {
    let tls = tls(&raw, origins)?;
    let trusted_proxies = trusted_proxies(&raw.trusted_proxies, origins)?;
    let Some(listen) = address::listen(&raw.listen) else {
        return Err(origins.refuse_text("server.listen", &raw.listen, ADDRESS));
    };
    let beyond = listen.iter().any(|address| !address.ip().is_loopback());
    if beyond && tls.is_none() && trusted_proxies.is_empty() {
        return Err(origins.refuse_text("server.listen", &raw.listen, LOOPBACK_ADDRESS));
    }
    let port = listen.first().map_or(0, SocketAddr::port);
    let base_url = base_url(&raw.base_url, port, beyond, tls.is_some(), origins)?;
    let mut hosts = Vec::with_capacity(raw.hosts.len());
    for host in raw.hosts {
        if !address::is_host_name(&host) {
            let found = format!("a list with {host:?} in it");
            let expected = "a list of host names, each without scheme or port";
            return Err(origins.refuse("server.hosts", found, expected.into()));
        }
        hosts.push(host.to_ascii_lowercase());
    }
    Ok(Server {
        listen,
        base_url,
        hosts,
        tls,
        trusted_proxies,
        connections: origins.whole("server.connections", raw.connections, 16..=16384)?,
    })
}

fn base_url(
    text: &str,
    port: u16,
    beyond_loopback: bool,
    with_tls: bool,
    origins: &mut Origins,
) -> Result<String, Error> {
    const KEY: &str = "server.base_url";
    if text.is_empty() {
        if beyond_loopback {
            let expected =
                "the https:// address that people type, because server.listen is beyond loopback";
            return Err(origins.refuse_text(KEY, text, expected));
        }
        if port == 0 {
            // The port is known once the socket is bound.
            return Ok(String::new());
        }
        let scheme = if with_tls { "https" } else { "http" };
        let derived = format!("{scheme}://localhost:{port}");
        // A browser leaves out the port that is the scheme's own.
        let derived = address::base_url(&derived).unwrap_or(derived);
        origins.derive(KEY, &derived, "from server.listen");
        return Ok(derived);
    }
    let url = address::base_url(text).ok_or_else(|| origins.refuse_text(KEY, text, BASE_URL))?;
    if (with_tls || beyond_loopback) && !url.starts_with("https://") {
        let expected =
            "an https:// address, because of server.tls_certificate or an address beyond loopback";
        return Err(origins.refuse_text(KEY, text, expected));
    }
    Ok(url)
}

fn tls(raw: &raw::Server, origins: &Origins) -> Result<Option<Tls>, Error> {
    let (certificate, key) = (&raw.tls_certificate, &raw.tls_key);
    for (name, path, other) in [
        ("server.tls_certificate", certificate, key),
        ("server.tls_key", key, certificate),
    ] {
        if path.starts_with('~') {
            let expected = "a path without ~, which only a shell understands";
            return Err(origins.refuse_text(name, path, expected));
        }
        if path.is_empty() && !other.is_empty() {
            let expected =
                "the path of a file, because server.tls_certificate and server.tls_key go together";
            return Err(origins.refuse_text(name, path, expected));
        }
    }
    Ok((!certificate.is_empty()).then(|| Tls {
        certificate: PathBuf::from(certificate),
        key: PathBuf::from(key),
    }))
}

fn trusted_proxies(texts: &[String], origins: &Origins) -> Result<Vec<IpNet>, Error> {
    let read = |text: &String| {
        network(text).ok_or_else(|| {
            let found = format!("a list with {text:?} in it");
            let expected = "a list of IP addresses, or of networks such as 192.0.2.0/24";
            origins.refuse("server.trusted_proxies", found, expected.into())
        })
    };
    texts.iter().map(read).collect()
}

/// An address, or a network with the length of its prefix; not the whole internet. The library reads networks too, but
/// takes 010.0.0.0 for 10.0.0.0, where other programs read octal numbers.
fn network(text: &str) -> Option<IpNet> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let network = match prefix {
        None => IpNet::from(address),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            IpNet::new(address, digits.parse().ok()?).ok()?
        }
        Some(_) => return None,
    };
    (network.prefix_len() > 0).then_some(network)
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Sources, load};
    use super::*;

    /// Loads with these keys set by flags.
    fn with(flags: &[(&str, &str)]) -> Result<Config, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).into(), (*value).into());
        let sources = Sources {
            flags: flags.iter().map(owned).collect(),
            ..Sources::default()
        };
        match load(&sources) {
            Ok(loaded) => Ok(loaded.config),
            Err(error) => Err(error.to_string()),
        }
    }

    const CERTIFICATE: (&str, &str) = ("server.tls_certificate", "/etc/tls/chain.pem");
    const KEY: (&str, &str) = ("server.tls_key", "/etc/tls/key.pem");
    const BEYOND: (&str, &str) = ("server.listen", "0.0.0.0:443");
    const URL: (&str, &str) = ("server.base_url", "https://door.example.com");
    const PROXY: (&str, &str) = ("server.trusted_proxies", "10.0.0.0/8, fd00::1");

    #[test]
    fn addresses_are_checked_and_the_url_follows_the_port() {
        assert_eq!(
            with(&[("server.listen", "0.0.0.0:6238")]).unwrap_err(),
            format!(
                "`server.listen` (flag --listen) is \"0.0.0.0:6238\", but it must be {LOOPBACK_ADDRESS}"
            )
        );
        assert!(
            with(&[("server.listen", "box:80")])
                .unwrap_err()
                .ends_with(ADDRESS)
        );
        let url = |flags: &[(&str, &str)]| with(flags).unwrap().server.base_url;
        assert_eq!(
            url(&[("server.listen", "127.0.0.1:7000")]),
            "http://localhost:7000"
        );
        assert_eq!(url(&[("server.listen", "localhost:0")]), "");
        let set = ("server.base_url", "https://vestibule.example/");
        assert_eq!(url(&[set]), "https://vestibule.example");
        assert_eq!(
            url(&[set, ("server.listen", "localhost:0")]),
            "https://vestibule.example"
        );
        assert!(with(&[("server.base_url", "vestibule.example")]).is_err());
        let hosts = with(&[("server.hosts", "a.example,http://b")]);
        assert!(
            hosts
                .unwrap_err()
                .contains("is a list with \"http://b\" in it")
        );
    }

    #[test]
    fn beyond_loopback_only_with_tls_or_a_named_proxy_and_an_https_url() {
        with(&[BEYOND, URL, CERTIFICATE, KEY]).unwrap();
        with(&[BEYOND, URL, PROXY]).unwrap();
        assert!(
            with(&[BEYOND, URL])
                .unwrap_err()
                .starts_with("`server.listen`")
        );
        for plain in [
            &[BEYOND, PROXY][..],
            &[BEYOND, PROXY, ("server.base_url", "http://a")],
        ] {
            assert!(with(plain).unwrap_err().starts_with("`server.base_url`"));
        }
        let secured = with(&[CERTIFICATE, KEY]).unwrap();
        assert_eq!(secured.server.base_url, "https://localhost:6238");
        let usual = [CERTIFICATE, KEY, ("server.listen", "localhost:443")];
        assert_eq!(with(&usual).unwrap().server.base_url, "https://localhost");
        let plain_url = [
            CERTIFICATE,
            KEY,
            ("server.base_url", "http://localhost:6238"),
        ];
        assert!(with(&plain_url).is_err());
    }

    #[test]
    fn certificate_and_key_go_together() {
        assert!(
            with(&[CERTIFICATE])
                .unwrap_err()
                .starts_with("`server.tls_key` (built-in)")
        );
        assert!(
            with(&[KEY])
                .unwrap_err()
                .starts_with("`server.tls_certificate` (built-in)")
        );
        assert!(with(&[CERTIFICATE, ("server.tls_key", "~/key.pem")]).is_err());
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let proxies = with(&[PROXY]).unwrap().server.trusted_proxies;
        let told: Vec<String> = proxies.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["10.0.0.0/8", "fd00::1/128"]);
        for wrong in [
            "proxy",
            "10.0.0.0/33",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/+8",
            "10.0.0.1:80",
            "10.0.0.0/",
            "010.0.0.0/8",
        ] {
            let message = with(&[("server.trusted_proxies", wrong)]).unwrap_err();
            assert!(
                message.contains(&format!("is a list with {wrong:?} in it")),
                "{message}"
            );
        }
    }
}
