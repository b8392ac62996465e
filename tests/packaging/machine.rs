//! A Debian 12 of its own, made with debootstrap and started with systemd as its process 1; in it the
//! package is installed as on anybody's machine.

use super::{run, said};
use crate::harness::binary::{output_of, text};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// After this long something hangs; no test depends on it otherwise.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// The running system; it ends when this goes out of scope.
pub struct Machine {
    directory: tempfile::TempDir,
    group: PathBuf,
    child: Child,
    /// Its process 1, as this machine counts.
    first: String,
}

/// The first of this machine's own sources of Debian packages.
fn mirror() -> String {
    let sources = output_of(
        "apt-get",
        &[
            "indextargets",
            "--format",
            "$(SITE)",
            "Created-By: Packages",
            "Component: main",
        ],
    );
    let first = sources.lines().next();
    first.expect("apt knows no source of packages").to_owned()
}

impl Machine {
    pub fn new() -> Self {
        assert!(
            vestibule::platform::account::own() == 0,
            "only root starts a system of its own"
        );
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        let include = "--include=dbus,systemd,systemd-sysv";
        let root = root.to_str().unwrap();
        output_of(
            "debootstrap",
            &["--variant=minbase", include, "bookworm", root, &mirror()],
        );
        let groups = output_of(
            "findmnt",
            &["--noheadings", "--types", "cgroup2", "--output", "TARGET"],
        );
        let groups = groups.lines().next().expect("no cgroup2 is mounted").trim();
        let group = Path::new(groups).join(format!("vestibule-test-{}", std::process::id()));
        let told = directory.path().join("first");
        let child = Command::new("tests/packaging/boot")
            .args([Path::new(root), &group, &told])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut machine = Self {
            directory,
            group,
            child,
            first: String::new(),
        };
        let number = || {
            fs::read_to_string(&told)
                .ok()
                .filter(|text| text.ends_with('\n'))
        };
        machine.wait_until("it starts", |_| number().is_some());
        machine.first = number().unwrap().trim().to_owned();
        machine.wait_until("systemd is up", |machine| {
            let state = machine.run(&["systemctl", "is-system-running", "--wait"]);
            ["running", "degraded"].contains(&text(&state.stdout).trim())
        });
        machine
    }

    /// A path of the system, seen from outside.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.directory.path().join("root").join(inside)
    }

    fn enter(&self, namespaces: &str, command: &[&str]) -> Command {
        let mut enter = Command::new("nsenter");
        enter
            .args(["--target", &self.first, namespaces, "--"])
            .args(command);
        enter.env_clear();
        enter
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("DEBIAN_FRONTEND", "noninteractive");
        enter
    }

    /// Runs a command as root of the system.
    pub fn run(&self, command: &[&str]) -> Output {
        self.enter("--all", command).output().unwrap()
    }

    /// A command that must succeed; all that it says.
    #[track_caller]
    pub fn does(&self, command: &[&str]) -> String {
        let output = self.run(command);
        assert!(output.status.success(), "{command:?}: {}", said(&output));
        said(&output)
    }

    /// The same, for a line of shell.
    #[track_caller]
    pub fn shell(&self, line: &str) -> String {
        self.does(&["sh", "-euc", line])
    }

    /// A request from the system's own network: status and body; status 0 if nothing answers.
    pub fn http(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://localhost:6238{path}");
        let authorization = format!("Authorization: Bearer {token}");
        let body = body.to_string();
        let mut arguments = vec![
            "--request",
            method,
            "--header",
            "Content-Type: application/json",
        ];
        if !token.is_empty() {
            arguments.extend(["--header", &authorization]);
        }
        if method != "GET" {
            arguments.extend(["--data", &body]);
        }
        arguments.push(&url);
        self.curl(&arguments)
    }

    /// What curl gets; the system has none: this machine's is used, and only the network is the system's.
    pub fn curl(&self, arguments: &[&str]) -> (u16, Value) {
        let mut command = vec![
            "curl",
            "--silent",
            "--max-time",
            "5",
            "--write-out",
            "\n%{http_code}",
        ];
        command.extend(arguments);
        let output = self.network(&command);
        let answer = text(&output.stdout);
        let (body, status) = answer.rsplit_once('\n').unwrap();
        (
            status.parse().unwrap(),
            serde_json::from_str(body).unwrap_or(Value::Null),
        )
    }

    /// Runs a program of this machine in the system's network.
    pub fn network(&self, command: &[&str]) -> Output {
        self.enter("--net", command).output().unwrap()
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !is_so(self) {
            assert!(since.elapsed() < HANGS_AFTER, "in vain waited until {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The kernel ends process 1 with its parent, and with process 1 all others.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let since = Instant::now();
        let group = self.group.to_str().unwrap_or_default();
        while self.group.exists() && since.elapsed() < HANGS_AFTER {
            // The processes of the group take a moment to end; until then it stays.
            run(
                "find",
                &[group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"],
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
