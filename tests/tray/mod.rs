//! The tray: what it shows as a table, and the real binary on a desktop of the test's own.

mod alone;
mod icons;
mod menu;
mod modes;
mod panel;

use crate::harness::Http;
use crate::harness::binary::{Instance, signal};
use crate::harness::desktop::{Desktop, Process, wait_for};
use crate::harness::port;
use rustix::process::Signal;
use serde_json::json;
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

/// An instance on a port of its own, as the tray's service must have one that stays.
fn instance() -> (Instance, String) {
    (Instance::new(), port::own().to_string())
}

/// A started program, its words in files beside the data directory.
struct Started {
    process: Process,
    name: String,
}

impl Started {
    fn new(instance: &Instance, address: &str, name: &str, mut command: Command) -> Self {
        let file = |kind: &str| File::create(instance.beside(&format!("{name}.{kind}"))).unwrap();
        let child = command
            .env("VESTIBULE_SERVER__LISTEN", address)
            .stdin(Stdio::null())
            .stdout(file("out"))
            .stderr(file("err"))
            .spawn()
            .unwrap();
        Self {
            process: Process(child),
            name: name.to_owned(),
        }
    }

    fn id(&self) -> u32 {
        self.process.0.id()
    }

    fn is_running(&mut self) -> bool {
        self.process.0.try_wait().unwrap().is_none()
    }

    /// Waits for the end by itself; the exit code.
    #[track_caller]
    fn ends(&mut self) -> Option<i32> {
        let status = wait_for("the end", || self.process.0.try_wait().unwrap());
        status.code()
    }

    fn signal(&self, sent: Signal) {
        signal(self.id(), sent);
    }

    /// All that it has said, and the log of the data directory.
    fn words(&self, instance: &Instance) -> String {
        let mut words = String::new();
        for path in [
            instance.beside(&format!("{}.out", self.name)),
            instance.beside(&format!("{}.err", self.name)),
            instance.data().join("vestibule.log"),
        ] {
            if let Ok(mut file) = File::open(path) {
                file.read_to_string(&mut words).unwrap();
            }
        }
        words
    }
}

/// Starts the service and its tray as a double-click does.
fn double_clicked(desktop: &Desktop, instance: &Instance, address: &str) -> Started {
    let command = desktop.command(instance, &[]);
    let started = Started::new(instance, address, "service", command);
    desktop.waits_for_status(started.id(), "http://");
    started
}

/// What the service says to a sign-in of nobody; `None` while it does not answer.
fn sign_in(address: &str) -> Option<u16> {
    let body = json!({ "email": "nobody@example.com", "password": "no password" });
    let http = Http::new(address.parse().unwrap());
    let answer = http.attempt("POST", "/auth/sign-in", "", &body);
    answer.ok().map(|answer| answer.status)
}

fn is_live(address: &str) -> bool {
    sign_in(address).is_some()
}

/// Makes the first administrator by hand, so that the set-up is over.
fn claim(instance: &Instance) {
    let add = ["user", "add", "ada@example.com", "--first-name", "Ada"];
    let rest = ["--role", "super-admin", "--password-stdin"];
    instance.json(&[add.as_slice(), &rest].concat(), "grey otter plays cello");
}
