//! Where time and randomness come from.

use crate::platform::clock::{Clock, SystemClock};
use crate::platform::entropy::{self, Entropy, SystemEntropy};
use std::sync::Arc;

/// Where time and randomness come from.
#[derive(Clone)]
pub struct Sources {
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Sources {
    /// Those of the machine.
    ///
    /// # Errors
    /// If there is no randomness to name this run with.
    pub fn of_machine() -> anyhow::Result<Self> {
        let run = u64::from_be_bytes(entropy::bytes(&SystemEntropy)?);
        Ok(Self {
            clock: Arc::new(SystemClock::new(run)),
            entropy: Arc::new(SystemEntropy),
        })
    }
}
