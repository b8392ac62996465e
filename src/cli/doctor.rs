//! `vestibule doctor`: what is wrong, what it comes from, and what to do. What lies around the instance (files, ports,
//! certificate) is looked at here, before anything is opened; the instance itself, running or not, examines the rest.
//!
//! Exit codes: 0 nothing is wrong, 1 something is.

mod surroundings;

use super::dispatch::{self, Instance};
use super::failure::{Failure, Outcome};
use super::global::Global;
use super::output::Report;
use crate::app::InUse;
use crate::client::{Client, ClientError};
use crate::platform::clock::{Clock, SystemClock};
use crate::service::upkeep::instance::InstanceError;
use crate::wire::audit::AuditHead;
use crate::wire::operator::{Facts, Finding};
use serde_json::json;

pub(super) async fn run(global: &Global) -> Outcome {
    let config = dispatch::load(global, &[])?.config;
    let directory = dispatch::directory(global, &config)?;
    let is_running = Client::connect(&directory.socket()).await.is_ok();
    let mut findings = surroundings::files(&directory);
    findings.extend(surroundings::addresses(&config.server, is_running));
    let now = SystemClock::new(0).now();
    findings.extend(surroundings::certificate(&config.server, now.unix_seconds));
    let (tray, finding) = surroundings::tray(config.tray.enabled);
    findings.extend(finding);
    let mut facts = None;
    match Instance::open(&config, &directory).await {
        Ok(instance) => {
            let answer = instance.client().examine().await;
            instance.close().await;
            match answer {
                Ok(examined) => {
                    findings.extend(examined.findings);
                    facts = Some(examined.facts);
                }
                Err(error) => findings.push(unexamined(&error)),
            }
        }
        Err(error) => match error.downcast_ref() {
            Some(none @ InstanceError::None(_)) => return Err(Failure::Missing(none.to_string())),
            _ => findings.push(unopened(&error)),
        },
    }
    tell(global, &findings, is_running, facts.as_ref(), tray)
}

/// An instance that cannot examine itself, as a finding.
fn unexamined(error: &ClientError) -> Finding {
    Finding::new(
        "store",
        format!("the instance cannot examine its store: {error}"),
        "the disk is full or failing, and the store is being opened anew",
        "make room on the disk or repair it, then ask again; the log of the service says more",
    )
}

/// Why an instance cannot be opened, as a finding.
fn unopened(error: &anyhow::Error) -> Finding {
    let what = format!("{error:#}");
    let (check, cause, cure) = match error.downcast_ref() {
        Some(InstanceError::KeyMissing(_)) => (
            "keys",
            "the key was moved or deleted, or this is a copy of the store alone",
            "put the key back from where it was saved",
        ),
        Some(InstanceError::KeyWrong(_) | InstanceError::ProviderChanged { .. }) => (
            "keys",
            "key and store are of two instances, or one of them was put back from an older backup",
            "put key and store of one instance together again",
        ),
        Some(InstanceError::Key(_)) => (
            "keys",
            "the file of the key was changed, or its rights were",
            "put the key back from where it was saved, as a plain file of this account",
        ),
        Some(InstanceError::Store { .. } | InstanceError::StoreMissing { .. }) => (
            "store",
            "the file is damaged, of a newer version, or gone",
            "put the store back from a backup, or install the version that wrote it",
        ),
        _ if error.is::<InUse>() => (
            "store",
            "a command or a service that is starting or hangs has the instance",
            "wait a moment; if that does not help, end that process",
        ),
        _ => (
            "store",
            "the data directory or a file in it cannot be used by this account",
            "start its service and ask again (the installed one with `systemctl start vestibule`), or run this as its account; see the other findings too",
        ),
    };
    Finding::new(check, what, cause, cure)
}

fn tell(
    global: &Global,
    findings: &[Finding],
    is_running: bool,
    facts: Option<&Facts>,
    tray: &str,
) -> Outcome {
    let document = json!({
        "healthy": findings.is_empty(),
        "running": is_running,
        "findings": findings,
        "facts": facts,
        "tray": tray,
    });
    let mut lines: Vec<String> = findings.iter().map(described).collect();
    lines.push(format!("Tray: {tray}"));
    lines.extend(facts.map(|facts| {
        let AuditHead { number, hash } = &facts.audit_head;
        format!("The head of the audit log is {number}:{hash}")
    }));
    if findings.is_empty() {
        lines.push("Nothing is wrong.".to_owned());
    }
    Report::new(&document, lines.join("\n")).print(global);
    match findings.len() {
        0 => Ok(()),
        1 => Err(Failure::Refused("one thing is wrong".into())),
        count => Err(Failure::Refused(format!("{count} things are wrong"))),
    }
}

fn described(finding: &Finding) -> String {
    format!(
        "{}: {}\n  why:  {}\n  cure: {}",
        finding.check, finding.finding, finding.cause, finding.cure
    )
}
