//! The bus of a desktop session: whether a panel shows trays, what colours it likes, and
//! notifications. Linux alone has one; elsewhere the system's own tray is always there.

#[cfg(all(unix, not(target_os = "macos")))]
pub use bus::{notify, prefers_dark, tray_host};
#[cfg(any(windows, target_os = "macos"))]
pub use system::{notify, prefers_dark, tray_host};

/// Whether an icon can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayHost {
    /// There is no session bus: no desktop, or one that was not passed on.
    NoBus,
    /// There is a bus, and nobody on it who shows icons, as on a plain GNOME.
    Nobody,
    /// Somebody shows icons.
    Present,
}

#[cfg(all(unix, not(target_os = "macos")))]
mod bus {
    use super::TrayHost;
    use std::collections::HashMap;
    use zbus::blocking::Connection;
    use zbus::zvariant::{OwnedValue, Value};

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    /// Asks the session who shows tray icons.
    pub fn tray_host() -> TrayHost {
        let Ok(bus) = Connection::session() else {
            return TrayHost::NoBus;
        };
        let answer: zbus::Result<OwnedValue> = bus
            .call_method(
                Some(WATCHER),
                "/StatusNotifierWatcher",
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &(WATCHER, "IsStatusNotifierHostRegistered"),
            )
            .and_then(|reply| reply.body().deserialize());
        match answer.as_deref() {
            Ok(Value::Bool(true)) => TrayHost::Present,
            _ => TrayHost::Nobody,
        }
    }

    /// Whether the desktop asks for dark colours; `None` where it has no say in it.
    pub fn prefers_dark() -> Option<bool> {
        let bus = Connection::session().ok()?;
        let reply = bus.call_method(
            Some("org.freedesktop.portal.Desktop"),
            "/org/freedesktop/portal/desktop",
            Some("org.freedesktop.portal.Settings"),
            "ReadOne",
            &("org.freedesktop.appearance", "color-scheme"),
        );
        let value: OwnedValue = reply.ok()?.body().deserialize().ok()?;
        match u32::try_from(value).ok()? {
            1 => Some(true),
            2 => Some(false),
            _ => None,
        }
    }

    /// Shows a notification.
    ///
    /// # Errors
    /// If there is no bus, or nobody on it who shows notifications.
    pub fn notify(summary: &str, body: &str) -> zbus::Result<()> {
        let hints: HashMap<&str, Value<'_>> = HashMap::new();
        let actions: Vec<&str> = Vec::new();
        let bus = Connection::session()?;
        let seconds_by_the_desktop = -1_i32;
        bus.call_method(
            Some("org.freedesktop.Notifications"),
            "/org/freedesktop/Notifications",
            Some("org.freedesktop.Notifications"),
            "Notify",
            &(
                "Vestibule",
                0_u32,
                "vestibule",
                summary,
                body,
                actions,
                hints,
                seconds_by_the_desktop,
            ),
        )?;
        Ok(())
    }
}

#[cfg(any(windows, target_os = "macos"))]
mod system {
    use super::TrayHost;

    /// The system shows icons itself.
    pub fn tray_host() -> TrayHost {
        TrayHost::Present
    }

    /// Icons are drawn for a dark panel, and have their own colours.
    pub fn prefers_dark() -> Option<bool> {
        None
    }

    /// Shows a notification.
    ///
    /// # Errors
    /// If the system does not show it.
    pub fn notify(summary: &str, body: &str) -> Result<(), notify_rust::error::Error> {
        let mut notification = notify_rust::Notification::new();
        let notification = notification
            .appname("Vestibule")
            .summary(summary)
            .body(body);
        notification.show().map(|_| ())
    }
}
