//! `vestibule sign-ins`: pausing them, and ending the pause.

use super::{Global, Outcome, dispatch::Instance, output};
use clap::Subcommand;
use serde_json::{Value, json};

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
    let instance = Instance::find(global).await?;
    let path = "/sign-ins";
    let answer = match command {
        SignIns::Pause => instance.patch(path, &json!({ "paused": true })).await,
        SignIns::Resume => instance.patch(path, &json!({ "paused": false })).await,
        SignIns::Show => instance.get(path).await,
    };
    instance.close().await;
    let answer = answer?;
    if global.json {
        output::document(&answer);
    } else {
        output::line(&told(&answer));
    }
    Ok(())
}

fn told(answer: &Value) -> String {
    match answer["since"].as_str() {
        Some(since) => format!(
            "Sign-ins have been paused since {since}: `vestibule sign-ins resume` ends it. Sessions go on."
        ),
        None => "People may sign in.".to_owned(),
    }
}
