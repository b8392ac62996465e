//! All that a tray needs to start.

use super::menu::Access;
use super::service_address::ServiceAddress;
use crate::platform::clock::Clock;
use crate::platform::desktop::autostart::Autostart;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;

/// All that a tray needs to start.
pub struct Options {
    /// Where the service is.
    pub address: ServiceAddress,
    /// What the tray may do with it.
    pub access: Access,
    /// Where the tray waits for the service.
    pub runtime: Handle,
    /// What is opened without a click.
    pub open_at_start: OpenAtStart,
    /// Whether news for administrators are shown as notifications.
    pub notifications: bool,
    /// The service's log file.
    pub log: Option<PathBuf>,
    /// The switch for starting at login.
    pub autostart: Option<Autostart>,
    /// Tells how long ago something was.
    pub clock: Arc<dyn Clock>,
}

/// What is opened without a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenAtStart {
    /// Nothing.
    Nothing,
    /// The dashboard, where no icon can be seen.
    DashboardIfNoIcon,
    /// The set-up page on the first run, else the dashboard where no icon can be seen.
    SetUpOrDashboardIfNoIcon,
    /// The set-up page while there is no administrator, else the dashboard.
    SetUpOrDashboard,
}
