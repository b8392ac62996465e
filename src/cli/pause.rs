//! `vestibule sign-ins`: pausing them, and ending the pause.

use super::dispatch;
use super::failure::Outcome;
use super::global::Global;
use super::output::Report;
use crate::client::Client;
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum SignIns {
    /// Let nobody new sign in until `resume`, also after a restart; who is signed in stays so.
    Pause,
    /// End the pause.
    Resume,
    /// Tell whether they are paused.
    Show,
}

pub(super) async fn run(global: &Global, command: &SignIns) -> Outcome {
    let ask = async |client: &Client| {
        Ok(match command {
            SignIns::Pause => client.set_paused(true).await?,
            SignIns::Resume => client.set_paused(false).await?,
            SignIns::Show => client.sign_ins().await?,
        })
    };
    let answer = dispatch::ask(global, ask).await?;
    let text = match &answer.since {
        Some(since) => format!(
            "Sign-ins have been paused since {since}: `vestibule sign-ins resume` ends it. Sessions go on."
        ),
        None => "People may sign in.".to_owned(),
    };
    Report::new(&answer, text).print(global);
    Ok(())
}
