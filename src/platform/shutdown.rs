//! The end of the service: the signals that ask for it, and how all that runs is told to stop.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The signals that ask for the end, listened for from the moment that this is made, and the one
/// that must not end it.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// The end of a terminal or session; `None` if this process was started to ignore it.
    hangup: Option<Signal>,
    /// Listened for so that it does not end the process: a write beyond a limit on the size of files
    /// is an error of the store like a full disk, which it waits for.
    _too_large: Signal,
}

impl Signals {
    /// Begins to listen for SIGINT, SIGTERM and, unless it is ignored, as under `nohup`, SIGHUP, which then no longer end the process by themselves.
    ///
    /// # Errors
    /// If the signals cannot be listened for.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: match super::process::ignores_hangup() {
                true => None,
                false => Some(signal(SignalKind::hangup())?),
            },
            _too_large: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }

    /// Waits for one of them and says which came.
    pub async fn requested(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
            () = hung_up(self.hangup.as_mut()) => "SIGHUP",
        }
    }
}

async fn hung_up(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            let _ = signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// By which all that runs learns that it is to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Tells all that runs to stop; so does its drop.
pub struct Stopper(watch::Sender<bool>);

/// A stopper and what it stops.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Tells it.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until the service is to stop.
    pub async fn asked(&mut self) {
        // An error means that the stopper was dropped, which means the same.
        let _ = self.0.wait_for(|stop| *stop).await.map(|_| ());
    }
}
