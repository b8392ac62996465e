//! `vestibule doctor`: what is wrong, whence, and what to do. What lies around the instance (files,
//! ports, certificate) is looked at here, before anything is opened; what lies in it is asked of the
//! instance itself, running or not.
//!
//! Exit codes: 0 nothing is wrong, 1 something is.

mod around;

use super::{Failure, Global, Outcome, dispatch, output};
use crate::app::InUse;
use crate::client::Client;
use crate::platform::clock::{Clock, SystemClock};
use crate::service::doctor::Finding;
use crate::service::instance::InstanceError;
use dispatch::Instance;
use serde_json::{Value, json};

pub(super) async fn run(global: &Global) -> Outcome {
    let config = dispatch::load(global, &[])?.config;
    let directory = dispatch::directory(global, &config)?;
    let is_running = Client::connect(&directory.socket()).await.is_ok();
    let mut findings = around::files(&directory);
    findings.extend(around::addresses(&config.server, is_running));
    let now = SystemClock::new(0).now();
    findings.extend(around::certificate(&config.server, now.unix_seconds));
    let (tray, finding) = around::tray(config.tray.enabled);
    findings.extend(finding);
    let mut findings: Vec<Value> = findings.iter().map(|finding| json!(finding)).collect();
    let mut facts = Value::Null;
    match Instance::open(&config, &directory).await {
        Ok(instance) => {
            let answer = instance.post("/operator/doctor", &json!({})).await;
            instance.close().await;
            match answer {
                Ok(answer) => {
                    findings.extend(answer["findings"].as_array().cloned().unwrap_or_default());
                    facts = answer["facts"].clone();
                }
                Err(failure) => findings.push(json!(unexamined(failure.told().1))),
            }
        }
        Err(error) => match error.downcast_ref() {
            Some(none @ InstanceError::None(_)) => return Err(Failure::Missing(none.to_string())),
            _ => findings.push(json!(unopened(&error))),
        },
    }
    tell(global, &findings, is_running, facts, tray)
}

/// An instance that is there and does not let itself be examined, as a finding.
fn unexamined(answer: &str) -> Finding {
    Finding::new(
        "store",
        format!("the instance cannot examine its store: {answer}"),
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
    findings: &[Value],
    is_running: bool,
    facts: Value,
    tray: &str,
) -> Outcome {
    if global.json {
        output::document(&json!({
            "healthy": findings.is_empty(),
            "running": is_running,
            "findings": findings,
            "facts": facts,
            "tray": tray,
        }));
    } else {
        for finding in findings {
            let text = |field: &str| output::text(&finding[field]);
            output::line(&format!("{}: {}", text("check"), text("finding")));
            output::line(&format!("  why:  {}", text("cause")));
            output::line(&format!("  cure: {}", text("cure")));
        }
        output::line(&format!("Tray: {tray}"));
        if let Some(number) = facts["auditHead"]["number"].as_u64() {
            let hash = output::text(&facts["auditHead"]["hash"]);
            output::line(&format!("The head of the audit log is {number}:{hash}"));
        }
    }
    match findings.len() {
        0 => {
            if !global.json {
                output::line("Nothing is wrong.");
            }
            Ok(())
        }
        1 => Err(Failure::Refused("one thing is wrong".into())),
        count => Err(Failure::Refused(format!("{count} things are wrong"))),
    }
}
