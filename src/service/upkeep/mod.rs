//! What keeps an instance well: made and unlocked, looked after, examined, and its audit log read.

pub mod audit;
mod clock_watch;
pub mod condition;
pub mod doctor;
pub mod finding;
pub mod health;
mod housekeeping;
pub mod instance;
mod instance_error;
mod log_filler;
mod sweep;

use super::core::context::Client;
use super::core::error::Error;
use super::core::jobs::Core;
use super::entry::Entry;
use clock_watch::ClockWatch;
use condition::Condition;
use std::sync::{Arc, Mutex};
use sweep::Sweep;

/// The use cases of the service itself.
pub struct Upkeep {
    core: Arc<Core>,
    entry: Arc<Entry>,
    clock_watch: ClockWatch,
    sweep: Sweep,
    /// What the last look at readiness found.
    last_seen: Mutex<Option<(Condition, bool)>>,
    stop_asked: tokio::sync::watch::Sender<bool>,
}

impl Upkeep {
    pub(super) fn new(core: Arc<Core>, entry: Arc<Entry>) -> Self {
        Self {
            core,
            entry,
            clock_watch: ClockWatch::default(),
            sweep: Sweep::default(),
            last_seen: Mutex::new(None),
            stop_asked: tokio::sync::watch::Sender::new(false),
        }
    }

    /// Tells when the store has failed for good; the value is the reason.
    pub fn failure(&self) -> tokio::sync::watch::Receiver<Option<String>> {
        self.core.store.failure()
    }

    /// Asks the process that runs the service to end it.
    pub fn ask_to_stop(&self, operator: &str) {
        tracing::info!(
            event = "service.stop_asked",
            operator,
            "asked over the local socket to end"
        );
        self.stop_asked.send_replace(true);
    }

    /// Waits until the end was asked for.
    pub async fn asked_to_stop(&self) {
        let mut asked = self.stop_asked.subscribe();
        // The sender lives as long as the use cases do.
        let _ = asked.wait_for(|asked| *asked).await.map(|_| ());
    }

    /// What is due from time to time: called about once a minute, and before the end.
    pub async fn tick(&self) {
        self.clock_watch.look(self.core.now());
        self.entry.release_idle();
        if let Err(error) = self.end_impersonations().await {
            tracing::warn!(event = "impersonation.not_ended", %error, "impersonations that are over could not be ended");
        }
        if let Err(error) = self.core.write_refusals().await {
            tracing::warn!(event = "audit.not_written", %error, "refusals could not be written to the audit log");
        }
    }

    /// Ends the impersonations that are over, so that history and audit log tell it. They stop working
    /// at the moment when they no longer stand; this only writes it down.
    async fn end_impersonations(&self) -> Result<(), Error> {
        // A disk at rest stays at rest.
        if !self.core.store.read(|read| read.has_running())? {
            return Ok(());
        }
        let client = Client::default();
        let ended = self.core.run(&client, |context, write| {
            Ok(context.sweep_impersonations(write)?)
        });
        ended.await
    }

    /// Finishes queued writes and closes the store.
    pub fn close(&self) {
        self.core.store.close();
    }
}
