//! Sealing: XChaCha20-Poly1305 under keys derived from one data key, bound to where a value lives.
//!
//! ```text
//! key-encryption key (key provider) ─ wraps ─> data key ─ HKDF-SHA256 ─> sealing · audit · recovery · refresh · throttle
//! ```
//! The associated data names installation, table, user, record and generation, so that a sealed
//! value moved elsewhere does not open. Nonces are 192 random bits, drawn by the caller.

use super::secret::Secret;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A sealed value as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    nonce: [u8; 24],
    ciphertext: Vec<u8>,
}

/// Where a sealed value lives; part of what is authenticated.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The installation's id.
    pub install: &'a [u8; 16],
    /// The table's name.
    pub table: &'a str,
    /// The user whose value it is, or 0.
    pub user: u64,
    /// The record's key within the table.
    pub record: &'a [u8],
    /// The generation of the value, for those that are replaced.
    pub generation: u64,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(self.install);
        for part in [self.table.as_bytes(), self.record] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(&self.user.to_be_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes
    }
}

/// Seals `plaintext` for `place`.
///
/// # Errors
/// `None` if the cipher refuses, which it does for texts of more than 256 GiB only.
pub fn seal(
    key: &Secret<32>,
    nonce: [u8; 24],
    place: Place<'_>,
    plaintext: &[u8],
) -> Option<Sealed> {
    let payload = Payload {
        msg: plaintext,
        aad: &place.associated_data(),
    };
    let ciphertext = XChaCha20Poly1305::new(key.expose().into())
        .encrypt(&XNonce::from(nonce), payload)
        .ok()?;
    Some(Sealed { nonce, ciphertext })
}

/// Opens what [`seal`] made for the same place under the same key; `None` for anything else.
pub fn open(key: &Secret<32>, place: Place<'_>, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload {
        msg: &sealed.ciphertext,
        aad: &place.associated_data(),
    };
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt(&XNonce::from(sealed.nonce), payload)
        .ok()
        .map(Zeroizing::new)
}

/// The keys that the data key unfolds into, one a purpose (RFC 5869).
#[derive(Clone)]
pub struct Keys {
    /// The installation's id, part of every [`Place`].
    pub install: [u8; 16],
    /// Seals seeds, signing keys and the pepper.
    pub sealing: Secret<32>,
    /// Chains the audit log.
    pub audit: Secret<32>,
    /// Hashes recovery codes.
    pub recovery: Secret<32>,
    /// Derives refresh tokens.
    pub refresh: Secret<32>,
}

impl Keys {
    /// Unfolds `data_key` for the installation `install`.
    pub fn derive(data_key: &Secret<32>, install: [u8; 16]) -> Self {
        let expand = |purpose: &str| {
            let mut key = [0; 32];
            // HKDF-SHA256 refuses only outputs of more than 8160 bytes.
            let done = Hkdf::<Sha256>::new(Some(&install), data_key.expose())
                .expand(purpose.as_bytes(), &mut key);
            debug_assert!(done.is_ok());
            Secret::new(key)
        };
        Self {
            install,
            sealing: expand("vestibule sealing 1"),
            audit: expand("vestibule audit 1"),
            recovery: expand("vestibule recovery 1"),
            refresh: expand("vestibule refresh 1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_at_its_own_place_only() {
        let keys = Keys::derive(&Secret::new([7; 32]), [1; 16]);
        let home = Place {
            install: &keys.install,
            table: "factors",
            user: 1,
            record: b"1",
            generation: 1,
        };
        let sealed = seal(&keys.sealing, [3; 24], home, b"seed").unwrap();
        assert_eq!(
            open(&keys.sealing, home, &sealed).unwrap().as_slice(),
            b"seed"
        );
        let other = [2; 16];
        for elsewhere in [
            Place { user: 2, ..home },
            Place {
                generation: 2,
                ..home
            },
            Place {
                record: b"2",
                ..home
            },
            Place {
                table: "factor",
                ..home
            },
            Place {
                install: &other,
                ..home
            },
        ] {
            assert!(open(&keys.sealing, elsewhere, &sealed).is_none());
        }
        assert!(open(&keys.audit, home, &sealed).is_none());
    }
}
