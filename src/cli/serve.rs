//! `vestibule serve`: the service, until it is told to end.

use super::failure::{Failure, Outcome};
use super::global::Global;
use super::{dispatch, output};
use crate::app::{self, Opened, Running, Sources, bind};
use crate::config::{Config, Format};
use crate::platform::paths::DataDirectory;
use crate::platform::{account, desktop, logging, process, service_manager, shutdown};
use crate::service::Services;
use clap::Args;
use serde_json::json;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Run the service.
#[derive(Args, Clone, Default)]
pub(super) struct Serve {
    /// Where to listen: `localhost:PORT` for IPv4 and IPv6, or one address with a port.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Show an icon in the tray, where there is a desktop.
    #[arg(long, conflicts_with = "no_tray")]
    pub(super) tray: bool,
    /// Show none, which is so unless it is asked for.
    #[arg(long)]
    no_tray: bool,
}

/// Who opens the set-up page on the first run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opener {
    /// Nobody: there is no desktop, or none was asked for.
    Nobody,
    /// The tray of this process.
    Tray,
    /// The service: the tray runs in another process, and opens nothing by itself.
    Service,
}

/// What is to be served, before anything is opened or made.
pub(super) struct Plan {
    pub(super) config: Config,
    pub(super) directory: DataDirectory,
    /// Who opens the set-up page on the first run.
    pub(super) opener: Opener,
    /// Whether the start is printed as JSON.
    json: bool,
}

impl Plan {
    pub(super) fn new(global: &Global, command: &Serve) -> Result<Self, Failure> {
        let flags: Vec<(String, String)> = command
            .listen
            .iter()
            .map(|address| ("server.listen".to_owned(), address.clone()))
            .collect();
        let config = dispatch::load(global, &flags)?.config;
        let directory = dispatch::directory(global, &config)?;
        Ok(Self {
            config,
            directory,
            opener: Opener::Nobody,
            json: global.json,
        })
    }

    /// Starts the log, on standard error or in a file.
    pub(super) fn start_log(&self, file: Option<&Path>) -> io::Result<()> {
        let level = self.config.log.level.name();
        let as_json = self.config.log.format == Format::Json;
        match file {
            Some(file) => logging::start_in_file(level, as_json, file),
            None => {
                logging::start(level, as_json);
                Ok(())
            }
        }
    }
}

pub(super) async fn run(global: &Global, command: &Serve) -> Outcome {
    let plan = Plan::new(global, command)?;
    plan.start_log(None)
        .map_err(|error| Failure::missing(&error.into()))?;
    until_told_to_end(plan).await
}

/// Serves until a signal, a request or a failure of the store ends it.
pub(super) async fn until_told_to_end(plan: Plan) -> Outcome {
    process::harden();
    let config = &plan.config;
    // Before anything is opened or made, since a wrong pair of files is a fault of the configuration.
    app::tls(config).map_err(|error| Failure::Usage(format!("{error:#}")))?;
    // Before the start is announced: from then on a signal may come.
    let mut signals =
        shutdown::Signals::listen().map_err(|error| Failure::missing(&error.into()))?;
    let directory = plan.directory.clone();
    let start = async {
        let sources = Sources::of_machine()?;
        let opened = Opened::in_directory(directory, config, &sources, true);
        // The lock is taken before the port, so that a second start says that the first one runs.
        let opened = opened.await?;
        let listeners = bind(config).await?;
        Running::start(opened, listeners, config, &sources).await
    };
    let mut running = start.await.map_err(|error| Failure::missing(&error))?;
    announce(&plan, &running).await;
    service_manager::ready(&running.services().settings().base_url);
    let feeding = tokio::spawn(feed_watchdog(Arc::clone(running.services())));
    let services = Arc::clone(running.services());
    let ended = tokio::select! {
        signal = signals.requested() => Ok(signal),
        () = services.upkeep.asked_to_stop() => Ok("a request"),
        reason = running.failed() => Err(reason),
    };
    feeding.abort();
    service_manager::stopping();
    match ended {
        Ok(asked_by) => {
            tracing::info!(event = "service.ending", asked_by, "ending");
            running.stop().await;
            Ok(())
        }
        Err(reason) => {
            running.stop().await;
            Err(Failure::Missing(format!(
                "the store failed and could not be reopened: {reason}. Check the disk, then start again"
            )))
        }
    }
}

/// Tells the service manager again and again that the service is alive, each time after a look at the store. A disk
/// that is full or fails gives an error; one that never answers must end in a restart.
async fn feed_watchdog(services: Arc<Services>) {
    let Some(interval) = service_manager::watchdog_interval() else {
        return;
    };
    loop {
        services.upkeep.is_ready().await;
        service_manager::alive();
        tokio::time::sleep(interval).await;
    }
}

/// Says where the service is. The set-up link is printed on a terminal alone, and goes to no log and into no pipe.
async fn announce(plan: &Plan, running: &Running) {
    let services = running.services();
    let base_url = &services.settings().base_url;
    for address in running.addresses() {
        tracing::info!(event = "service.listening", %address, "listening");
    }
    let claimed = services.people.is_claimed().unwrap_or(true);
    if plan.json {
        output::document(&json!({ "url": base_url, "claimed": claimed }));
        return;
    }
    output::line(&format!(
        "Vestibule is running on {base_url}{}.",
        if output::is_terminal() {
            " (Ctrl-C ends it)"
        } else {
            ""
        }
    ));
    if claimed {
        return;
    }
    match plan.opener {
        // The link is printed, and the same one is opened below: a second one would void it.
        _ if output::is_terminal() => {}
        Opener::Nobody => {
            let hint = "Nobody has claimed it yet: `vestibule setup-url` makes the one-time link.";
            return output::line(hint);
        }
        Opener::Tray => return,
        Opener::Service => {}
    }
    let operator = account::name_of(account::own());
    match services.people.new_set_up_link_for(&operator).await {
        Ok(link) => {
            if output::is_terminal() {
                output::line(&format!(
                    "To set it up, open this one-time link within 24 hours:\n\n    {link}\n"
                ));
            }
            if plan.opener != Opener::Nobody
                && let Err(error) = desktop::open(&link)
            {
                tracing::warn!(event = "set_up.not_opened", %error, "nothing on this desktop opens a page");
            }
        }
        Err(error) => {
            tracing::warn!(event = "set_up.no_link", %error, "no set-up link could be made");
        }
    }
}
