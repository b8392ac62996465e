//! What lies around an instance: its files, the addresses it listens on, its certificate, the tray.

use crate::config::Server;
use crate::platform::certificate::{CertificateError, CertificateFiles, Described};
use crate::platform::desktop::session_bus;
use crate::platform::file_faults::{Fault, Kind, fault_of, owner_to_expect};
use crate::platform::paths::DataDirectory;
use crate::platform::{account, desktop, ports};
use crate::wire::operator::Finding;
use std::net::SocketAddr;
use std::path::Path;

/// Seconds before its end at which a certificate should have been renewed.
const RENEWAL_SECONDS: i64 = 14 * 24 * 60 * 60;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Owner, rights and kind of the instance's files.
pub(super) fn files(directory: &DataDirectory) -> Vec<Finding> {
    let keys = directory.keys();
    let looked_at = [
        (directory.root().to_owned(), Kind::PrivateDirectory),
        (directory.store(), Kind::PrivateFile),
        (directory.lock(), Kind::PrivateFile),
        (keys.join("key-encryption-key"), Kind::PrivateFile),
        (keys, Kind::PrivateDirectory),
    ];
    let owner = owner_to_expect(directory.root());
    let look = |(path, kind): &(std::path::PathBuf, Kind)| {
        Some(explain(path, *kind, fault_of(path, *kind, owner)?))
    };
    looked_at.iter().filter_map(look).collect()
}

/// Whether the tray's icon can be seen, in words, and what is wrong if it should be and cannot.
pub(super) fn tray(is_wanted: bool) -> (&'static str, Option<Finding>) {
    if !desktop::has_display() {
        return ("there is no desktop here", None);
    }
    if !is_wanted {
        return ("switched off by tray.enabled", None);
    }
    let host = session_bus::tray_host();
    let Some(reason) = crate::tray::reason(host) else {
        return ("icons are shown on this desktop", None);
    };
    let cause =
        "without it the icon, its menu and its notifications cannot be seen; everything else works";
    let finding = Finding::new("tray", reason, cause, crate::tray::cure(host));
    (reason, Some(finding))
}

fn explain(path: &Path, kind: Kind, fault: Fault) -> Finding {
    let path = path.display();
    let (finding, cause, cure) = match fault {
        Fault::Link => (
            format!("{path} is a link"),
            "the one who sets a link decides what is read and written through it".to_owned(),
            format!("put the real thing in the place of the link {path}"),
        ),
        Fault::Foreign(owner) => (
            format!("{path} belongs to {}", account::name_of(owner)),
            format!("this is {}", account::name_of(account::own())),
            "ask its service, once it runs (the installed one after `systemctl start vestibule`), or run this as its account; what should be yours, take with chown"
                .to_owned(),
        ),
        Fault::Open(mode) => {
            let right = match kind {
                Kind::PrivateDirectory => "0700",
                Kind::PrivateFile => "0600",
                Kind::GuardedFile => "0640",
            };
            (
                format!("{path} is open to other accounts (mode {mode:04o})"),
                "its rights were widened after it was made, or it was copied".to_owned(),
                format!("chmod {right} {path}"),
            )
        }
        Fault::WrongKind => (
            format!("{path} is not what it should be"),
            "something else was put in its place".to_owned(),
            format!("move {path} away and put back what was there"),
        ),
        Fault::Hidden => (
            format!("{path} cannot be looked at"),
            "this account may not enter a directory on the way".to_owned(),
            "run this as the account of the service".to_owned(),
        ),
    };
    Finding::new("permissions", finding, cause, cure)
}

/// The ports that the service listens on, and whether the address that people type is encrypted.
pub(super) fn addresses(server: &Server, is_running: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let taken = |address: &&SocketAddr| address.port() != 0 && ports::is_taken(**address);
    for address in server.listen.iter().filter(taken) {
        if is_running {
            break;
        }
        let holder = ports::holder_of(address.port());
        let holder = holder.unwrap_or_else(|| "a process of another account".to_owned());
        findings.push(Finding::new(
            "ports",
            format!("{address} is in use by {holder}"),
            "two programs cannot listen on one port: the service will not start",
            "end that program, or set another `server.listen`",
        ));
    }
    let is_https = server.base_url.starts_with("https://");
    if is_https && server.tls.is_none() && server.trusted_proxies.is_empty() {
        findings.push(Finding::new(
            "addresses",
            format!("people are sent to {}, but nothing that is configured speaks TLS", server.base_url),
            "neither `server.tls_certificate` is set nor `server.trusted_proxies`: behind a proxy that is \
             not named every caller has the proxy's address, and no limit goes by addresses",
            "name the proxy in `server.trusted_proxies`, or set a certificate and its key",
        ));
    }
    findings
}

/// The certificate: whether it can be used, for which names, and until when.
pub(super) fn certificate(server: &Server, now: u64) -> Vec<Finding> {
    let Some(tls) = &server.tls else {
        return Vec::new();
    };
    let files = CertificateFiles::new(tls.certificate.clone(), tls.key.clone());
    let mut findings = Vec::new();
    if let Some(fault) = fault_of(&tls.key, Kind::GuardedFile, account::own()) {
        findings.push(explain(&tls.key, Kind::GuardedFile, fault));
    }
    match files.check().and_then(|()| files.describe()) {
        Ok(described) => findings.extend(judge(server, &described, now)),
        Err(error) => findings.push(unusable(&error)),
    }
    findings
}

fn unusable(error: &CertificateError) -> Finding {
    let cause = match error {
        CertificateError::Mismatch { .. } => "one of the two was renewed, the other was not",
        CertificateError::Unreadable { .. } => {
            "the file is not there, or this account may not read it"
        }
        _ => "it is no PEM file, or not the one that was meant",
    };
    let cure =
        "check `server.tls_certificate` and `server.tls_key`; a running service keeps the old pair";
    Finding::new("tls", error.to_string(), cause, cure)
}

fn judge(server: &Server, described: &Described, now: u64) -> Vec<Finding> {
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let mut findings = Vec::new();
    let left = described.not_after.saturating_sub(now);
    let days = left / SECONDS_PER_DAY;
    let timely = if left <= 0 {
        Some((
            "the certificate has expired".to_owned(),
            "every browser refuses it",
        ))
    } else if left < RENEWAL_SECONDS {
        let text = format!("the certificate expires in {days} days");
        Some((text, "it was not renewed in time"))
    } else if described.not_before > now {
        let text = "the certificate is not good yet".to_owned();
        Some((
            text,
            "it begins later, or the clock of this machine is behind",
        ))
    } else {
        None
    };
    if let Some((finding, cause)) = timely {
        let cure = "renew it; a running service takes the new pair up by itself";
        findings.push(Finding::new("tls", finding, cause, cure));
    }
    let host = server.base_url.strip_prefix("https://").unwrap_or("");
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    let hosts = server.hosts.iter().map(String::as_str);
    let wanted = std::iter::once(host).filter(|host| !host.is_empty());
    for host in wanted.chain(hosts).filter(|host| !described.covers(host)) {
        findings.push(Finding::new(
            "tls",
            format!("the certificate is not made for {host}"),
            format!("it names {}", described.names.join(", ")),
            "get one for this name, or change `server.base_url` and `server.hosts`",
        ));
    }
    findings
}
