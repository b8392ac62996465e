//! A key provider that keeps its key in memory, over restarts of the service.

use std::path::PathBuf;
use std::sync::Mutex;
use vestibule::domain::secret::Secret;
use vestibule::platform::entropy::{self, Entropy};
use vestibule::platform::key_provider::{KeyError, KeyProvider};

#[derive(Default)]
pub struct MemoryKey {
    prepared: Mutex<Option<Secret<32>>>,
    key: Mutex<Option<Secret<32>>>,
}

impl KeyProvider for MemoryKey {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn load(&self) -> Result<Option<Secret<32>>, KeyError> {
        Ok(self.key.lock().unwrap().clone())
    }

    fn load_prepared(&self) -> Result<Option<Secret<32>>, KeyError> {
        Ok(self.prepared.lock().unwrap().clone())
    }

    fn prepare(&self, entropy: &dyn Entropy) -> Result<Secret<32>, KeyError> {
        let key: Secret<32> = entropy::secret(entropy)?;
        *self.prepared.lock().unwrap() = Some(key.clone());
        Ok(key)
    }

    fn commit(&self) -> Result<(), KeyError> {
        let prepared = self.prepared.lock().unwrap().take();
        *self.key.lock().unwrap() = prepared;
        Ok(())
    }

    fn discard_prepared(&self) -> Result<(), KeyError> {
        *self.prepared.lock().unwrap() = None;
        Ok(())
    }

    fn location(&self) -> PathBuf {
        PathBuf::from("memory")
    }
}
