//! Passwords: what is strong enough, and how they are kept.
//!
//! Argon2id (RFC 9106) and then HMAC-SHA256 under the pepper, a key that is sealed in the store and
//! opens only with the key provider's help; at last HMAC-SHA256 again with the account's id, so that
//! a row that is moved to another account opens nothing.

use crate::domain::id::UserId;
use crate::domain::secret::{Secret, SecretText, equal, keyed_hash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a new password must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Fewest characters.
    pub min_length: usize,
    /// Lowest zxcvbn score, 0 to 4.
    pub min_strength: u8,
}

/// Most characters of a password; longer ones are refused, never cut.
pub const MAX_CHARACTERS: usize = 128;

/// Characters of a password whose strength is judged: what judging costs grows faster than the text.
const JUDGED_CHARACTERS: usize = 64;

/// Why a password is refused, in a sentence for its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakness(pub String);

/// Judges a new password against the rules and against the words that others would try first.
///
/// # Errors
/// The [`Weakness`], when it is too short, too long or too easy to guess.
pub fn judge(rules: Rules, password: &SecretText, personal: &[&str]) -> Result<(), Weakness> {
    let text = password.expose();
    let characters = text.chars().count();
    if characters < rules.min_length {
        let least = rules.min_length;
        return Err(Weakness(format!(
            "Choose a password of at least {least} characters."
        )));
    }
    if characters > MAX_CHARACTERS {
        return Err(Weakness(format!(
            "Choose a password of at most {MAX_CHARACTERS} characters."
        )));
    }
    let mut words: Vec<&str> = personal.to_vec();
    words.push("vestibule");
    words.extend(personal.iter().flat_map(|word| word.split(['@', '.', ' '])));
    words.retain(|word| word.len() > 2);
    if is_mostly(text, &words) {
        return Err(Weakness(
            "Choose a password that is not made of your own names and address.".to_owned(),
        ));
    }
    let end = text.char_indices().nth(JUDGED_CHARACTERS);
    let judged = end.map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let estimate = zxcvbn::zxcvbn(judged, &words);
    if u8::from(estimate.score()) >= rules.min_strength {
        return Ok(());
    }
    let advice = "Choose one that is harder to guess: several unrelated words work well.";
    let warning = estimate.feedback().and_then(|feedback| feedback.warning());
    Err(Weakness(match warning {
        Some(warning) => format!("{warning} {advice}"),
        None => advice.to_owned(),
    }))
}

/// Whether hardly more than punctuation is left of `text` without `words`.
fn is_mostly(text: &str, words: &[&str]) -> bool {
    let mut rest = text.to_lowercase();
    for word in words {
        rest = rest.replace(&word.to_lowercase(), "");
    }
    rest.chars().filter(|c| c.is_alphanumeric()).count() < 4
}

/// What a hash costs; kept with each hash so that it can grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kibibytes: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// The cost of new hashes: 19 MiB, two passes, one lane.
    pub const CURRENT: Self = Self {
        memory_kibibytes: 19 * 1024,
        passes: 2,
        lanes: 1,
    };
}

/// A password as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    cost: Cost,
    salt: [u8; 16],
    mac: [u8; 32],
}

/// Memory that Argon2 fills; kept and used again for the next hash.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    /// Gives the memory back.
    pub fn release(&mut self) {
        self.0 = Vec::new();
    }

    fn of(&mut self, blocks: usize) -> &mut [Block] {
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::default());
        }
        self.0.get_mut(..blocks).unwrap_or_default()
    }
}

/// A password that was hashed and belongs to no account yet.
#[derive(Clone)]
pub struct NewPassword(PasswordHash);

impl NewPassword {
    /// Hashes a password with a fresh `salt` at the current cost; tens of milliseconds of CPU.
    ///
    /// # Errors
    /// `None` if Argon2 refuses its parameters.
    pub fn make(
        password: &SecretText,
        salt: [u8; 16],
        pepper: &Secret<32>,
        memory: &mut Memory,
    ) -> Option<Self> {
        let cost = Cost::CURRENT;
        let mac = compute(password, &salt, cost, pepper, memory)?;
        Some(Self(PasswordHash { cost, salt, mac }))
    }

    /// The hash of this account's password.
    pub fn bind(&self, user: UserId, pepper: &Secret<32>) -> PasswordHash {
        self.0.bind(user, pepper)
    }
}

impl PasswordHash {
    /// The same hash, bound to an account: put into another's place it verifies nothing.
    pub fn bind(&self, user: UserId, pepper: &Secret<32>) -> Self {
        Self {
            mac: bound(&self.mac, user, pepper),
            ..self.clone()
        }
    }

    /// A hash that no password has, computed at the current cost for accounts that do not exist.
    pub fn of_nobody() -> Self {
        Self {
            cost: Cost::CURRENT,
            salt: [0; 16],
            mac: [0; 32],
        }
    }

    /// Whether this is the password of the account; tens of milliseconds of CPU.
    pub fn verify(
        &self,
        user: UserId,
        password: &SecretText,
        pepper: &Secret<32>,
        memory: &mut Memory,
    ) -> Option<bool> {
        let mac = compute(password, &self.salt, self.cost, pepper, memory)?;
        Some(equal(&bound(&mac, user, pepper), &self.mac))
    }

    /// Whether the cost has grown since this hash was made.
    pub fn is_outdated(&self) -> bool {
        self.cost != Cost::CURRENT
    }
}

fn bound(mac: &[u8; 32], user: UserId, pepper: &Secret<32>) -> [u8; 32] {
    keyed_hash(pepper, &[b"account", &user.0.to_be_bytes(), mac])
}

fn compute(
    password: &SecretText,
    salt: &[u8; 16],
    cost: Cost,
    pepper: &Secret<32>,
    memory: &mut Memory,
) -> Option<[u8; 32]> {
    let params = Params::new(cost.memory_kibibytes, cost.passes, cost.lanes, Some(32)).ok()?;
    let blocks = params.block_count();
    let mut raw = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(
            password.expose().as_bytes(),
            salt,
            raw.as_mut_slice(),
            memory.of(blocks),
        )
        .ok()?;
    Some(keyed_hash(pepper, &[raw.as_slice()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        min_length: 8,
        min_strength: 3,
    };

    fn text(text: &str) -> SecretText {
        SecretText::new(text.to_owned())
    }

    #[test]
    fn weak_short_long_and_personal_passwords_are_refused() {
        let personal = ["margaret.hamilton@example.com", "Margaret", "Hamilton"];
        let long = "correct horse battery staple ".repeat(5);
        for bad in [
            "short",
            "password1",
            "margaret hamilton",
            "vestibule",
            &long,
        ] {
            assert!(judge(RULES, &text(bad), &personal).is_err(), "{bad}");
        }
        assert_eq!(
            judge(RULES, &text("grey otter plays cello"), &personal),
            Ok(())
        );
    }

    #[test]
    fn a_hash_needs_password_pepper_and_account() {
        let mut memory = Memory::default();
        let pepper = Secret::new([1; 32]);
        let new = NewPassword::make(&text("tram 28"), [5; 16], &pepper, &mut memory).unwrap();
        let hash = new.bind(UserId(1), &pepper);
        let other = Secret::new([2; 32]);
        let mut verify = |user, password: &str, pepper: &Secret<32>| {
            let password = text(password);
            hash.verify(UserId(user), &password, pepper, &mut memory)
        };
        assert_eq!(verify(1, "tram 28", &pepper), Some(true));
        assert_eq!(verify(1, "tram 29", &pepper), Some(false));
        assert_eq!(verify(1, "tram 28", &other), Some(false));
        assert_eq!(verify(2, "tram 28", &pepper), Some(false));
        assert!(!hash.is_outdated());
    }
}
