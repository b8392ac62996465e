//! Floor 3: the icon in the tray and its menu. The tray is a client of the service like the command
//! line, also of a service in its own process, and shares nothing with it but a [`Remote`].
//!
//! ```text
//! watch (runtime): looks at the service ── Message::State ──┐
//! native: a click in the menu ──────────── Message::Act ────┼─> desk (main thread) ── View ──> native
//! Remote: the service has ended ────────── Message::End ────┘        └─ asks the service, opens, copies
//! ```

mod desk;
mod event_loop;
mod headless;
pub mod icon;
pub mod menu;
mod native;
mod watch;

pub use headless::{cure, reason};
pub use watch::Reach;

use crate::platform::clock::Clock;
use crate::platform::desktop::autostart::Autostart;
use desk::Desk;
use menu::{Access, Act, Panel, State};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// What reaches the desk.
enum Message {
    /// How the service is now.
    State(State),
    /// Something was clicked.
    Act(Act),
    /// The colours of the panel.
    Panel(Panel),
    /// Nobody shows the icon.
    Unseen,
    /// The service has something to open, which an act asked for.
    Open(String),
    /// Something that an administrator should know.
    News { title: &'static str, body: String },
    /// Something that was clicked could not be done; why.
    Failed(String),
    /// The service has ended, or whoever runs the tray wants its end.
    End,
}

/// What is opened without a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// Nothing.
    Silence,
    /// The dashboard where no icon can be seen.
    Unseen,
    /// That, and the set-up page on the first run.
    FirstRun,
    /// The dashboard, or the set-up page while there is no administrator.
    Dashboard,
}

/// All that a tray needs.
pub struct Control {
    /// How the service is reached.
    pub reach: Reach,
    /// Whose it is.
    pub access: Access,
    /// Where the tray waits for the service.
    pub runtime: Handle,
    /// What is opened without a click.
    pub greeting: Greeting,
    /// Whether what an administrator should know is told at once.
    pub notifications: bool,
    /// The service's log file.
    pub log: Option<PathBuf>,
    /// The switch for starting at login.
    pub autostart: Option<Autostart>,
    /// What tells how long ago something was.
    pub clock: Arc<dyn Clock>,
}

/// After this long the desktop holds the main thread up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends a tray from another thread.
#[derive(Clone)]
pub struct Remote {
    sender: Sender<Message>,
    line: Weak<()>,
}

/// What a tray listens to.
pub struct Line {
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    /// Kept for as long as the tray runs.
    alive: Arc<()>,
}

impl Remote {
    /// A remote, and the line that it speaks on.
    pub fn new() -> (Self, Line) {
        let (sender, receiver) = channel();
        let line = Line {
            sender: sender.clone(),
            receiver,
            alive: Arc::new(()),
        };
        let remote = Self {
            sender,
            line: Arc::downgrade(&line.alive),
        };
        (remote, line)
    }

    /// Ends the tray; and the process with `exit_code`, if a bus or a screen that does not answer holds
    /// the main thread up.
    pub fn end(self, exit_code: u8) {
        // A tray that has ended by itself listens no more.
        let _ = self.sender.send(Message::End);
        let watching = std::thread::Builder::new().name("tray-end".into());
        let _ = watching.spawn(move || {
            std::thread::sleep(PATIENCE);
            if self.line.strong_count() > 0 {
                tracing::warn!(
                    event = "tray.held_up",
                    "the desktop does not answer, so the tray is ended by force"
                );
                std::process::exit(exit_code.into());
            }
        });
    }
}

/// Why a tray has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its owner wants it gone; the service runs on.
    Quit,
    /// The service was told to end, or has ended.
    Stopped,
}

/// Shows the tray until it is to end. To be called on the main thread.
pub fn run(control: Control, line: Line) -> Ending {
    let nudge = Arc::new(Notify::new());
    let watch = watch::Watch {
        reach: control.reach.clone(),
        access: control.access,
        has_log: control.log.is_some(),
        autostart: control.autostart.clone(),
        clock: Arc::clone(&control.clock),
        nudge: Arc::clone(&nudge),
        messages: line.sender.clone(),
    };
    let watching = control.runtime.spawn(watch.run());
    let desk = Desk::new(control, nudge, line.sender.clone());
    let alive = Arc::clone(&line.alive);
    let ending = native::run(desk, line);
    drop(alive);
    watching.abort();
    ending
}
