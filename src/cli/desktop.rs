//! The ways to start that have to do with a desktop: the double-click, `serve --tray` and `tray`.
//!
//! ```text
//! vestibule        service runs, tray too ──> dashboard          serve --tray  service and tray here
//!                  service runs, no tray  ──> dashboard, tray    tray          tray alone
//!                  no service             ──> service and tray here
//! ```

mod running;
mod tray;

use super::failure::{Failure, Outcome};
use super::global::Global;
use super::output;
use super::serve::{self, Opener, Plan, Serve};
use crate::client::Client;
use crate::platform::desktop::session_bus;
use crate::platform::{desktop, files, logging};
use crate::tray::menu::Access;
use crate::tray::{self as tray_room, Ending, OpenAtStart, ServiceAddress, TrayHandle};
use running::RunningService;
use serde_json::json;
use std::path::PathBuf;
use tokio::runtime::Runtime;

/// Titles of notifications: after a double-click nobody reads standard error.
const NOT_RUNNING: &str = "Vestibule does not run";
const NOT_ANSWERING: &str = "Vestibule does not answer";

/// `vestibule` without a command.
pub(super) fn double_clicked(global: &Global, runtime: &Runtime) -> Outcome {
    let plan = Plan::new(global, &Serve::default());
    let plan = plan.inspect_err(|failure| notify(NOT_RUNNING, failure.text()))?;
    let wants_tray = desktop::has_display() && plan.config.tray.enabled;
    if let Some(service) = find(&plan, runtime)? {
        return second_start(&plan, &service, global, runtime);
    }
    if running::is_of_another_account(&plan) {
        let text = "the service that is installed on this machine does not run: start it with `systemctl start vestibule`, or run one of your own with `vestibule serve`";
        notify(NOT_RUNNING, text);
        return Err(Failure::Missing(text.into()));
    }
    let outcome = match wants_tray {
        true => serve(plan, global, runtime),
        false => runtime.block_on(serve::run(global, &Serve::default())),
    };
    match outcome {
        // Another start was quicker by a moment, so this is the second one.
        Err(Failure::InUse(text)) => {
            let plan = Plan::new(global, &Serve::default())?;
            let service = find(&plan, runtime)?.ok_or(Failure::InUse(text))?;
            second_start(&plan, &service, global, runtime)
        }
        other => other,
    }
}

fn find(plan: &Plan, runtime: &Runtime) -> Result<Option<RunningService>, Failure> {
    let found = runtime.block_on(running::find(plan));
    found.inspect_err(|failure| notify(NOT_ANSWERING, failure.text()))
}

fn notify(title: &str, text: &str) {
    let _ = session_bus::notify(title, text);
}

/// Opens the dashboard of a service that runs, and shows the tray if no other process does.
fn second_start(
    plan: &Plan,
    service: &RunningService,
    global: &Global,
    runtime: &Runtime,
) -> Outcome {
    let has_display = desktop::has_display();
    let wants_tray = has_display && plan.config.tray.enabled;
    if global.json {
        output::document(&json!({ "url": service.base_url, "claimed": service.is_claimed }));
    } else {
        output::line(&format!("Vestibule is running on {}.", service.base_url));
    }
    if !has_display {
        return Ok(());
    }
    let access = service.access();
    let lock = tray::lock(&plan.directory, access);
    match lock.filter(|_| wants_tray && session_bus::tray_host().is_reachable()) {
        Some(_lock) => {
            let address = service.address.clone();
            let mut options = tray::options(plan, global, address, access, runtime);
            options.open_at_start = OpenAtStart::SetUpOrDashboard;
            tray::show(options);
            Ok(())
        }
        None => runtime.block_on(open(service)),
    }
}

/// `vestibule serve --tray`, and the double-click where no service runs yet.
pub(super) fn serve(mut plan: Plan, global: &Global, runtime: &Runtime) -> Outcome {
    let log = log_file(&plan)?;
    plan.start_log(log.as_deref())
        .map_err(|error| Failure::Missing(format!("the log cannot be written: {error}")))?;
    let lock = match files::private_directory(plan.directory.root()) {
        Ok(()) => tray::lock(&plan.directory, Access::SameProcess),
        Err(_) => None,
    };
    let address = ServiceAddress::Socket(plan.directory.socket());
    let mut options = tray::options(&plan, global, address, Access::SameProcess, runtime);
    options.log = log;
    // Where the set-up link is printed, another one would void it.
    options.open_at_start = match output::is_terminal() {
        true => OpenAtStart::DashboardIfNoIcon,
        false => OpenAtStart::SetUpOrDashboardIfNoIcon,
    };
    plan.opener = match lock {
        _ if !desktop::has_display() => Opener::Nobody,
        Some(_) => Opener::Tray,
        None => Opener::Service,
    };
    let (handle, inbox) = TrayHandle::new();
    let service = runtime.spawn(async move {
        // The tray ends with the service, however that ends.
        let outcome = tokio::spawn(serve::until_told_to_end(plan)).await;
        let outcome = outcome.unwrap_or_else(|error| Err(Failure::missing(&error.into())));
        handle.end(outcome.as_ref().err().map_or(0, Failure::exit_code));
        outcome
    });
    let ending = lock.map(|lock| {
        let ending = tray_room::run(options, inbox);
        drop(lock);
        ending
    });
    if ending == Some(Ending::Quit) {
        tracing::info!(
            event = "tray.quit",
            "the tray has ended, the service runs on; `vestibule` shows the tray again"
        );
    }
    let outcome = runtime
        .block_on(service)
        .unwrap_or_else(|error| Err(Failure::missing(&error.into())));
    if let Err(failure @ (Failure::Missing(_) | Failure::Usage(_) | Failure::Refused(_))) = &outcome
    {
        let text = failure.text();
        tracing::error!(event = "service.failed", error = %text, "the service has failed");
        notify(NOT_RUNNING, text);
    }
    outcome
}

/// `vestibule tray`.
pub(super) fn attach(global: &Global, runtime: &Runtime) -> Outcome {
    let plan = Plan::new(global, &Serve::default())?;
    let host = session_bus::tray_host();
    if !host.is_reachable() {
        let reason = tray_room::reason(host).unwrap_or_default();
        let cure = tray_room::cure(host);
        return Err(Failure::Missing(format!("{reason}: {cure}")));
    }
    // A service that does not answer now may do so later.
    let service = runtime.block_on(running::find(&plan)).ok().flatten();
    let address = match service {
        Some(service) => service.address,
        None => running::expected(&plan),
    };
    let access = running::access_to(&address);
    let Some(_lock) = tray::lock(&plan.directory, access) else {
        output::line("The tray is there already.");
        return Ok(());
    };
    plan.start_log(None)
        .map_err(|error| Failure::missing(&error.into()))?;
    if access == Access::HealthOnly {
        tracing::info!(
            event = "tray.beside",
            "the service is another account's: the tray shows its health and its pages"
        );
    }
    tray::show(tray::options(&plan, global, address, access, runtime));
    Ok(())
}

/// The log file of a service whose standard error nobody reads.
fn log_file(plan: &Plan) -> Result<Option<PathBuf>, Failure> {
    if logging::is_read() {
        return Ok(None);
    }
    let root = plan.directory.root();
    files::private_directory(root).map_err(|error| {
        let root = root.display();
        Failure::Missing(format!("the data directory {root} cannot be used: {error}"))
    })?;
    Ok(Some(plan.directory.log()))
}

/// Opens the dashboard, or, while there is no administrator, the set-up page.
async fn open(service: &RunningService) -> Outcome {
    let mut target = service.base_url.clone();
    if let (false, ServiceAddress::Socket(path)) = (service.is_claimed, &service.address)
        && let Ok(client) = Client::connect(path).await
        && let Ok(made) = client.new_set_up_link().await
    {
        target = made.url;
    }
    desktop::open(&target).map_err(|error| {
        Failure::Missing(format!(
            "no browser could be opened ({error}): open {} yourself",
            service.base_url
        ))
    })
}
