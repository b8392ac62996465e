//! The certificate and its key, as PEM files that another program renews: a pair is taken as a whole
//! or not at all.

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use zeroize::Zeroizing;

/// Why a pair cannot be used. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file could not be read.
    #[error("the file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// No certificate, or one that cannot be understood.
    #[error("the file {} holds no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    /// No private key that can be used.
    #[error("the file {} holds no private key in PEM form that is not encrypted", .0.display())]
    NoKey(PathBuf),
    /// The two do not belong together.
    #[error("the certificate {} and the key {} do not belong together: name the two of one pair", certificate.display(), key.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

/// Where the pair is.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    certificate: PathBuf,
    key: PathBuf,
}

/// What tells one version of the files from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version([(u64, u64, i64, i64); 2]);

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Host names and addresses, as text.
    pub names: Vec<String>,
    /// Unix seconds from which on it is good.
    pub not_before: i64,
    /// Unix seconds until which it is good.
    pub not_after: i64,
}

impl CertificateFiles {
    /// The pair in these two files.
    pub fn new(certificate: PathBuf, key: PathBuf) -> Self {
        Self { certificate, key }
    }

    /// The file of the key.
    pub fn key(&self) -> &Path {
        &self.key
    }

    /// The version that is there now; `None` while a file is missing.
    pub fn version(&self) -> Option<Version> {
        let of = |path: &Path| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.ino(), file.len(), file.mtime(), file.mtime_nsec()))
        };
        Some(Version([of(&self.certificate)?, of(&self.key)?]))
    }

    /// Reads the pair.
    ///
    /// # Errors
    /// See [`CertificateError`].
    pub fn load(&self, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, CertificateError> {
        let chain = self.chain()?;
        let key = Zeroizing::new(read(&self.key)?);
        let key = PrivateKeyDer::from_pem_slice(&key)
            .map_err(|_| CertificateError::NoKey(self.key.clone()))?;
        match CertifiedKey::from_der(chain, key, provider) {
            Ok(pair) => Ok(Arc::new(pair)),
            Err(rustls::Error::InconsistentKeys(_)) => Err(CertificateError::Mismatch {
                certificate: self.certificate.clone(),
                key: self.key.clone(),
            }),
            Err(rustls::Error::InvalidCertificate(_)) => {
                Err(CertificateError::NoCertificate(self.certificate.clone()))
            }
            Err(_) => Err(CertificateError::NoKey(self.key.clone())),
        }
    }

    /// Reads the pair and lets it go again.
    ///
    /// # Errors
    /// See [`CertificateError`].
    pub fn check(&self) -> Result<(), CertificateError> {
        self.load(&rustls::crypto::ring::default_provider())
            .map(|_| ())
    }

    /// What the certificate says of itself.
    ///
    /// # Errors
    /// [`CertificateError::Unreadable`], [`CertificateError::NoCertificate`].
    pub fn describe(&self) -> Result<Described, CertificateError> {
        let chain = self.chain()?;
        chain
            .first()
            .and_then(|der| describe(der))
            .ok_or_else(|| CertificateError::NoCertificate(self.certificate.clone()))
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
        let text = read(&self.certificate)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        match chain {
            Ok(chain) if !chain.is_empty() => Ok(chain),
            _ => Err(CertificateError::NoCertificate(self.certificate.clone())),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|source| CertificateError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn describe(der: &[u8]) -> Option<Described> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names = alternative.map(|names| names.value.general_names.iter().filter_map(name));
    let validity = certificate.validity();
    Some(Described {
        names: names.map(Iterator::collect).unwrap_or_default(),
        not_before: validity.not_before.timestamp(),
        not_after: validity.not_after.timestamp(),
    })
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let sixteen = <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from);
            Some(four.or(sixteen).ok()?.to_string())
        }
        _ => None,
    }
}

impl Described {
    /// Whether it is good for a host, by a name of its own or one with a star for the first label
    /// (RFC 9525, section 6.3).
    pub fn covers(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let parent = host.split_once('.').map(|(_, parent)| parent);
        self.names.iter().any(|name| {
            let star = name.strip_prefix("*.");
            *name == host || (star.is_some() && star == parent)
        })
    }
}
