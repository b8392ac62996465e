//! `vestibule audit`: the log, and whether it is whole.

use super::dispatch;
use super::failure::{Failure, Outcome};
use super::global::Global;
use super::output::{self, Report};
use crate::client::Client;
use crate::wire::audit::{AuditActor, AuditEvent};
use crate::wire::operator::ExpectedHead;
use serde_json::json;

/// The most that the service gives at once.
const EVENTS_OF_A_PAGE: u64 = 1000;

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
    let page = dispatch::ask(global, async |client| {
        Ok(client.newest_events(lines).await?)
    })
    .await?;
    let head = ["NO", "TIME", "ACTION", "BY", "USER", "FROM", "DETAIL"];
    let rows = page.events.iter().map(row);
    let text = output::table(&head, rows, "Nothing has happened yet.");
    Report::new(&page, text).print(global);
    Ok(())
}

fn row(event: &AuditEvent) -> Vec<String> {
    vec![
        event.number.to_string(),
        output::or_dash(event.at.as_ref()),
        event.action.to_string(),
        actor(&event.actor),
        output::or_dash(event.user_id),
        event.address.clone(),
        event.detail.clone(),
    ]
}

fn actor(actor: &AuditActor) -> String {
    match actor {
        AuditActor::Anonymous => "anonymous".to_owned(),
        AuditActor::User { id } => format!("user {id}"),
        AuditActor::Operator { name } => name.clone(),
        AuditActor::Service => "service".to_owned(),
        AuditActor::Impersonator { id, r#as, .. } => format!("user {id} as user {as}"),
    }
}

async fn export(global: &Global, after: u64) -> Outcome {
    let as_document = global.json;
    dispatch::ask(global, async |client| {
        export_from(client, as_document, after).await
    })
    .await
}

/// Prints page by page, so that a long log needs little memory.
async fn export_from(client: &Client, as_document: bool, mut after: u64) -> Outcome {
    let mut all = Vec::new();
    loop {
        let page = client.events_after(after, EVENTS_OF_A_PAGE).await?;
        if as_document {
            all.extend(page.events);
        } else {
            for event in &page.events {
                output::json_line(event);
            }
        }
        match page.next {
            Some(next) => after = next,
            None if as_document => {
                output::document(&json!({ "events": all, "head": page.head }));
                return Ok(());
            }
            None => return Ok(()),
        }
    }
}

async fn verify(global: &Global, head: Option<String>) -> Outcome {
    let expected = match head.as_deref() {
        None => ExpectedHead::default(),
        Some(head) => {
            let parts = head.split_once(':');
            let parsed = parts.and_then(|(number, hash)| Some((number.parse().ok()?, hash)));
            let (number, hash) = parsed.ok_or_else(|| {
                Failure::Usage("--head takes NUMBER:HASH, as `audit verify` prints it".into())
            })?;
            ExpectedHead {
                number: Some(number),
                hash: Some(hash.to_owned()),
            }
        }
    };
    let ask = async |client: &Client| Ok(client.verify_audit(&expected).await?);
    let found = dispatch::ask(global, ask).await?;
    let at = format!("{}:{}", found.head.number, found.head.hash);
    let text = format!("The audit log is whole. Its head, to be kept elsewhere: {at}");
    let report = Report::new(&found, text);
    if found.intact {
        report.print(global);
        return Ok(());
    }
    if global.json {
        report.print(global);
    }
    let begins_after = found.begins_after;
    let is_older = expected.number.is_some_and(|number| number < begins_after);
    Err(Failure::Refused(match found.broken_at {
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
