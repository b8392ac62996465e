//! `vestibule audit`: the log, and whether it is whole.

use super::{Failure, Global, Outcome, dispatch::Instance, output};
use serde_json::{Value, json};

/// The audit log.
#[derive(clap::Subcommand)]
pub(super) enum Audit {
    /// Show the newest events.
    Tail {
        /// How many.
        #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1000))]
        lines: u64,
    },
    /// Print every event, oldest first, one JSON object a line; with --json all as one document.
    Export {
        /// Begin after the event of this number.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: u64,
    },
    /// Check that no event was edited, removed or swapped.
    Verify {
        /// A head that was kept elsewhere, as `NUMBER:HASH`: a log cut short is found by it.
        #[arg(long, value_name = "NUMBER:HASH")]
        head: Option<String>,
    },
}

pub(super) async fn run(global: &Global, command: Audit) -> Outcome {
    match command {
        Audit::Tail { lines } => tail(global, lines).await,
        Audit::Export { after } => export(global, after).await,
        Audit::Verify { head } => verify(global, head).await,
    }
}

async fn tail(global: &Global, lines: u64) -> Outcome {
    let instance = Instance::find(global).await?;
    let answer = instance.get(&format!("/audit?limit={lines}")).await;
    instance.close().await;
    let answer = answer?;
    if global.json {
        output::document(&answer);
        return Ok(());
    }
    let events = answer["events"].as_array().cloned().unwrap_or_default();
    let rows = events.iter().map(row).collect();
    let head = ["NO", "TIME", "ACTION", "BY", "USER", "FROM", "DETAIL"];
    output::table(&head, rows, "Nothing has happened yet.");
    Ok(())
}

async fn export(global: &Global, after: u64) -> Outcome {
    let instance = Instance::find(global).await?;
    let outcome = export_from(&instance, global.json, after).await;
    instance.close().await;
    outcome
}

/// Prints page by page, so that a long log needs little memory.
async fn export_from(instance: &Instance, as_document: bool, mut after: u64) -> Outcome {
    let mut all = Vec::new();
    loop {
        let page = instance
            .get(&format!("/audit?after={after}&limit=1000"))
            .await?;
        for event in page["events"].as_array().into_iter().flatten() {
            if as_document {
                all.push(event.clone());
            } else {
                output::line(&event.to_string());
            }
        }
        match page["next"].as_u64() {
            Some(next) => after = next,
            None if as_document => {
                output::document(&json!({ "events": all, "head": page["head"] }));
                return Ok(());
            }
            None => return Ok(()),
        }
    }
}

fn row(event: &Value) -> Vec<String> {
    let actor = &event["actor"];
    let by = match actor["kind"].as_str() {
        Some("user") => format!("user {}", output::text(&actor["id"])),
        Some("operator") => output::text(&actor["name"]),
        Some("impersonator") => {
            let (id, target) = (output::text(&actor["id"]), output::text(&actor["as"]));
            format!("user {id} as user {target}")
        }
        _ => output::text(&actor["kind"]),
    };
    let text = |field: &str| output::text(&event[field]);
    vec![
        text("number"),
        text("at"),
        text("action"),
        by,
        text("userId"),
        text("address"),
        text("detail"),
    ]
}

async fn verify(global: &Global, head: Option<String>) -> Outcome {
    let body = match head.as_deref() {
        None => json!({}),
        Some(head) => {
            let parts = head.split_once(':');
            let parsed = parts.and_then(|(number, hash)| Some((number.parse::<u64>().ok()?, hash)));
            let (number, hash) = parsed.ok_or_else(|| {
                Failure::Usage("--head takes NUMBER:HASH, as `audit verify` prints it".into())
            })?;
            json!({ "number": number, "hash": hash })
        }
    };
    let instance = Instance::find(global).await?;
    let answer = instance.post("/operator/audit/verify", &body).await;
    instance.close().await;
    let answer = answer?;
    if global.json {
        output::document(&answer);
    }
    let newest = &answer["head"];
    let at = format!(
        "{}:{}",
        output::text(&newest["number"]),
        output::text(&newest["hash"])
    );
    if answer["intact"] == true {
        if !global.json {
            output::line(&format!(
                "The audit log is whole. Its head, to be kept elsewhere: {at}"
            ));
        }
        return Ok(());
    }
    let begins_after = answer["beginsAfter"].as_u64().unwrap_or(0);
    let is_older = body["number"]
        .as_u64()
        .is_some_and(|number| number < begins_after);
    Err(Failure::Refused(match answer["brokenAt"].as_u64() {
        Some(number) => format!(
            "the audit log is broken at event {number}: it, or one before it, was edited, removed or swapped; compare it with a backup"
        ),
        None if is_older => format!(
            "the head that was kept elsewhere is older than the log, which begins after event {begins_after}; what there is of it is whole: keep {at} elsewhere"
        ),
        None => format!(
            "the audit log ends at {at} and does not hold the head that was kept elsewhere: events were cut off; compare it with a backup"
        ),
    }))
}
