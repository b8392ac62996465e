//! Which `Host` and `Origin` are ours, and which headers may stand once.

use crate::http::error::ApiError;
use warp::http::header::{
    AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, USER_AGENT,
};
use warp::http::uri::{Authority, Uri};

/// Headers that may stand once; a second one would be read by one program and not by another.
const SINGLE: [HeaderName; 4] = [AUTHORIZATION, CONTENT_TYPE, ORIGIN, USER_AGENT];

/// Checks that what may stand once stands once.
///
/// # Errors
/// 400, naming the header.
pub(super) fn check_single(headers: &HeaderMap) -> Result<(), ApiError> {
    let twice = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
    match SINGLE.iter().find(twice) {
        Some(name) => Err(ApiError::invalid_request(format!(
            "The header `{name}` may stand once."
        ))),
        None => Ok(()),
    }
}

/// The hosts and origins that are ours.
#[derive(Clone, Debug)]
pub struct Allowed {
    port: u16,
    /// That of direct calls, with `://`, and its port.
    scheme: (&'static str, u16),
    names: Vec<String>,
    /// Host and port of the base URL, which may be that of a proxy.
    base: Option<Authority>,
    base_url: String,
}

impl Allowed {
    /// Those of a service on `port`: the loopback names, `names`, and the base URL.
    pub fn new(port: u16, names: &[String], base_url: &str) -> Self {
        let loopback = ["localhost", "127.0.0.1", "[::1]"];
        Self {
            port,
            scheme: ("http://", 80),
            names: loopback
                .into_iter()
                .map(str::to_owned)
                .chain(names.iter().map(|name| name.to_ascii_lowercase()))
                .collect(),
            base: base_url
                .parse()
                .ok()
                .and_then(|uri: Uri| uri.authority().cloned()),
            base_url: base_url.to_ascii_lowercase(),
        }
    }

    /// The same, of a service that is encrypted itself.
    #[must_use]
    pub fn over_tls(self) -> Self {
        let scheme = ("https://", 443);
        Self { scheme, ..self }
    }

    /// Whether a request is for the host of an https base URL that is no name of this machine for
    /// itself: the demand for encryption reaches every port of a host, also those of other services
    /// on localhost.
    pub(super) fn is_public_name(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let given = host.and_then(|host| host.parse::<Authority>().ok());
        let (Some(given), Some(base)) = (given, &self.base) else {
            return false;
        };
        let name = base.host();
        let is_address = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
        self.base_url.starts_with("https://")
            && name.eq_ignore_ascii_case(given.host())
            && name.contains('.')
            && !is_address
            && !name.ends_with(".localhost")
    }

    /// Checks where a request is meant to go and which page sent it.
    ///
    /// # Errors
    /// 421 for a foreign or missing `Host`, 403 for a foreign `Origin`.
    pub fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), ApiError> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        let named = uri
            .authority()
            .is_none_or(|given| self.has_host(given.as_str()));
        if hosts.next().is_some() || !named || !host.is_some_and(|host| self.has_host(host)) {
            return Err(ApiError::unknown_host());
        }
        let ours =
            |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| self.has_origin(origin));
        if headers.get_all(ORIGIN).iter().all(ours) {
            Ok(())
        } else {
            Err(ApiError::origin_refused())
        }
    }

    fn has_host(&self, host: &str) -> bool {
        let Ok(given) = host.parse::<Authority>() else {
            return false;
        };
        if host.contains('@') {
            return false;
        }
        let is_base = self.base.as_ref().is_some_and(|base| {
            base.host().eq_ignore_ascii_case(given.host()) && base.port_u16() == given.port_u16()
        });
        let name = given.host().to_ascii_lowercase();
        // The port may be left out only where it is the scheme's own.
        let right_port = given.port_u16().unwrap_or(self.scheme.1) == self.port
            && (given.port().is_some() || !host.ends_with(':'));
        is_base || (right_port && self.names.contains(&name))
    }

    fn has_origin(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        let direct = origin.strip_prefix(self.scheme.0);
        origin == self.base_url
            || direct.is_some_and(|host| {
                self.has_host(host)
                    && self.base.as_ref().is_none_or(|base| {
                        self.base_url.starts_with(self.scheme.0) || base.as_str() != host
                    })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: Option<&str>, origin: Option<&str>) -> bool {
        let allowed = Allowed::new(6238, &["box.lan".into()], "https://sign-in.example.com");
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        }
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        allowed.check(&headers, &Uri::from_static("/")).is_ok()
    }

    #[test]
    fn only_our_hosts_with_our_port_pass() {
        for good in [
            "localhost:6238",
            "LOCALHOST:6238",
            "127.0.0.1:6238",
            "[::1]:6238",
            "box.lan:6238",
            "sign-in.example.com",
        ] {
            assert!(check(Some(good), None), "{good}");
        }
        for bad in [
            "localhost",
            "localhost:80",
            "localhost:62380",
            "evil.example",
            "evil.example:6238",
            "localhost:6238@evil.example",
            "user@localhost:6238",
            "localhost.evil.example:6238",
            "127.0.0.2:6238",
            "",
        ] {
            assert!(!check(Some(bad), None), "{bad}");
        }
        assert!(!check(None, None));
    }

    #[test]
    fn only_our_origins_pass() {
        let host = Some("localhost:6238");
        for good in [
            "http://localhost:6238",
            "http://127.0.0.1:6238",
            "https://sign-in.example.com",
        ] {
            assert!(check(host, Some(good)), "{good}");
        }
        for bad in [
            "null",
            "http://localhost:3000",
            "https://localhost:6238",
            "http://sign-in.example.com",
            "http://evil.example:6238",
        ] {
            assert!(!check(host, Some(bad)), "{bad}");
        }
    }
    #[test]
    fn over_tls_the_scheme_and_its_port_change() {
        let allowed = Allowed::new(443, &["box.lan".into()], "https://door.example.com").over_tls();
        let mut headers = HeaderMap::new();
        let mut passes = |host: &'static str, origin: &'static str| {
            headers.insert(HOST, HeaderValue::from_static(host));
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
            let passes = allowed.check(&headers, &Uri::from_static("/")).is_ok();
            (passes, allowed.is_public_name(&headers))
        };
        assert_eq!(
            passes("door.example.com", "https://door.example.com"),
            (true, true)
        );
        assert_eq!(passes("box.lan", "https://box.lan"), (true, false));
        assert_eq!(passes("localhost", "https://localhost"), (true, false));
        assert_eq!(passes("box.lan", "http://box.lan"), (false, false));
        let (in_clear, _) = passes("door.example.com", "http://door.example.com");
        assert!(!in_clear);
    }
}
