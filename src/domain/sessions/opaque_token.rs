//! Opaque tokens: what their bytes are, and how these become text (base64url without padding).
//!
//! ```text
//! session   session ‖ 256 random bits                       before the session is full; the store keeps a hash
//! refresh   session ‖ counter ‖ HMAC-SHA256(refresh key, session ‖ counter)    the store keeps the counter
//! link      number ‖ 128 random bits                        passwords and invitations; the store keeps a hash
//! set-up    128 random bits                                 the first administrator; the store keeps a hash
//! ```
//! Reading refuses every text but the one that writing gives.

use crate::domain::id::SessionId;
use crate::domain::secret::{Secret, equal, keyed_hash, token_hash};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

/// The token of a session that is not full yet.
pub struct SessionToken {
    /// The session that it opens.
    pub session: SessionId,
    /// What shows that the session is the caller's.
    pub secret: Secret<{ SessionToken::SECRET_BYTES }>,
}

impl SessionToken {
    /// Random bytes of the token.
    pub const SECRET_BYTES: usize = 32;

    /// Reads what [`SessionToken::text`] writes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text)?;
        let (session, secret) = bytes.split_first_chunk()?;
        Some(Self {
            session: SessionId(*session),
            secret: Secret::from_slice(secret)?,
        })
    }

    /// The token as its owner gets it.
    pub fn text(&self) -> String {
        encode(&[&self.session.0, self.secret.expose()])
    }

    /// What the store keeps of the token.
    pub fn hash(&self) -> [u8; 32] {
        token_hash(self.secret.expose())
    }
}

/// A refresh token, which is good once: its counter is then the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session that it refreshes.
    pub session: SessionId,
    /// How many refreshes of the session came before it.
    pub counter: u32,
}

impl RefreshToken {
    /// Reads what [`RefreshToken::text`] writes with the same key; `None` for anything else.
    pub fn parse(text: &str, key: &Secret<32>) -> Option<Self> {
        let bytes = decode(text)?;
        let (session, rest) = bytes.split_first_chunk()?;
        let (counter, mac) = rest.split_first_chunk()?;
        let token = Self {
            session: SessionId(*session),
            counter: u32::from_be_bytes(*counter),
        };
        equal(mac, &token.mac(key)).then_some(token)
    }

    /// The token as its owner gets it.
    pub fn text(&self, key: &Secret<32>) -> String {
        let counter = self.counter.to_be_bytes();
        encode(&[&self.session.0, &counter, &self.mac(key)])
    }

    fn mac(&self, key: &Secret<32>) -> [u8; 32] {
        keyed_hash(key, &[&self.session.0, &self.counter.to_be_bytes()])
    }
}

/// The token of a link: a number that finds the record, and a secret that shows who was given it.
pub struct LinkToken {
    /// The person whose password is to be set, or the invitation.
    pub number: u64,
    /// What the record's hash is of.
    pub secret: Secret<{ LinkToken::SECRET_BYTES }>,
}

impl LinkToken {
    /// Random bytes of the token.
    pub const SECRET_BYTES: usize = 16;

    /// Reads what [`LinkToken::text`] writes, also with white space around it, as it is pasted;
    /// `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text.trim())?;
        let (number, secret) = bytes.split_first_chunk()?;
        Some(Self {
            number: u64::from_be_bytes(*number),
            secret: Secret::from_slice(secret)?,
        })
    }

    /// The token as it stands in the link.
    pub fn text(&self) -> String {
        encode(&[&self.number.to_be_bytes(), self.secret.expose()])
    }

    /// What the store keeps of the token.
    pub fn hash(&self) -> [u8; 32] {
        token_hash(self.secret.expose())
    }
}

/// The token of the link that opens the set-up page.
pub struct SetUpToken {
    /// What the kept hash is of.
    pub secret: Secret<{ SetUpToken::SECRET_BYTES }>,
}

impl SetUpToken {
    /// Random bytes of the token.
    pub const SECRET_BYTES: usize = 16;

    /// Reads what [`SetUpToken::text`] writes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let secret = Secret::from_slice(&decode(text)?)?;
        Some(Self { secret })
    }

    /// The token as it stands in the link.
    pub fn text(&self) -> String {
        encode(&[self.secret.expose()])
    }

    /// What the store keeps of the token.
    pub fn hash(&self) -> [u8; 32] {
        token_hash(self.secret.expose())
    }
}

fn encode(parts: &[&[u8]]) -> String {
    let bytes = Zeroizing::new(parts.concat());
    BASE64URL_NOPAD.encode(&bytes)
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    Some(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionId = SessionId([7; 16]);

    fn key(byte: u8) -> Secret<32> {
        Secret::new([byte; 32])
    }

    /// The name of a kind, a text of it, and whether the kind takes a given text.
    type Kind = (&'static str, String, fn(&str) -> bool);

    fn kinds() -> [Kind; 4] {
        let session = SessionToken {
            session: SESSION,
            secret: Secret::new([1; 32]),
        };
        let refresh = RefreshToken {
            session: SESSION,
            counter: 3,
        };
        let link = LinkToken {
            number: 9,
            secret: Secret::new([2; 16]),
        };
        let set_up = SetUpToken {
            secret: Secret::new([3; 16]),
        };
        [
            ("session", session.text(), |text| {
                SessionToken::parse(text).is_some()
            }),
            ("refresh", refresh.text(&key(4)), |text| {
                RefreshToken::parse(text, &key(4)).is_some()
            }),
            ("link", link.text(), |text| LinkToken::parse(text).is_some()),
            ("set-up", set_up.text(), |text| {
                SetUpToken::parse(text).is_some()
            }),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let session = SessionToken {
            session: SESSION,
            secret: Secret::new([1; 32]),
        };
        let read = SessionToken::parse(&session.text()).unwrap();
        assert_eq!(read.session, SESSION);
        assert_eq!(read.secret.expose(), &[1; 32]);
        assert_eq!(read.hash(), token_hash(&[1; 32]));

        for counter in [0, 1, u32::MAX] {
            let refresh = RefreshToken {
                session: SESSION,
                counter,
            };
            let read = RefreshToken::parse(&refresh.text(&key(4)), &key(4));
            assert_eq!(read, Some(refresh));
        }

        let link = LinkToken {
            number: u64::MAX - 1,
            secret: Secret::new([2; 16]),
        };
        let read = LinkToken::parse(&format!(" {}\n", link.text())).unwrap();
        assert_eq!(read.number, u64::MAX - 1);
        assert_eq!(read.secret.expose(), &[2; 16]);
        assert_eq!(read.hash(), token_hash(&[2; 16]));

        let set_up = SetUpToken {
            secret: Secret::new([3; 16]),
        };
        let read = SetUpToken::parse(&set_up.text()).unwrap();
        assert_eq!(read.secret.expose(), &[3; 16]);
        assert_eq!(read.hash(), token_hash(&[3; 16]));
    }

    #[test]
    fn a_wrong_length_is_refused() {
        for (kind, text, takes) in kinds() {
            assert!(takes(&text), "{kind}");
            let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
            for length in 0..bytes.len() {
                let shorter = BASE64URL_NOPAD.encode(bytes.get(..length).unwrap());
                assert!(!takes(&shorter), "{kind}, {length} bytes");
            }
            for more in [&[0][..], &[0, 0, 0], &[0; 100]] {
                let longer = BASE64URL_NOPAD.encode(&[&bytes, more].concat());
                assert!(!takes(&longer), "{kind}, {} bytes more", more.len());
            }
        }
    }

    #[test]
    fn anything_behind_or_beside_the_text_is_refused() {
        for (kind, text, takes) in kinds() {
            for wrong in [
                format!("{text}="),
                format!("{text}.{text}"),
                format!("{text}A"),
                format!("{text}\0"),
                format!("{text} x"),
                text.replacen(|_: char| true, "+", 1),
                text.replacen(|_: char| true, "ä", 1),
                String::new(),
            ] {
                assert!(!takes(&wrong), "{kind}: {wrong}");
            }
            let is_pasted = takes(&format!("{text} "));
            assert_eq!(is_pasted, kind == "link", "{kind} with a space behind it");
        }
    }

    /// The last letter of a text can have bits that belong to no byte; they must be zero.
    #[test]
    fn a_token_has_one_text_only() {
        let mut loose = BASE64URL_NOPAD.specification();
        loose.check_trailing_bits = false;
        let loose = loose.encoding().unwrap();
        let bytes = |text: &str| loose.decode(text.as_bytes()).unwrap();
        let mut others = 0;
        for (kind, text, takes) in kinds() {
            let (before, last) = text.split_at(text.len() - 1);
            let letters = ('A'..='Z').chain('a'..='z').chain('0'..='9');
            for letter in letters.chain(['-', '_']) {
                let other = format!("{before}{letter}");
                if !last.starts_with(letter) && bytes(&other) == bytes(&text) {
                    assert!(!takes(&other), "{kind}: {other}");
                    others += 1;
                }
            }
        }
        // Of refresh and set-up tokens, whose last letter has four such bits.
        assert_eq!(others, 2 * 15);
    }

    /// Neither the session nor the counter can be changed without the key.
    #[test]
    fn a_refresh_token_with_a_wrong_mac_is_refused() {
        let refresh = RefreshToken {
            session: SESSION,
            counter: 3,
        };
        let text = refresh.text(&key(4));
        assert_eq!(RefreshToken::parse(&text, &key(5)), None);
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                let text = BASE64URL_NOPAD.encode(&changed);
                assert_eq!(RefreshToken::parse(&text, &key(4)), None, "byte {at}");
            }
        }
    }
}
