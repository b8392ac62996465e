//! Under systemd: the key as a credential, the words to the manager, the journal.

use crate::harness::binary::{Instance, Service, text};
use crate::harness::person::PASSWORD;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Output};
use std::time::Duration;

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

fn give(instance: &Instance, key: &str) -> String {
    let directory = instance.beside("credentials");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("vestibule-key"), key).unwrap();
    directory.to_str().unwrap().to_owned()
}

fn with(instance: &Instance, credentials: &str, arguments: &[&str]) -> Command {
    let mut command = instance.command(arguments);
    command.env("CREDENTIALS_DIRECTORY", credentials);
    command
}

fn serve(instance: &Instance, credentials: &str) -> Service {
    let arguments = ["serve", "--json", "--listen", "127.0.0.1:0"];
    instance.start(with(instance, credentials, &arguments))
}

#[track_caller]
fn refused(output: &Output, because: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(because), "{said}");
}

#[test]
fn an_instance_made_with_a_credential_opens_with_it_alone() {
    let instance = Instance::new();
    let credentials = give(&instance, KEY);
    assert!(serve(&instance, &credentials).interrupt().success());
    assert!(!instance.data().join("key/key-encryption-key").exists());
    let list = ["user", "list", "--json"];
    assert!(
        with(&instance, &credentials, &list)
            .output()
            .unwrap()
            .status
            .success()
    );
    refused(&instance.run(&list), "vestibule-key is missing");
    give(&instance, &KEY.replace("0011", "1100"));
    refused(
        &with(&instance, &credentials, &list).output().unwrap(),
        "does not open this store",
    );
    give(&instance, "short");
    refused(
        &with(&instance, &credentials, &list).output().unwrap(),
        "is not a key",
    );
    give(&instance, KEY);
    // The marker is lost: the store still says how it was made, and the marker comes back.
    let marker = instance.data().join("key/systemd-credential");
    fs::remove_file(&marker).unwrap();
    refused(&instance.run(&list), "made with the key provider");
    assert!(
        with(&instance, &credentials, &list)
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(marker.exists());
    // A store that was lost is no first run.
    fs::remove_file(instance.data().join("vestibule.redb")).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    refused(
        &with(&instance, &credentials, &serve).output().unwrap(),
        "missing or empty",
    );
    refused(&instance.run(&serve), "vestibule-key is missing");
    assert!(!instance.data().join("vestibule.redb").exists());
}

#[test]
fn an_instance_made_with_a_key_file_keeps_it_whatever_is_given() {
    let instance = Instance::new();
    assert!(instance.serve().interrupt().success());
    let credentials = give(&instance, KEY);
    assert!(serve(&instance, &credentials).interrupt().success());
    fs::remove_file(instance.data().join("key/key-encryption-key")).unwrap();
    let output = with(&instance, &credentials, &["user", "list"])
        .output()
        .unwrap();
    refused(&output, "made with the key provider");
    assert!(!instance.data().join("key/systemd-credential").exists());
}

#[test]
fn a_first_start_with_a_credential_killed_at_any_moment_goes_on() {
    for round in 0..20 {
        let instance = Instance::new();
        let credentials = give(&instance, KEY);
        let mut child = with(
            &instance,
            &credentials,
            &["serve", "--listen", "127.0.0.1:0"],
        )
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
        std::thread::sleep(Duration::from_micros(round * 1_200));
        child.kill().unwrap();
        child.wait().unwrap();
        serve(&instance, &credentials)
            .http
            .get("/health/ready", "")
            .expect(200);
    }
}

#[test]
fn the_manager_hears_that_the_service_is_ready_alive_and_stopping() {
    let instance = Instance::new();
    let path = instance.beside("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let hear = || {
        let mut words = [0; 512];
        let count = manager.recv(&mut words).unwrap();
        text(&words[..count])
    };
    let settings = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "100000"),
    ];
    let service = instance.serve_with(&settings);
    let first = hear();
    assert!(
        first.starts_with("READY=1\nSTATUS=Running on http://localhost:"),
        "{first}"
    );
    assert_eq!(
        (hear(), hear()),
        ("WATCHDOG=1\n".into(), "WATCHDOG=1\n".into())
    );
    assert!(service.interrupt().success());
    while hear() != "STOPPING=1\n" {}
}

#[test]
fn the_journal_gets_priorities_and_every_line_an_event() {
    for (format, found) in [("text", "<6>"), ("json", "<6>{")] {
        let instance = Instance::new();
        let log = File::create(instance.beside("log")).unwrap();
        let about = log.metadata().unwrap();
        let stream = format!("{}:{}", about.dev(), about.ino());
        for (stream, is_journal) in [(stream.as_str(), true), ("1:1", false)] {
            log.set_len(0).unwrap();
            let mut command = instance.command(&["serve", "--json", "--listen", "127.0.0.1:0"]);
            command.env("JOURNAL_STREAM", stream);
            command.env("VESTIBULE_LOG__FORMAT", format);
            let writer = File::options()
                .append(true)
                .open(instance.beside("log"))
                .unwrap();
            assert!(
                instance
                    .start_with_log(command, writer)
                    .interrupt()
                    .success()
            );
            let lines = fs::read_to_string(instance.beside("log")).unwrap();
            assert!(lines.contains("service.listening"), "{lines}");
            for line in lines.lines() {
                assert_eq!(line.starts_with(found), is_journal, "{line}");
                assert!(line.contains("event"), "{line}");
                assert!(!line.contains(PASSWORD));
            }
        }
    }
}
