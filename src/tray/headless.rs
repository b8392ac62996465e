//! Why no icon can be seen, and what to do about it. The service runs on without one.

use crate::platform::desktop;
use crate::platform::desktop::session_bus::TrayHost;

/// Why no icon can be seen; `None` if one can.
pub fn reason(host: TrayHost) -> Option<&'static str> {
    match host {
        TrayHost::Present => None,
        TrayHost::NoBus => Some("there is no desktop session here, so no tray icon is shown"),
        TrayHost::Silent => Some("this desktop session does not answer, so no tray icon is shown"),
        TrayHost::Nobody => Some("nothing on this desktop shows tray icons"),
    }
}

/// What to do about it.
pub fn cure(host: TrayHost) -> &'static str {
    match host {
        TrayHost::Present => "",
        TrayHost::NoBus => {
            "use the dashboard in a browser and `vestibule` on the command line, or start it within a desktop session"
        }
        TrayHost::Silent => {
            "use the dashboard in a browser; it helps to sign out of the desktop and in again"
        }
        TrayHost::Nobody if desktop::name().contains("GNOME") => {
            "install GNOME's extension \"AppIndicator and KStatusNotifierItem Support\" (Debian: gnome-shell-extension-appindicator) and sign in anew; until then use the dashboard"
        }
        TrayHost::Nobody => {
            "add the status tray (StatusNotifier) to a panel, on GNOME by the extension \"AppIndicator and KStatusNotifierItem Support\"; until then use the dashboard"
        }
    }
}
