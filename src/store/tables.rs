//! Every table of the store: name, key, value. The store can be read from this one file.
//!
//! Names carry the version of their layout. Values of type `bytes` are records: a version byte and
//! the domain type that the comment names, in postcard's format.

use super::error::StoreError;
use redb::{
    ReadTransaction, ReadableTableMetadata, Table, TableDefinition, TableError, WriteTransaction,
};
use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// A table that notes when it is lent for writing, so that a job which refuses can be asked whether it
/// has written anything.
pub(super) struct Tracked<'t, K: redb::Key + 'static, V: redb::Value + 'static> {
    table: Table<'t, K, V>,
    written: Rc<Cell<bool>>,
}

impl<'t, K: redb::Key + 'static, V: redb::Value + 'static> Deref for Tracked<'t, K, V> {
    type Target = Table<'t, K, V>;

    fn deref(&self) -> &Self::Target {
        &self.table
    }
}

impl<K: redb::Key + 'static, V: redb::Value + 'static> DerefMut for Tracked<'_, K, V> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.written.set(true);
        &mut self.table
    }
}

macro_rules! catalogue {
    ($($(#[$doc:meta])* $constant:ident $field:ident $name:literal: $key:ty => $value:ty;)*) => {
        $($(#[$doc])*
        pub(super) const $constant: TableDefinition<'static, $key, $value> =
            TableDefinition::new($name);)*

        /// Every table, open for writing.
        pub(super) struct Tables<'t> {
            $(pub(super) $field: Tracked<'t, $key, $value>,)*
            /// Whether anything was written since it was last set to `false`.
            pub(super) written: Rc<Cell<bool>>,
        }

        impl<'t> Tables<'t> {
            /// Opens, and so creates, every table.
            pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, TableError> {
                let written = Rc::new(Cell::new(false));
                Ok(Self {
                    $($field: Tracked {
                        table: transaction.open_table($constant)?,
                        written: Rc::clone(&written),
                    },)*
                    written,
                })
            }
        }

        /// Bytes that all tables take up; one that was never written takes up none.
        pub(super) fn used_bytes(transaction: &ReadTransaction) -> Result<u64, StoreError> {
            let mut bytes = 0;
            $(match transaction.open_table($constant) {
                Ok(table) => {
                    let table = table.stats()?;
                    bytes += table.stored_bytes() + table.metadata_bytes() + table.fragmented_bytes();
                }
                Err(TableError::TableDoesNotExist(_)) => {}
                Err(error) => return Err(error.into()),
            })*
            Ok(bytes)
        }
    };
}

catalogue! {
    /// What there is one of: `schema` (big-endian `u32`), and records: `identity`
    /// (`store::instance::Identity`), `pepper` (`domain::seal::Sealed`), `set_up`
    /// (`domain::set_up::SetUp`), `next_user`, `next_team`, `next_notice`, `next_invitation`,
    /// `next_impersonation` (`u64`), `audit_checkpoint` (`domain::audit::Checkpoint`), `pause`
    /// (`domain::pause::Pause`), `passwords_bound` (`bool`).
    META meta "meta_1": &'static str => &'static [u8];
    /// User id → `domain::user::User`.
    USERS users "users_1": u64 => &'static [u8];
    /// Folded e-mail address → user id.
    EMAILS emails "emails_1": &'static str => u64;
    /// User id → `domain::password::PasswordHash`.
    PASSWORDS passwords "passwords_1": u64 => &'static [u8];
    /// User id → `domain::enrolment::Factor`; present while the second factor is on.
    FACTORS factors "factors_1": u64 => &'static [u8];
    /// User id → the last generation of a factor that this person had or was shown.
    GENERATIONS generations "generations_1": u64 => u64;
    /// Session id → `domain::enrolment::PendingFactor`.
    PENDING_FACTORS pending_factors "pending_factors_1": [u8; 16] => &'static [u8];
    /// User id → `domain::recovery::RecoveryCodes`.
    RECOVERY recovery "recovery_1": u64 => &'static [u8];
    /// User id → `domain::lockout::Lockout`; absent while nothing is counted.
    LOCKOUTS lockouts "lockouts_1": u64 => &'static [u8];
    /// Session id → `domain::session::Session`; removed when the session ends.
    SESSIONS sessions "sessions_1": [u8; 16] => &'static [u8];
    /// (User id, session id): the sessions of one person.
    USER_SESSIONS user_sessions "user_sessions_1": (u64, [u8; 16]) => ();
    /// (User id, notice id) → `domain::notice::Notice`.
    NOTICES notices "notices_1": (u64, u64) => &'static [u8];
    /// Team id → `domain::team::Team`.
    TEAMS teams "teams_1": u64 => &'static [u8];
    /// Folded name of a team → team id.
    TEAM_NAMES team_names "team_names_1": &'static str => u64;
    /// (User id, team id) → `domain::team::Membership`.
    MEMBERS members "members_1": (u64, u64) => &'static [u8];
    /// (Team id, user id): the members of one team.
    TEAM_MEMBERS team_members "team_members_1": (u64, u64) => ();
    /// Invitation id → `domain::invitation::Invitation`; removed when accepted, withdrawn or replaced.
    INVITATIONS invitations "invitations_1": u64 => &'static [u8];
    /// Folded e-mail address, line feed, team id or 0 → the id of the one invitation to this address for
    /// this team. A second line feed at the end: the owner of the account with this address is not
    /// shown it. The address alone: written before there could be more than one.
    INVITED invited "invited_1": &'static str => u64;
    /// User id → `domain::link::PasswordLink`; removed when used.
    PASSWORD_LINKS password_links "password_links_1": u64 => &'static [u8];
    /// (Actor's session id, impersonation's session id): what runs, and from where.
    IMPERSONATIONS impersonations "impersonations_1": ([u8; 16], [u8; 16]) => ();
    /// (Target's user id, impersonation number) → `domain::impersonation::Past`.
    PAST_IMPERSONATIONS past_impersonations "past_impersonations_1": (u64, u64) => &'static [u8];
    /// Key id → `store::instance::SigningKeyRecord`.
    SIGNING_KEYS signing_keys "signing_keys_1": &'static str => &'static [u8];
    /// Row number, from 1, or from the one behind the checkpoint, without a gap → the 32 bytes of the
    /// chain's hash, then a record of `domain::audit::Event`.
    AUDIT audit "audit_1": u64 => &'static [u8];
}
