//! Floor 5: the command line. It is a client of the same API as every other, as the operator; only `serve` makes an
//! instance.
//!
//! Exit codes: 0 done, 1 refused, 2 usage, 3 service, store or instance not there.

mod audit;
mod config;
mod desktop;
mod dispatch;
mod doctor;
mod failure;
mod find;
mod global;
mod output;
mod password;
mod pause;
mod serve;
mod set_up;
mod team;
mod user;

use clap::{CommandFactory, Parser, Subcommand};
use failure::{Failure, Outcome};
use global::Global;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Two-factor sign-in for small teams, on their own machine, in one file.
///
/// Without a command it is what a double-click starts: service and tray, or, where the service runs
/// already, its dashboard. Without a desktop it serves, as `vestibule serve` does.
#[derive(Parser)]
#[command(name = "vestibule", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service until Ctrl-C or SIGTERM; the first run makes the instance.
    Serve(serve::Serve),
    /// Show the icon of a running service in the tray.
    Tray,
    /// Make a new one-time link to the set-up page; the link before it is void.
    SetupUrl,
    /// Accounts.
    #[command(subcommand)]
    User(user::User),
    /// Teams and their members.
    #[command(subcommand)]
    Team(team::Team),
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Whether people may sign in.
    #[command(subcommand)]
    SignIns(pause::SignIns),
    /// Say what is wrong with the instance and this machine, and what to do about it.
    Doctor,
    /// The configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print the completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// How long the runtime's last threads are waited for at the end.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The whole command line, of which the manual is made.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command that `arguments` give; the value is the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; the library knows which stream each belongs to.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let json = cli.global.json;
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::missing(&error.into()))
        .and_then(|runtime| {
            let outcome = start(&cli.global, cli.command, &runtime);
            // The tray may still be asking a desktop that does not answer.
            runtime.shutdown_timeout(TIMEOUT);
            outcome
        });
    let Err(failure) = outcome else {
        return ExitCode::SUCCESS;
    };
    output::error(failure.text(), json);
    ExitCode::from(failure.exit_code())
}

/// The tray belongs on the main thread; everything else runs on the runtime.
fn start(global: &Global, command: Option<Command>, runtime: &Runtime) -> Outcome {
    let Some(asked) = command else {
        return desktop::double_clicked(global, runtime);
    };
    match asked {
        Command::Tray => desktop::attach(global, runtime),
        Command::Serve(asked) if asked.tray => {
            desktop::serve(serve::Plan::new(global, &asked)?, global, runtime)
        }
        Command::Serve(asked) => runtime.block_on(serve::run(global, &asked)),
        Command::SetupUrl => runtime.block_on(set_up::run(global)),
        Command::User(asked) => runtime.block_on(user::run(global, asked)),
        Command::Team(asked) => runtime.block_on(team::run(global, asked)),
        Command::Audit(asked) => runtime.block_on(audit::run(global, asked)),
        Command::SignIns(asked) => runtime.block_on(pause::run(global, &asked)),
        Command::Doctor => runtime.block_on(doctor::run(global)),
        Command::Config(asked) => config::run(global, &asked),
        Command::Completions { shell } => {
            output::completions(shell, &mut self::command());
            Ok(())
        }
    }
}
