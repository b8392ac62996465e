//! A medium in memory that survives reopening, fails when told to, and can write down what it is asked.

use super::power::{Op, Trace};
use redb::StorageBackend;
use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a sync takes while it is written down.
const SYNC: Duration = Duration::from_millis(3);

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
    /// What it was asked since [`SharedMedium::record`]. Taken after `bytes`, so that the order is that of the bytes.
    trace: Mutex<Option<Trace>>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            bytes: Mutex::default(),
            until_fault: AtomicI64::new(-1),
            lasting: Mutex::default(),
            operations: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
            trace: Mutex::default(),
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

    /// A medium that holds these bytes.
    pub fn holding(bytes: Vec<u8>) -> Self {
        let medium = Self::default();
        medium.replace(bytes);
        medium
    }

    /// Another medium that holds the same.
    pub fn copy(&self) -> Self {
        Self::holding(self.bytes())
    }

    /// Writes down from now on what it is asked. Syncs take their time, as on a disk: who answers before
    /// one has returned is seen to do so.
    pub fn record(&self) {
        let bytes = self.0.bytes.lock().unwrap();
        *self.0.trace.lock().unwrap() = Some(Trace {
            base: bytes.clone(),
            ops: Vec::new(),
        });
    }

    /// Ends the record.
    pub fn recorded(&self) -> Trace {
        self.0.trace.lock().unwrap().take().unwrap_or_default()
    }

    /// Marks a place in the record.
    pub fn mark(&self, what: u32, number: u32) {
        self.note(|| Op::Mark(what, number));
    }

    fn note(&self, op: impl FnOnce() -> Op) {
        if let Some(trace) = self.0.trace.lock().unwrap().as_mut() {
            trace.ops.push(op());
        }
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
        let mut bytes = self.0.bytes.lock().unwrap();
        bytes.resize(length, 0);
        self.note(|| Op::SetLength(length));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.fault()?;
        if self.0.trace.lock().unwrap().is_some() {
            std::thread::sleep(SYNC);
        }
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        self.note(|| Op::Sync);
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
        self.note(|| Op::Write {
            offset: start,
            data: data.to_vec(),
        });
        Ok(())
    }
}
