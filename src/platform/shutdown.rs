//! The end of the service: the signals that ask for it, and the word that goes round.

use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Waits for SIGINT or SIGTERM and says which came.
///
/// # Errors
/// If the signals cannot be listened for.
pub async fn requested() -> io::Result<&'static str> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    })
}

/// The word to stop, on its way to everything that runs.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Gives the word to stop; so does its end.
pub struct Stopper(watch::Sender<bool>);

/// A stopper and what it stops.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Gives the word.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits for the word.
    pub async fn asked(&mut self) {
        // An error means that the stopper is gone, which is the word too.
        let _ = self.0.wait_for(|stop| *stop).await.map(|_| ());
    }
}
