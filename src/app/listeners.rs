//! What the service listens on: addresses, the local socket, and the certificate in front of them.

use crate::config::Config;
use crate::http::Tls;
use crate::platform::certificate::CertificateFiles;
use crate::platform::paths::DataDirectory;
use crate::platform::{files, ports};
use anyhow::{Context, bail};
use std::io;
use tokio::net::{TcpListener, UnixListener};

/// The certificate that is configured, if one is.
///
/// # Errors
/// If its files cannot be used.
pub fn tls(config: &Config) -> anyhow::Result<Option<Tls>> {
    let Some(tls) = &config.server.tls else {
        return Ok(None);
    };
    let files = CertificateFiles::new(tls.certificate.clone(), tls.key.clone());
    Ok(Some(Tls::new(files)?))
}

/// Binds the listeners, so that a port that is taken is known before anything is opened.
///
/// # Errors
/// If an address is in use; the text says by whom, as far as that can be found out.
pub async fn bind(config: &Config) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    for address in &config.server.listen {
        let mut address = *address;
        if let Some(first) = listeners.first().filter(|_| address.port() == 0) {
            address.set_port(first.local_addr()?.port());
        }
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if address.is_ipv6() && is_without_ipv6(&error) => {
                tracing::info!(
                    event = "listener.without_ipv6",
                    "IPv6 is off on this machine; listening on IPv4 alone"
                );
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let holder = ports::holder_of(address.port());
                let holder = holder.unwrap_or_else(|| "another process".to_owned());
                bail!(
                    "port {} is in use on {} by {holder}: end it, or choose another port with --listen",
                    address.port(),
                    address.ip()
                );
            }
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {address}")),
        }
    }
    if listeners.is_empty() {
        bail!("there is no address to listen on");
    }
    Ok(listeners)
}

fn is_without_ipv6(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::AddrNotAvailable, io::ErrorKind::Unsupported];
    // EAFNOSUPPORT has no kind of its own.
    kinds.contains(&error.kind()) || error.raw_os_error() == Some(97)
}

/// The base URL in force on a port.
pub(super) fn base_url(config: &Config, port: u16) -> String {
    match config.server.base_url.as_str() {
        "" if config.server.tls.is_some() => format!("https://localhost:{port}"),
        "" => format!("http://localhost:{port}"),
        configured => configured.to_owned(),
    }
}

/// Makes the local socket, in place of one that a killed service left behind. The lock says that no service runs.
pub(super) fn bind_socket(directory: &DataDirectory) -> anyhow::Result<UnixListener> {
    let path = directory.socket();
    let failed = || format!("the local socket {} cannot be made", path.display());
    files::remove_if_there(&path).with_context(failed)?;
    let listener = UnixListener::bind(&path).with_context(failed)?;
    files::make_private(&path).with_context(failed)?;
    Ok(listener)
}
