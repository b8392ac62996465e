//! What reaches the controller, and how it ends.

use super::menu::{Act, Panel, State};

/// What reaches the controller.
pub(super) enum Message {
    /// How the service is now.
    State(State),
    /// Something was clicked.
    Act(Act),
    /// The colours of the panel.
    Panel(Panel),
    /// Nothing on this desktop shows icons.
    IconNotShown,
    /// What an act asked the service for, to be opened.
    Open(String),
    /// Something that an administrator should know.
    News { title: &'static str, body: String },
    /// Why an act could not be done.
    ActFailed(String),
    /// The service has ended, or the owner of the [`super::TrayHandle`] wants the tray to end.
    End,
}

/// Why a tray has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The user closed it; the service runs on.
    Quit,
    /// The service was told to end, or has ended.
    Stopped,
}
