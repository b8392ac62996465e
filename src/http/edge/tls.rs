//! TLS: the pair in force, the handshake, and the change to a renewed pair under running connections.

use crate::platform::certificate::{CertificateError, CertificateFiles};
use crate::platform::shutdown::Stop;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often the files are looked at. A pair is taken up when it has not changed between two looks,
/// since certificate and key are never renewed at the same instant.
const LOOK: Duration = Duration::from_secs(1);
/// ALPN names (RFC 7301), the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Encrypts what is accepted.
pub struct Tls {
    acceptor: TlsAcceptor,
    files: CertificateFiles,
    provider: Arc<CryptoProvider>,
    pair: Arc<Pair>,
}

#[derive(Debug)]
struct Pair(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Pair {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let pair = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&pair))
    }
}

impl Tls {
    /// Begins with the pair that is in the files now.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn new(files: CertificateFiles) -> Result<Self, CertificateError> {
        let provider = Arc::new(ring::default_provider());
        let pair = Arc::new(Pair(RwLock::new(files.load(&provider)?)));
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions();
        // This provider has cipher suites for both versions: the error cannot come.
        let Ok(builder) = builder else {
            return Err(CertificateError::NoKey(files.key().to_owned()));
        };
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Pair>::clone(&pair);
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            files,
            provider,
            pair,
        })
    }

    /// Shakes hands; whether HTTP/2 was agreed on comes with the stream.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, bool)> {
        let stream = self.acceptor.accept(stream).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(PROTOCOLS[0]);
        Ok((stream, is_http2))
    }

    /// Takes up renewed pairs until the stop. One that cannot be used is told once, and the pair in
    /// force stays.
    pub async fn keep_up_to_date(self: Arc<Self>, mut stop: Stop) {
        let mut in_force = self.files.version();
        let mut last_look = in_force;
        loop {
            tokio::select! {
                () = stop.asked() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let files = self.files.clone();
            let look = tokio::task::spawn_blocking(move || files.version()).await;
            let seen = look.ok().flatten();
            if seen.is_some() && seen == last_look && seen != in_force {
                self.take_up();
                in_force = seen;
            }
            last_look = seen;
        }
    }

    fn take_up(&self) {
        match self.files.load(&self.provider) {
            Ok(renewed) => {
                let mut pair = self.pair.0.write().unwrap_or_else(PoisonError::into_inner);
                *pair = renewed;
                tracing::info!(event = "tls.renewed", "the TLS certificate was renewed");
            }
            Err(error) => {
                tracing::error!(event = "tls.refused", %error, "the new TLS certificate cannot be used; the old one stays");
            }
        }
    }
}
