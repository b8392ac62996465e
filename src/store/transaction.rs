//! What a reader and a job of the writer work with. The methods of both stand in `records`, one file a
//! noun.

use super::error::StoreError;
use super::tables::Tables;
use redb::ReadTransaction;

/// One read transaction: a snapshot. Held no longer than a request needs it, since it keeps old
/// pages from being used again.
pub struct Read {
    pub(super) transaction: ReadTransaction,
}

/// One job's view of the write transaction: it sees what the jobs before it did.
pub struct Write<'t> {
    pub(super) tables: Tables<'t>,
}

/// Gives the same methods to [`Read`] and [`Write`].
macro_rules! both {
    ($($body:tt)*) => {
        impl $crate::store::transaction::Read { $($body)* }
        impl $crate::store::transaction::Write<'_> { $($body)* }
    };
}
pub(super) use both;

impl Read {
    /// A table for reading.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(super) fn open<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: redb::TableDefinition<'static, K, V>,
    ) -> Result<redb::ReadOnlyTable<K, V>, StoreError> {
        Ok(self.transaction.open_table(definition)?)
    }
}

impl<'t> Write<'t> {
    /// Opens, and so creates, every table.
    ///
    /// # Errors
    /// If one cannot be opened.
    pub(super) fn open(transaction: &'t redb::WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            tables: Tables::open(transaction)?,
        })
    }

    /// A new job has written nothing yet.
    pub(super) fn begin_job(&self) {
        self.tables.written.set(false);
    }

    /// Whether the job that runs has written anything.
    pub fn has_written(&self) -> bool {
        self.tables.written.get()
    }
}
