//! The audit log: what happened, to whom, by whom, each row chained to the one before.
//!
//! `hash(n) = HMAC-SHA256(audit key, hash(n-1) ‖ n ‖ row)`: without the key nobody can edit,
//! swap or drop a row unseen, but for a cut at the end, which a head kept elsewhere shows. Rows
//! that are no longer kept are cut off behind a checkpoint, which holds the last one's number and
//! hash under the same key.

use super::id::{SessionId, UserId};
use super::secret::{Secret, equal, keyed_hash};
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A caller who is not signed in.
    Anonymous,
    /// A user.
    User(UserId),
    /// The operator, by the operating system's name.
    Operator(String),
    /// The service.
    Service,
    /// A user who acts as another.
    Impersonator {
        /// Who acts.
        actor: UserId,
        /// In whose name.
        target: UserId,
        /// The impersonation's code, which its token has too.
        code: String,
    },
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What was done. Only ever extended at its end: the store keeps the position.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action { $($(#[$doc])* $name,)* }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

actions! {
    /// The instance was made.
    InstanceCreated = "instance.created",
    /// A set-up link was made; the one before is void.
    SetUpLinkMade = "set_up.link_made",
    /// The first administrator claimed the instance.
    SetUpClaimed = "set_up.claimed",
    /// The right password.
    PasswordAccepted = "sign_in.password_accepted",
    /// Wrong passwords, summed up per minute and account.
    PasswordRefused = "sign_in.password_refused",
    /// The right code: the sign-in is finished.
    SignedIn = "sign_in.finished",
    /// A right code in a full session.
    SteppedUp = "code.stepped_up",
    /// A wrong code.
    CodeRefused = "code.refused",
    /// A code that had been used before.
    CodeReplayed = "code.replayed",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_code.used",
    /// New recovery codes were made.
    RecoveryCodesRenewed = "recovery_code.renewed",
    /// A seed was shown for enrolment.
    EnrolmentStarted = "second_factor.enrolment_started",
    /// The second factor was switched on.
    FactorEnabled = "second_factor.enabled",
    /// The second factor was moved to another device.
    FactorReplaced = "second_factor.replaced",
    /// The second factor was switched off.
    FactorDisabled = "second_factor.disabled",
    /// The second factor was removed by an administrator.
    FactorReset = "second_factor.reset",
    /// Too many wrong codes in a row.
    FactorLocked = "second_factor.locked",
    /// The lock was lifted.
    FactorUnlocked = "second_factor.unlocked",
    /// The password was changed by its owner.
    PasswordChanged = "password.changed",
    /// The password was set by an administrator.
    PasswordSet = "password.set",
    /// A used refresh token was shown again: the session ended.
    RefreshReused = "session.refresh_reused",
    /// A session ended by its owner.
    SignedOut = "session.signed_out",
    /// An account was made.
    UserCreated = "user.created",
    /// Roles were set.
    RolesSet = "user.roles_set",
    /// An account was archived.
    UserArchived = "user.archived",
    /// An archived account was restored.
    UserRestored = "user.restored",
    /// A new key signs tokens from now on.
    SigningKeyMade = "signing_key.made",
    /// An account's address or names were changed.
    UserChanged = "user.changed",
    /// A one-time link to set a password was made; the one before is void.
    PasswordLinkMade = "password.link_made",
    /// The password was set by such a link.
    PasswordRestored = "password.restored",
    /// A person was invited.
    Invited = "invitation.made",
    /// An invitation was withdrawn.
    InvitationWithdrawn = "invitation.withdrawn",
    /// An invitation was accepted: an account was made, or one joined the team.
    InvitationAccepted = "invitation.accepted",
    /// A person made an account for themselves.
    SignedUp = "user.signed_up",
    /// A team was made.
    TeamCreated = "team.created",
    /// A team's name or support mark was changed.
    TeamChanged = "team.changed",
    /// A team was deleted, with its memberships.
    TeamDeleted = "team.deleted",
    /// A user became a member of a team.
    MemberAdded = "team.member_added",
    /// A member's role was changed.
    MemberChanged = "team.member_changed",
    /// A member left a team, or was removed.
    MemberRemoved = "team.member_removed",
    /// A session was ended from another one.
    SessionEnded = "session.ended",
    /// A member of the support team began to act as another user.
    ImpersonationStarted = "impersonation.started",
    /// That ended.
    ImpersonationEnded = "impersonation.ended",
    /// A user tried to, and may not.
    ImpersonationRefused = "impersonation.refused",
    /// The owner changed names or settings of the account.
    ProfileChanged = "user.profile_changed",
    /// Months that are no longer kept were cut off, behind a checkpoint.
    AuditPruned = "audit.pruned",
    /// Sign-ins were paused.
    SignInsPaused = "sign_ins.paused",
    /// The pause of sign-ins ended.
    SignInsResumed = "sign_ins.resumed",
    /// The owner of an account declined an invitation to join.
    InvitationDeclined = "invitation.declined",
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Unix seconds.
    pub at: u64,
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub actor: Actor,
    /// Whose account it concerns.
    pub user: Option<UserId>,
    /// The session it was done in.
    pub session: Option<SessionId>,
    /// Where the request came from.
    pub address: String,
    /// What else there is to say, in a few words; never a secret.
    pub detail: String,
}

/// A hash of the chain.
pub type ChainHash = [u8; 32];

/// What the first row is chained to.
pub const GENESIS: ChainHash = [0; 32];

/// The chain's hash after row `number` with the stored bytes `row`.
pub fn link(key: &Secret<32>, before: &ChainHash, number: u64, row: &[u8]) -> ChainHash {
    keyed_hash(key, &[before, &number.to_be_bytes(), row])
}

/// Where a chain begins whose first rows are no longer kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The last row that was cut off.
    pub number: u64,
    /// Its hash.
    pub hash: ChainHash,
    /// Proof that this service cut it off.
    seal: ChainHash,
}

impl Checkpoint {
    /// A checkpoint behind row `number` with the chain's hash `hash`.
    pub fn new(key: &Secret<32>, number: u64, hash: ChainHash) -> Self {
        Self {
            number,
            hash,
            seal: Self::seal(key, number, &hash),
        }
    }

    /// Whether this service made it.
    pub fn is_genuine(&self, key: &Secret<32>) -> bool {
        equal(&self.seal, &Self::seal(key, self.number, &self.hash))
    }

    /// No link has these bytes: a row is a record, which begins with its version.
    fn seal(key: &Secret<32>, number: u64, hash: &ChainHash) -> ChainHash {
        link(key, hash, number, b"\xffvestibule audit checkpoint 1")
    }
}

/// Walks a chain, row by row.
pub struct ChainVerifier<'a> {
    key: &'a Secret<32>,
    number: u64,
    hash: ChainHash,
}

impl<'a> ChainVerifier<'a> {
    /// A walk from the first row on.
    pub fn new(key: &'a Secret<32>) -> Self {
        Self::after(key, 0, GENESIS)
    }

    /// A walk from the row behind `number` on, whose hash is `hash`.
    pub fn after(key: &'a Secret<32>, number: u64, hash: ChainHash) -> Self {
        Self { key, number, hash }
    }

    /// Takes the next row: whether it has the next number and its hash follows from all before.
    pub fn accepts(&mut self, number: u64, row: &[u8], hash: &ChainHash) -> bool {
        let expected = link(self.key, &self.hash, number, row);
        let right = number == self.number + 1 && equal(&expected, hash);
        self.number = number;
        self.hash = *hash;
        right
    }

    /// Number and hash of the last row taken.
    pub fn head(&self) -> (u64, ChainHash) {
        (self.number, self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_a_removal_and_a_swap_are_found() {
        let key = Secret::new([4; 32]);
        let mut rows = Vec::new();
        let mut hash = GENESIS;
        for number in 1..=20_u64 {
            let row = format!("row {number}").into_bytes();
            hash = link(&key, &hash, number, &row);
            rows.push((number, row, hash));
        }
        let intact = |rows: &[(u64, Vec<u8>, ChainHash)]| {
            let mut verifier = ChainVerifier::new(&key);
            rows.iter()
                .all(|(number, row, hash)| verifier.accepts(*number, row, hash))
        };
        assert!(intact(&rows));
        for at in 0..rows.len() {
            let mut edited = rows.clone();
            edited[at].1[0] ^= 1;
            assert!(!intact(&edited));
            if at + 1 < rows.len() {
                let mut removed = rows.clone();
                removed.remove(at);
                assert!(!intact(&removed));
                let mut swapped = rows.clone();
                let row = swapped[at].1.clone();
                swapped[at].1 = std::mem::replace(&mut swapped[at + 1].1, row);
                assert!(!intact(&swapped));
            }
        }
    }
}
