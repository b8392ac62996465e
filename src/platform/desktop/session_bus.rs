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
    /// There is a bus, and it does not answer.
    Silent,
    /// There is a bus, and no panel on it that shows icons, as on a plain GNOME.
    Nobody,
    /// A panel shows icons.
    Present,
}

impl TrayHost {
    /// Whether the session could be asked, so that an icon may be shown sooner or later.
    pub fn is_reachable(self) -> bool {
        matches!(self, Self::Nobody | Self::Present)
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod bus {
    use super::TrayHost;
    use std::collections::HashMap;
    use std::sync::mpsc::channel;
    use std::time::Duration;
    use zbus::blocking::Connection;
    use zbus::blocking::connection::Builder;
    use zbus::zvariant::{OwnedValue, Value};

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    /// After this long a program on the bus does not answer.
    const PATIENCE: Duration = Duration::from_secs(2);
    /// After this long the bus itself does not.
    const PATIENCE_WITH_THE_BUS: Duration = Duration::from_secs(4);

    /// Asks something on the bus of the session. Bus and programs may hang, and nothing may hang with
    /// them: so it is asked beside, and waited for only so long.
    fn ask<T: Send + 'static>(
        question: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> Result<T, TrayHost> {
        let (sender, receiver) = channel();
        let asking = std::thread::Builder::new().name("session-bus".into());
        let asking = asking.spawn(move || {
            let bus = Builder::session().and_then(|bus| bus.method_timeout(PATIENCE).build());
            let _ = sender.send(bus.map(|bus| question(&bus)));
        });
        if asking.is_err() {
            return Err(TrayHost::NoBus);
        }
        match receiver.recv_timeout(PATIENCE_WITH_THE_BUS) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(TrayHost::NoBus),
            Err(_) => Err(TrayHost::Silent),
        }
    }

    /// Asks the session who shows tray icons.
    pub fn tray_host() -> TrayHost {
        let is_there = ask(|bus| {
            let answer: zbus::Result<OwnedValue> = bus
                .call_method(
                    Some(WATCHER),
                    "/StatusNotifierWatcher",
                    Some("org.freedesktop.DBus.Properties"),
                    "Get",
                    &(WATCHER, "IsStatusNotifierHostRegistered"),
                )
                .and_then(|reply| reply.body().deserialize());
            matches!(answer.as_deref(), Ok(Value::Bool(true)))
        });
        match is_there {
            Ok(true) => TrayHost::Present,
            Ok(false) => TrayHost::Nobody,
            Err(without) => without,
        }
    }

    /// Whether the desktop asks for dark colours; `None` where it has no say in it.
    pub fn prefers_dark() -> Option<bool> {
        let scheme = ask(|bus| {
            let reply = bus.call_method(
                Some("org.freedesktop.portal.Desktop"),
                "/org/freedesktop/portal/desktop",
                Some("org.freedesktop.portal.Settings"),
                "ReadOne",
                &("org.freedesktop.appearance", "color-scheme"),
            );
            let value: OwnedValue = reply.ok()?.body().deserialize().ok()?;
            u32::try_from(value).ok()
        });
        match scheme.ok()?? {
            1 => Some(true),
            2 => Some(false),
            _ => None,
        }
    }

    /// Shows a notification.
    ///
    /// # Errors
    /// If there is no bus, or no program on it that shows notifications.
    pub fn notify(summary: &str, body: &str) -> zbus::Result<()> {
        let (summary, body) = (summary.to_owned(), body.to_owned());
        let shown = ask(move |bus| {
            let hints: HashMap<&str, Value<'_>> = HashMap::new();
            let actions: Vec<&str> = Vec::new();
            let seconds_by_the_desktop = -1_i32;
            let message = (
                "Vestibule",
                0_u32,
                "vestibule",
                summary.as_str(),
                body.as_str(),
                actions,
                hints,
                seconds_by_the_desktop,
            );
            let notifications = "org.freedesktop.Notifications";
            let path = "/org/freedesktop/Notifications";
            bus.call_method(
                Some(notifications),
                path,
                Some(notifications),
                "Notify",
                &message,
            )
        });
        match shown {
            Ok(shown) => shown.map(|_| ()),
            Err(_) => Err(zbus::Error::Failure("no bus answers".into())),
        }
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
