//! The tray of this process: its lock, its options, and what starts at login.

use crate::cli::global::Global;
use crate::cli::serve::Plan;
use crate::platform::clock::SystemClock;
use crate::platform::desktop::autostart::Autostart;
use crate::platform::files;
use crate::platform::paths::{self, DataDirectory};
use crate::platform::shutdown::Signals;
use crate::tray::menu::Access;
use crate::tray::{self, OpenAtStart, Options, ServiceAddress, TrayHandle};
use std::fs::File;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The lock of the one tray; `None` if another has it, or there is no place for it.
pub(super) fn lock(directory: &DataDirectory, access: Access) -> Option<File> {
    let path = match access {
        Access::SameProcess | Access::Socket if files::other_owner(directory.root()).is_none() => {
            directory.tray_lock()
        }
        _ => paths::tray_lock_beside()?,
    };
    files::lock(&path).ok().flatten()
}

/// Options of a tray that opens nothing by itself.
pub(super) fn options(
    plan: &Plan,
    global: &Global,
    address: ServiceAddress,
    access: Access,
    runtime: &Runtime,
) -> Options {
    Options {
        address,
        access,
        runtime: runtime.handle().clone(),
        open_at_start: OpenAtStart::Nothing,
        notifications: plan.config.tray.notifications,
        log: None,
        autostart: autostart(global, access),
        clock: Arc::new(SystemClock::new(0)),
    }
}

/// Shows the tray until the user closes it or a signal ends this process.
pub(super) fn show(options: Options) {
    let (handle, inbox) = TrayHandle::new();
    options.runtime.spawn(async move {
        if let Ok(mut signals) = Signals::listen() {
            signals.requested().await;
            handle.end(0);
        }
    });
    tray::run(options, inbox);
}

/// What starts at login: the tray alone beside an installed service, else all that a double-click starts.
fn autostart(global: &Global, access: Access) -> Option<Autostart> {
    let mut arguments = Vec::new();
    if access == Access::HealthOnly {
        arguments.push("tray".to_owned());
    }
    // At login the environment of this start is not there.
    let directory = global.data_dir.clone();
    let directory = directory.or_else(paths::data_directory_from_environment);
    let named = [
        ("--config", global.config.clone()),
        ("--data-dir", directory),
    ];
    for (flag, path) in named {
        if let Some(path) = path {
            let path = std::path::absolute(&path).ok()?;
            arguments.extend([flag.to_owned(), path.to_str()?.to_owned()]);
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Autostart::of_account(&arguments)
}
