//! `vestibule setup-url`.

use super::{Failure, Global, Outcome, dispatch::Instance, output};
use serde_json::json;

pub(super) async fn run(global: &Global) -> Outcome {
    let instance = Instance::find(global).await?;
    let answer = instance.post("/operator/set-up-link", &json!({})).await;
    instance.close().await;
    let answer = answer.map_err(|failure| match failure {
        Failure::Refused(_) => Failure::Refused(
            "this instance has its administrator already: `vestibule user add EMAIL --role super-admin` makes another".into(),
        ),
        other => other,
    })?;
    if global.json {
        output::document(&answer);
        return Ok(());
    }
    let url = output::text(&answer["url"]);
    output::line(&url);
    if output::is_terminal() {
        output::qr(&url);
        output::line("Good once, for 24 hours; links made before it are void.");
    }
    Ok(())
}
