//! Values that must not be shown: no `Debug`, wiped on drop, compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// `N` secret bytes: a key, a seed, a token.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes the bytes over.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// Takes `bytes` over if they are exactly `N`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, for the one call that needs them.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

/// Secret text: a password, a code or a token as a person or an app sent it.
#[derive(Clone, Default, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// SHA-256 of a random token of at least 128 bits: what the store keeps instead of the token.
pub fn token_hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// HMAC-SHA256 of `parts`, one after the other (RFC 2104). Where a part ends is not part of it: all
/// parts but one must have a fixed length.
pub fn keyed_hash(key: &Secret<32>, parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104, section 2: a key shorter than a block is filled up with zeros.
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key.expose()) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// RFC 4231, test cases 1 and 2; their keys are shorter, which the zeros behind them do not change.
    #[test]
    fn the_keyed_hash_is_that_of_the_rfc() {
        let key = |bytes: &[u8]| {
            let mut key = [0; 32];
            key[..bytes.len()].copy_from_slice(bytes);
            Secret::new(key)
        };
        let hash = |key, parts: &[&[u8]]| HEXLOWER.encode(&keyed_hash(&key, parts));
        assert_eq!(
            hash(key(&[0x0b; 20]), &[b"Hi There"]),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hash(key(b"Jefe"), &[b"what do ya want ", b"for nothing?"]),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
