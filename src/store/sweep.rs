//! The sweep of records that have lapsed: found by reading a part of each table at a time, removed in
//! small transactions that look at each once more.

use super::error::StoreError;
use super::records::record;
use super::tables;
use super::transaction::{Read, Write};
use crate::domain::enrolment::PendingFactor;
use crate::domain::housekeeping::{Horizon, Lapses};
use crate::domain::id::{SessionId, UserId};
use crate::domain::impersonation::Past;
use crate::domain::invitation::Invitation;
use crate::domain::link::PasswordLink;
use crate::domain::notice::Notice;
use crate::domain::session::Session;
use redb::{Key, ReadOnlyTable};
use serde::de::DeserializeOwned;
use std::ops::Bound;

macro_rules! swept {
    ($($table:ident $definition:ident: $key:ty => $value:ty, |$write:ident, $at:ident, $record:ident| $remove:expr;)*) => {
        /// How far a pass over each table has come; the beginning, at first and after the end.
        #[derive(Clone, Debug, Default)]
        pub struct Progress {
            $($table: Option<$key>,)*
        }

        impl Progress {
            /// Whether every table was read to its end.
            pub fn is_at_end(&self) -> bool {
                true $(&& self.$table.is_none())*
            }
        }

        /// Keys of records that have lapsed.
        #[derive(Clone, Debug, Default)]
        pub struct Lapsed {
            $($table: Vec<$key>,)*
        }

        impl Lapsed {
            /// How many there are.
            pub fn count(&self) -> usize {
                0 $(+ self.$table.len())*
            }

            /// Takes at most `most` of each table out.
            pub fn take(&mut self, most: usize) -> Self {
                Self {
                    $($table: self.$table.split_off(self.$table.len().saturating_sub(most)),)*
                }
            }
        }

        impl Read {
            /// What has lapsed among the next `rows` records of each table.
            ///
            /// # Errors
            /// If the store cannot be read or a record is damaged.
            pub fn lapsed(
                &self,
                horizon: Horizon,
                progress: &mut Progress,
                rows: usize,
            ) -> Result<Lapsed, StoreError> {
                Ok(Lapsed {
                    $($table: next_lapsed::<$key, $value>(
                        &self.open(tables::$definition)?,
                        horizon,
                        &mut progress.$table,
                        rows,
                    )?,)*
                })
            }
        }

        impl Write<'_> {
            /// Removes records, with what belongs to them, that still have lapsed; how many.
            ///
            /// # Errors
            /// If the store cannot be read or written, or a record is damaged.
            pub fn remove_lapsed(
                &mut self,
                lapsed: &Lapsed,
                horizon: Horizon,
            ) -> Result<usize, StoreError> {
                let mut count = 0;
                $(for key in &lapsed.$table {
                    let found: Option<$value> = record::get(&*self.tables.$table, *key)?;
                    if let Some($record) = found.filter(|record| record.has_lapsed(horizon)) {
                        let ($write, $at) = (&mut *self, *key);
                        $remove;
                        count += 1;
                    }
                })*
                Ok(count)
            }
        }
    };
}

// One line a table: its name, its definition, its key and record, and how a record is removed.
swept! {
    sessions SESSIONS: [u8; 16] => Session, |write, _id, session| write.end_session(session.user, session.id)?;
    pending_factors PENDING_FACTORS: [u8; 16] => PendingFactor, |write, id, _factor| write.delete_pending_factor(SessionId(id))?;
    password_links PASSWORD_LINKS: u64 => PasswordLink, |write, id, _link| write.delete_password_link(UserId(id))?;
    invitations INVITATIONS: u64 => Invitation, |write, _id, invitation| write.delete_invitation(&invitation)?;
    past_impersonations PAST_IMPERSONATIONS: (u64, u64) => Past, |write, key, _past| write.tables.past_impersonations.remove(key)?;
    notices NOTICES: (u64, u64) => Notice, |write, key, _notice| write.tables.notices.remove(key)?;
}

fn next_lapsed<K, V>(
    table: &ReadOnlyTable<K, &'static [u8]>,
    horizon: Horizon,
    progress: &mut Option<K>,
    rows: usize,
) -> Result<Vec<K>, StoreError>
where
    K: Key + Copy + 'static + for<'a> redb::Value<SelfType<'a> = K>,
    V: DeserializeOwned + Lapses,
{
    let begin = match *progress {
        Some(last) => Bound::Excluded(last),
        None => Bound::Unbounded,
    };
    let mut found = Vec::new();
    let mut last = None;
    let mut count = 0;
    for row in table.range::<K>((begin, Bound::Unbounded))?.take(rows) {
        let (key, value) = row?;
        let record: V = record::decode(value.value())?;
        if record.has_lapsed(horizon) {
            found.push(key.value());
        }
        last = Some(key.value());
        count += 1;
    }
    *progress = last.filter(|_| count == rows);
    Ok(found)
}
