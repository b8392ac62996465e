//! The document of the API, judged by tools that are not ours, see `openapi.py`: by the claim before
//! there is anybody, and by all the rest as a Super Admin.

use super::peers::Peer;
use crate::harness::binary::{Instance, Service, text};
use crate::harness::tools::{PEERS, path_of};
use std::process::Command;

/// Seconds that one run may take; 0 stands for the short form, some ten seconds.
fn seconds() -> &'static str {
    match std::env::var_os("TEST_FULL") {
        Some(_) => "100",
        None => "0",
    }
}

fn judge(instance: &Instance, service: &Service, seconds: &str, token: &str) {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let mut command = Command::new(path_of("python"));
    command
        .arg(format!("{root}/tests/binary/openapi.py"))
        .args([&service.base_url, seconds]);
    if !token.is_empty() {
        command.arg(token);
    }
    // It keeps its notes where it runs.
    let output = command.current_dir(instance.beside("")).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn the_document_holds_in_the_hands_of_independent_tools() {
    let Some(instance) = PEERS.then(Instance::new) else {
        return;
    };
    let service = instance.serve();
    judge(&instance, &service, "0", "");
    let mut ada = Peer::claims(&instance, &service);
    ada.scans(&instance, &service.http, "");
    ada.enables(&service.http);
    judge(&instance, &service, seconds(), &ada.access);
}
