//! The ways to start that have to do with a desktop: the double-click, `serve --tray` and `tray`.
//!
//! ```text
//! vestibule        service runs, tray too ──> dashboard          serve --tray  service and tray here
//!                  service runs, no tray  ──> dashboard, tray    tray          tray alone
//!                  no service             ──> service and tray here
//! ```

use super::serve::{self, Opener, Plan, Serve};
use super::{Failure, Global, Outcome, output};
use crate::client::{Client, ClientError};
use crate::config::Config;
use crate::platform::clock::SystemClock;
use crate::platform::desktop::autostart::Autostart;
use crate::platform::desktop::session_bus;
use crate::platform::paths::{self, DataDirectory};
use crate::platform::{desktop, files, logging};
use crate::tray::menu::Access;
use crate::tray::{self, Control, Ending, Greeting, Reach, Remote};
use serde_json::json;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How often a service that is just starting is looked for.
const LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// After this long an address does not answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same of the service of one's own directory, which may be at something long.
const PATIENCE_WITH_OURS: Duration = Duration::from_secs(5);

/// Titles of what somebody is told who reads no standard error.
const FAILED: &str = "Vestibule does not run";
const SILENT: &str = "Vestibule does not answer";

/// A service that answers already.
struct Found {
    reach: Reach,
    base_url: String,
    is_claimed: bool,
}

impl Found {
    fn access(&self) -> Access {
        match self.reach {
            Reach::Socket(_) => Access::Partner,
            Reach::Address { .. } => Access::Beside,
        }
    }
}

/// `vestibule` without a command.
pub(super) fn double_clicked(global: &Global, runtime: &Runtime) -> Outcome {
    let plan = Plan::new(global, &Serve::default());
    let plan = plan.inspect_err(|failure| tell_of_failure(FAILED, failure))?;
    let wants_tray = desktop::has_display() && plan.config.tray.enabled;
    let Some(found) = runtime
        .block_on(find(&plan))
        .inspect_err(|failure| tell_of_failure(SILENT, failure))?
    else {
        if is_anothers(&plan) {
            let text = "the service that is installed on this machine does not run: start it with `systemctl start vestibule`, or run one of your own with `vestibule serve`";
            let _ = session_bus::notify(FAILED, text);
            return Err(Failure::Missing(text.into()));
        }
        let outcome = match wants_tray {
            true => serve(plan, global, runtime),
            false => runtime.block_on(serve::run(global, &Serve::default())),
        };
        return match outcome {
            // Somebody else was quicker by a moment: then this is the second start.
            Err(Failure::InUse(text)) => {
                let plan = Plan::new(global, &Serve::default())?;
                let found = runtime.block_on(find(&plan));
                let found = found.inspect_err(|failure| tell_of_failure(SILENT, failure))?;
                let found = found.ok_or(Failure::InUse(text))?;
                second_start(&plan, &found, global, runtime)
            }
            other => other,
        };
    };
    second_start(&plan, &found, global, runtime)
}

/// Whoever double-clicked reads no standard error.
fn tell_of_failure(title: &str, failure: &Failure) {
    let _ = session_bus::notify(title, failure.told().1);
}

/// Opens the dashboard of a service that runs, and shows the tray if nothing does.
fn second_start(plan: &Plan, found: &Found, global: &Global, runtime: &Runtime) -> Outcome {
    let has_display = desktop::has_display();
    let wants_tray = has_display && plan.config.tray.enabled;
    if global.json {
        output::document(&json!({ "url": found.base_url, "claimed": found.is_claimed }));
    } else {
        output::line(&format!("Vestibule is running on {}.", found.base_url));
    }
    if !has_display {
        return Ok(());
    }
    let lock = tray_lock(&plan.directory, found.access());
    match lock.filter(|_| wants_tray && session_bus::tray_host().is_reachable()) {
        Some(_lock) => {
            let reach = found.reach.clone();
            let control = control(plan, global, reach, found.access(), runtime);
            show(control, Greeting::Dashboard);
            Ok(())
        }
        None => runtime.block_on(open(found)),
    }
}

/// `vestibule serve --tray`, and the double-click where nothing runs yet.
pub(super) fn serve(mut plan: Plan, global: &Global, runtime: &Runtime) -> Outcome {
    let log = log_file(&plan)?;
    plan.start_log(log.as_deref())
        .map_err(|error| Failure::Missing(format!("the log cannot be written: {error}")))?;
    let lock = match files::private_directory(plan.directory.root()) {
        Ok(()) => tray_lock(&plan.directory, Access::Own),
        Err(_) => None,
    };
    let reach = Reach::Socket(plan.directory.socket());
    let mut control = control(&plan, global, reach, Access::Own, runtime);
    control.log = log;
    // Where the link is printed, another one would void it.
    control.greeting = match output::is_terminal() {
        true => Greeting::Unseen,
        false => Greeting::FirstRun,
    };
    plan.opener = match lock {
        _ if !desktop::has_display() => Opener::Nobody,
        Some(_) => Opener::Tray,
        None => Opener::Service,
    };
    let (remote, line) = Remote::new();
    let service = runtime.spawn(async move {
        // The tray ends with the service, however that ends.
        let outcome = tokio::spawn(serve::carry_out(plan)).await;
        let outcome = outcome.unwrap_or_else(|error| Err(Failure::missing(&error.into())));
        remote.end(outcome.as_ref().err().map_or(0, |failure| failure.told().0));
        outcome
    });
    let ending = lock.map(|lock| {
        let ending = tray::run(control, line);
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
        // Whoever double-clicked reads no standard error.
        let (_, text) = failure.told();
        tracing::error!(event = "service.failed", error = %text, "the service has failed");
        let _ = session_bus::notify(FAILED, text);
    }
    outcome
}

/// `vestibule tray`.
pub(super) fn attach(global: &Global, runtime: &Runtime) -> Outcome {
    let plan = Plan::new(global, &Serve::default())?;
    let host = session_bus::tray_host();
    if !host.is_reachable() {
        let reason = tray::reason(host).unwrap_or_default();
        return Err(Failure::Missing(format!("{reason}: {}", tray::cure(host))));
    }
    // One that does not answer now may do so later.
    let found = runtime.block_on(find(&plan)).ok().flatten();
    let reach = match &found {
        Some(found) => found.reach.clone(),
        None => expected(&plan),
    };
    let access = match &reach {
        Reach::Socket(_) => Access::Partner,
        Reach::Address { .. } => Access::Beside,
    };
    let Some(_lock) = tray_lock(&plan.directory, access) else {
        output::line("The tray is there already.");
        return Ok(());
    };
    plan.start_log(None)
        .map_err(|error| Failure::missing(&error.into()))?;
    if access == Access::Beside {
        tracing::info!(
            event = "tray.beside",
            "the service is another account's: the tray shows its health and its pages"
        );
    }
    show(
        control(&plan, global, reach, access, runtime),
        Greeting::Silence,
    );
    Ok(())
}

fn show(mut control: Control, greeting: Greeting) {
    control.greeting = greeting;
    let (remote, line) = Remote::new();
    control.runtime.spawn(async move {
        if let Ok(mut signals) = crate::platform::shutdown::Signals::listen() {
            signals.requested().await;
            remote.end(0);
        }
    });
    tray::run(control, line);
}

fn control(
    plan: &Plan,
    global: &Global,
    reach: Reach,
    access: Access,
    runtime: &Runtime,
) -> Control {
    Control {
        reach,
        access,
        runtime: runtime.handle().clone(),
        greeting: Greeting::Silence,
        notifications: plan.config.tray.notifications,
        log: None,
        autostart: autostart(global, access),
        clock: Arc::new(SystemClock::new(0)),
    }
}

/// What starts at login: the tray alone beside an installed service, else all that a double-click
/// starts.
fn autostart(global: &Global, access: Access) -> Option<Autostart> {
    let mut arguments = Vec::new();
    if access == Access::Beside {
        arguments.push("tray".to_owned());
    }
    // A login knows nothing of the environment of this start.
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

/// The file for the log of a service whose standard error nobody reads.
fn log_file(plan: &Plan) -> Result<Option<std::path::PathBuf>, Failure> {
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

/// The lock of the one tray; `None` if another has it, or there is no place for it.
fn tray_lock(directory: &DataDirectory, access: Access) -> Option<File> {
    let path = match access {
        Access::Own | Access::Partner if files::other_owner(directory.root()).is_none() => {
            directory.tray_lock()
        }
        _ => paths::tray_lock_beside()?,
    };
    files::lock(&path).ok().flatten()
}

/// Opens the dashboard, or, while there is no administrator, the set-up page.
async fn open(found: &Found) -> Outcome {
    let mut target = found.base_url.clone();
    if let (false, Reach::Socket(path)) = (found.is_claimed, &found.reach)
        && let Ok(client) = Client::connect(path).await
        && let Ok(made) = client.new_set_up_link().await
    {
        target = made.url;
    }
    desktop::open(&target).map_err(|error| {
        Failure::Missing(format!(
            "no browser could be opened ({error}): open {} yourself",
            found.base_url
        ))
    })
}

/// The service that answers, if one does; one that is just starting is waited for.
///
/// # Errors
/// If one runs and does not answer.
async fn find(plan: &Plan) -> Result<Option<Found>, Failure> {
    for look in 0..LOOKS {
        if look > 0 {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let socket = plan.directory.socket();
        let client = match Client::connect(&socket).await {
            Ok(client) => client,
            Err(ClientError::NotRunning) if files::is_locked(&plan.directory.lock()) => continue,
            Err(_) => return Ok(beside(&plan.config).await),
        };
        let status = tokio::time::timeout(PATIENCE_WITH_OURS, client.status()).await;
        let status = status.map_err(|_| {
            let root = plan.directory.root().display();
            Failure::Missing(format!(
                "the service of {root} runs and does not answer: wait a moment, or end its process `vestibule` and start it again"
            ))
        })?;
        if let Ok(status) = status {
            return Ok(Some(Found {
                reach: Reach::Socket(socket),
                base_url: status.base_url,
                is_claimed: status.claimed,
            }));
        }
    }
    Ok(None)
}

/// The service of another account on the configured address.
async fn beside(config: &Config) -> Option<Found> {
    let reach = address(config)?;
    let Reach::Address {
        at,
        base_url,
        is_plain,
    } = &reach
    else {
        return None;
    };
    let look = async {
        let client = Client::connect_to(*at).await.ok()?;
        if !is_plain {
            return Some(());
        }
        let health = client.live().await.ok()?;
        (health.status == "live").then_some(())
    };
    tokio::time::timeout(PATIENCE, look).await.ok()??;
    Some(Found {
        base_url: base_url.clone(),
        is_claimed: true,
        reach,
    })
}

fn address(config: &Config) -> Option<Reach> {
    let at = config.server.listen.first().filter(|at| at.port() != 0)?;
    Some(Reach::Address {
        at: *at,
        base_url: config.server.base_url.clone(),
        is_plain: config.server.tls.is_none(),
    })
}

/// Where the service will be that is not there yet.
fn expected(plan: &Plan) -> Reach {
    match address(&plan.config).filter(|_| is_anothers(plan)) {
        Some(address) => address,
        None => Reach::Socket(plan.directory.socket()),
    }
}

/// Whether the service of this machine is another account's: an installed one, unless there is an
/// instance of one's own.
fn is_anothers(plan: &Plan) -> bool {
    let is_theirs = files::other_owner(plan.directory.root()).is_some();
    is_theirs || (paths::is_installed() && !plan.directory.store().exists())
}
