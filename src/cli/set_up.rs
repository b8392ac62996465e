//! `vestibule setup-url`.

use super::dispatch;
use super::failure::{Failure, Outcome};
use super::global::Global;
use super::output::{self, Report};

pub(super) async fn run(global: &Global) -> Outcome {
    let ask = dispatch::ask(global, async |client| Ok(client.new_set_up_link().await?));
    let made = ask.await.map_err(|failure| match failure {
        Failure::Refused(_) => Failure::Refused(
            "this instance has its administrator already: `vestibule user add EMAIL --role super-admin` makes another".into(),
        ),
        other => other,
    })?;
    let remark = "Good once, for 24 hours; links made before it are void.";
    Report::new(&made, output::link(&made.url, remark)).print(global);
    Ok(())
}
