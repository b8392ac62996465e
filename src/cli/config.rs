//! `vestibule config`: what is configured, and where it comes from.

use super::failure::Outcome;
use super::global::Global;
use super::{dispatch, output};
use serde_json::{Map, json};

/// The configuration.
#[derive(clap::Subcommand)]
pub(super) enum ConfigCommand {
    /// Show every value and which layer set it.
    Show,
    /// Check all layers and say nothing more if they are right.
    Check,
}

pub(super) fn run(global: &Global, command: &ConfigCommand) -> Outcome {
    let loaded = dispatch::load(global, &[])?;
    match (command, global.json) {
        (ConfigCommand::Show, true) => {
            let keys: Map<_, _> = loaded
                .origins
                .into_iter()
                .map(|origin| {
                    (
                        origin.key,
                        json!({ "value": origin.value, "layer": origin.layer }),
                    )
                })
                .collect();
            output::document(&keys.into());
        }
        (ConfigCommand::Show, false) => {
            let rows = loaded
                .origins
                .into_iter()
                .map(|origin| vec![origin.key, origin.value, origin.layer]);
            let head = ["KEY", "VALUE", "SET BY"];
            output::line(&output::table(&head, rows, "Nothing is configured."));
        }
        (ConfigCommand::Check, true) => output::document(&json!({ "valid": true })),
        (ConfigCommand::Check, false) => output::line("The configuration is right."),
    }
    Ok(())
}
