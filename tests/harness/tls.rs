//! Certificates for a test, and a strict client that keeps one connection open.

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use super::binary::Instance;

/// A certificate that is its own authority, and its key.
pub struct Pair {
    pub certificate: String,
    pub key: String,
    der: CertificateDer<'static>,
}

impl Pair {
    pub fn new(names: &[&str]) -> Self {
        Self::until(names, 2100)
    }

    /// One that is good until the beginning of a year.
    pub fn until(names: &[&str], year: i32) -> Self {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut parameters = rcgen::CertificateParams::new(names).unwrap();
        parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = parameters.self_signed(&key).unwrap();
        Self {
            certificate: made.pem(),
            key: key.serialize_pem(),
            der: made.der().clone(),
        }
    }

    /// Writes both beside the data directory, in place of the ones before; their paths.
    pub fn install(&self, instance: &Instance) -> (PathBuf, PathBuf) {
        let paths = (instance.beside("chain.pem"), instance.beside("tls.key"));
        std::fs::write(&paths.0, &self.certificate).unwrap();
        std::fs::write(&paths.1, &self.key).unwrap();
        paths
    }

    /// Connects to a port of this machine and trusts this certificate alone.
    pub fn connect(&self, port: &str) -> Result<Connection, std::io::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
        let mut connection = Connection {
            stream: StreamOwned::new(client, stream),
            port: port.to_owned(),
        };
        connection.get("/health/live")?;
        Ok(connection)
    }
}

/// A connection that stays open.
pub struct Connection {
    stream: StreamOwned<ClientConnection, TcpStream>,
    port: String,
}

impl Connection {
    /// Asks with HTTP/1.1 and reads the one answer.
    pub fn get(&mut self, path: &str) -> Result<String, std::io::Error> {
        let port = &self.port;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        self.stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        loop {
            let mut part = [0; 4096];
            let count = self.stream.read(&mut part)?;
            answer.extend_from_slice(&part[..count]);
            let text = String::from_utf8_lossy(&answer);
            if text.ends_with('}') {
                return Ok(text.into_owned());
            }
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
