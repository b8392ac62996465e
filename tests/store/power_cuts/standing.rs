//! What the store must say of a person, as the answers to their acts tell it.

use crate::harness::Answer;
use data_encoding::BASE64URL_NOPAD;
use std::collections::BTreeMap;
use vestibule::domain::user::Email;
use vestibule::store::{Read, StoreError};

/// What the store says of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub archived: bool,
    /// The step of the last code that was accepted, while the second factor is on.
    pub last_step: Option<u64>,
    /// Wrong codes since the last sign-in that was finished.
    pub failures: u32,
    pub recovery_codes: u32,
    /// The number of the good refresh token of each session; none while the code is still to come.
    pub sessions: BTreeMap<[u8; 16], Option<u32>>,
}

impl Standing {
    pub fn read(read: &Read, email: &str) -> Result<Option<Self>, StoreError> {
        let Some(id) = read.user_id_by_email(&Email::parse(email).unwrap())? else {
            return Ok(None);
        };
        let user = read.user(id)?.unwrap();
        let sessions = read.sessions_of(id)?.into_iter();
        Ok(Some(Self {
            archived: user.is_archived(),
            last_step: read.factor(id)?.map(|factor| factor.last_step),
            failures: read.lockout(id)?.unwrap_or_default().failed_since_sign_in,
            recovery_codes: read.recovery_codes(id)?.map_or(0, |codes| codes.left()),
            sessions: sessions
                .map(|session| (session.id.0, session.refresh.map(|refresh| refresh.counter)))
                .collect(),
        }))
    }
}

/// The session that an answer's tokens are of, and the number of its refresh token.
pub fn session_of(answer: &Answer) -> ([u8; 16], Option<u32>) {
    let refresh = answer.text_field("refreshToken");
    if refresh.is_empty() {
        return (id_in(&answer.text_field("accessToken")), None);
    }
    let bytes = BASE64URL_NOPAD.decode(refresh.as_bytes()).unwrap();
    let number = u32::from_be_bytes(bytes[16..20].try_into().unwrap());
    (id_in(&refresh), Some(number))
}

/// The session whose token this is, opaque or for a refresh.
pub fn id_in(token: &str) -> [u8; 16] {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
    bytes[..16].try_into().unwrap()
}
