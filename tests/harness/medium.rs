//! A medium in memory that survives reopening, and fails when told to.

use redb::StorageBackend;
use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The bytes and the faults; clones share them.
#[derive(Clone, Debug, Default)]
pub struct SharedMedium(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bytes: Mutex<Vec<u8>>,
    /// Writes, syncs and length changes until the fault; negative: none planned.
    until_fault: AtomicI64,
    /// Whether the fault stays until it is healed.
    lasting: Mutex<Option<io::ErrorKind>>,
    operations: AtomicU64,
    syncs: AtomicU64,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            bytes: Mutex::default(),
            until_fault: AtomicI64::new(-1),
            lasting: Mutex::default(),
            operations: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
        }
    }
}

impl SharedMedium {
    /// The operation after `count` others that change something fails, once.
    pub fn fail_after(&self, count: u64) {
        let count = i64::try_from(count).unwrap();
        self.0.until_fault.store(count, Ordering::SeqCst);
    }

    /// Every operation that changes something fails with `kind` until healed.
    pub fn fail_always(&self, kind: io::ErrorKind) {
        *self.0.lasting.lock().unwrap() = Some(kind);
    }

    /// Whether the planned fault has been met.
    pub fn fault_was_met(&self) -> bool {
        self.0.until_fault.load(Ordering::SeqCst) < 0
    }

    /// No fault any more.
    pub fn heal(&self) {
        self.0.until_fault.store(-1, Ordering::SeqCst);
        *self.0.lasting.lock().unwrap() = None;
    }

    /// Operations that changed something, or tried to.
    pub fn operations(&self) -> u64 {
        self.0.operations.load(Ordering::SeqCst)
    }

    /// How often the medium was synced.
    pub fn syncs(&self) -> u64 {
        self.0.syncs.load(Ordering::SeqCst)
    }

    /// A copy of the bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.bytes.lock().unwrap().clone()
    }

    /// Puts other bytes in their place.
    pub fn replace(&self, bytes: Vec<u8>) {
        *self.0.bytes.lock().unwrap() = bytes;
    }

    fn fault(&self) -> Result<(), io::Error> {
        self.0.operations.fetch_add(1, Ordering::SeqCst);
        if let Some(kind) = *self.0.lasting.lock().unwrap() {
            return Err(io::Error::from(kind));
        }
        let planned = self
            .0
            .until_fault
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                (left >= 0).then_some(left - 1)
            });
        match planned {
            Ok(0) => Err(io::Error::other("planned fault")),
            _ => Ok(()),
        }
    }
}

impl StorageBackend for SharedMedium {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.0.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let bytes = self.0.bytes.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        match bytes.get(start..start + out.len()) {
            Some(part) => out.copy_from_slice(part),
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        self.fault()?;
        let length = usize::try_from(length).unwrap();
        self.0.bytes.lock().unwrap().resize(length, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.fault()?;
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.fault()?;
        let mut bytes = self.0.bytes.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        match bytes.get_mut(start..start + data.len()) {
            Some(part) => part.copy_from_slice(data),
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
        Ok(())
    }
}
