//! Floor 3: the icon in the tray and its menu. The tray is a client of the service like the command line, also of a
//! service in its own process, with which it shares nothing but a [`TrayHandle`].
//!
//! ```text
//! watch (runtime): looks at the service ── Message::State ──┐
//! native: a click in the menu ──────────── Message::Act ────┼─> controller (main thread) ── View ──> native
//! TrayHandle: the service has ended ────── Message::End ────┘        └─ asks the service, opens, copies
//! ```

mod controller;
mod event_loop;
mod handle;
mod headless;
pub mod icon;
pub mod menu;
mod message;
mod native;
mod news;
mod options;
mod requests;
mod service_address;
mod watch;

pub use handle::{Inbox, TrayHandle};
pub use headless::{cure, reason};
pub use message::Ending;
pub use options::{OpenAtStart, Options};
pub use service_address::ServiceAddress;

use controller::Controller;
use std::sync::Arc;
use tokio::sync::Notify;

/// Shows the tray until it is to end. To be called on the main thread.
pub fn run(options: Options, inbox: Inbox) -> Ending {
    let nudge = Arc::new(Notify::new());
    let watcher = watch::Watcher {
        address: options.address.clone(),
        access: options.access,
        has_log: options.log.is_some(),
        autostart: options.autostart.clone(),
        clock: Arc::clone(&options.clock),
        nudge: Arc::clone(&nudge),
        messages: inbox.sender.clone(),
    };
    let watching = options.runtime.spawn(watcher.run());
    let controller = Controller::new(options, nudge, inbox.sender.clone());
    let alive = Arc::clone(&inbox.alive);
    let ending = native::run(controller, inbox);
    drop(alive);
    watching.abort();
    ending
}
