//! The two ends of a tray's messages: the inbox that it reads, and the handle that ends it from another thread.

use super::message::Message;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// After this long the desktop is taken to hold the main thread up.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Ends a tray from another thread.
#[derive(Clone)]
pub struct TrayHandle {
    sender: Sender<Message>,
    inbox: Weak<()>,
}

/// The messages that a tray reads.
pub struct Inbox {
    pub(super) sender: Sender<Message>,
    pub(super) receiver: Receiver<Message>,
    /// Kept for as long as the tray runs.
    pub(super) alive: Arc<()>,
}

impl TrayHandle {
    /// A handle, and the inbox that it writes to.
    pub fn new() -> (Self, Inbox) {
        let (sender, receiver) = channel();
        let inbox = Inbox {
            sender: sender.clone(),
            receiver,
            alive: Arc::new(()),
        };
        let handle = Self {
            sender,
            inbox: Arc::downgrade(&inbox.alive),
        };
        (handle, inbox)
    }

    /// Ends the tray; and the process with `exit_code`, if a bus or a screen that does not answer holds the main
    /// thread up.
    pub fn end(self, exit_code: u8) {
        // A tray that has ended by itself reads no more.
        let _ = self.sender.send(Message::End);
        let watching = std::thread::Builder::new().name("tray-end".into());
        let _ = watching.spawn(move || {
            std::thread::sleep(TIMEOUT);
            if self.inbox.strong_count() > 0 {
                tracing::warn!(
                    event = "tray.held_up",
                    "the desktop does not answer, so the tray is ended by force"
                );
                std::process::exit(exit_code.into());
            }
        });
    }
}
