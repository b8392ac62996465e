//! Recovery codes: ten, 80 random bits each, shown once, kept as keyed and salted hashes.
//!
//! A code is sixteen base32 characters in groups of four, so that it can never be mistaken for a
//! code from the phone.

use super::totp::strip_separators;
use crate::domain::secret::{Secret, SecretText, equal, keyed_hash};
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};

/// How many codes a person gets.
pub const COUNT: usize = 10;
/// Random bytes of a code.
pub const BYTES: usize = 10;
/// Random bytes that [`RecoveryCodes::make`] needs: a salt and the codes.
pub const ENTROPY_BYTES: usize = 16 + COUNT * BYTES;

/// One recovery code as its owner enters it, read into its bytes.
pub struct RecoveryCode(Secret<BYTES>);

impl RecoveryCode {
    /// Reads a code in any spelling: case, spaces and hyphens do not count, and the digits that
    /// base32 leaves out are taken for the letters that they look like.
    pub fn parse(text: &str) -> Option<Self> {
        let folded: String = strip_separators(text)
            .chars()
            .map(|character| match character {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                other => other.to_ascii_uppercase(),
            })
            .collect();
        if folded.len() != BYTES * 8 / 5 {
            return None;
        }
        let bytes = BASE32_NOPAD.decode(folded.as_bytes()).ok()?;
        Secret::from_slice(&bytes).map(Self)
    }

    fn spell(bytes: &[u8]) -> String {
        let text = BASE32_NOPAD.encode(bytes);
        let groups: Vec<&str> = (0..text.len())
            .step_by(4)
            .filter_map(|start| text.get(start..start + 4))
            .collect();
        groups.join("-")
    }
}

/// What the store keeps of a person's codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodes {
    salt: [u8; 16],
    /// One a code; `None` once it was used.
    hashes: Vec<Option<[u8; 32]>>,
}

impl RecoveryCodes {
    /// Makes a set of codes for `user` from random bytes; returns what is kept and, once, the texts.
    pub fn make(
        entropy: &Secret<ENTROPY_BYTES>,
        key: &Secret<32>,
        user: u64,
    ) -> (Self, Vec<SecretText>) {
        let (salt_bytes, codes) = entropy.expose().split_at(16);
        let mut salt = [0; 16];
        salt.copy_from_slice(salt_bytes);
        let hashes = codes
            .chunks(BYTES)
            .map(|code| Some(hash(key, &salt, user, code)))
            .collect();
        let texts = codes
            .chunks(BYTES)
            .map(|code| SecretText::new(RecoveryCode::spell(code)))
            .collect();
        (Self { salt, hashes }, texts)
    }

    /// A set without a code.
    pub fn none() -> Self {
        Self {
            salt: [0; 16],
            hashes: Vec::new(),
        }
    }

    /// Codes that were not used yet.
    pub fn left(&self) -> u32 {
        let left = self.hashes.iter().filter(|hash| hash.is_some()).count();
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// Uses `code`: whether it was one of the codes left, and now is not.
    pub fn consume(&mut self, code: &RecoveryCode, key: &Secret<32>, user: u64) -> bool {
        let wanted = hash(key, &self.salt, user, code.0.expose());
        let mut found = None;
        for (index, kept) in self.hashes.iter().enumerate() {
            if kept.is_some_and(|kept| equal(&kept, &wanted)) {
                found = Some(index);
            }
        }
        match found.and_then(|index| self.hashes.get_mut(index)) {
            Some(kept) => kept.take().is_some(),
            None => false,
        }
    }
}

fn hash(key: &Secret<32>, salt: &[u8; 16], user: u64, code: &[u8]) -> [u8; 32] {
    keyed_hash(key, &[salt, &user.to_be_bytes(), code])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once_in_any_spelling_for_its_owner_only() {
        let key = Secret::new([9; 32]);
        let mut bytes = [0; ENTROPY_BYTES];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(index).unwrap().wrapping_mul(37);
        }
        let (mut codes, texts) = RecoveryCodes::make(&Secret::new(bytes), &key, 5);
        assert_eq!((texts.len(), codes.left()), (COUNT, 10));
        let spelled = texts[3].expose().to_lowercase().replace('-', " ");
        let code = RecoveryCode::parse(&spelled).unwrap();
        assert!(!codes.clone().consume(&code, &key, 6));
        assert!(codes.consume(&code, &key, 5));
        assert!(!codes.consume(&code, &key, 5));
        assert_eq!(codes.left(), 9);
    }

    #[test]
    fn what_is_no_code_is_not_read() {
        for bad in [
            "",
            "123456",
            "AAAA-AAAA-AAAA-AAA",
            "AAAA-AAAA-AAAA-AAAA-A",
            "AAAA-AAAA-AAAA-AAA9",
            "ÄÄÄÄÄÄÄÄ",
        ] {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad:?}");
        }
    }
}
