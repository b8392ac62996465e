//! The real binary in a directory of its own.

use super::http::Http;
use super::port;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// After this long something hangs; no test depends on it otherwise.
const HANGS_AFTER: Duration = Duration::from_secs(20);

/// An instance's directory, and the commands that are run on it.
pub struct Instance {
    directory: tempfile::TempDir,
    settings: Vec<(&'static str, &'static str)>,
}

impl Instance {
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            settings: Vec::new(),
        }
    }

    /// An instance with a variable set for every command.
    pub fn with(name: &'static str, value: &'static str) -> Self {
        Self {
            settings: vec![(name, value)],
            ..Self::new()
        }
    }

    /// The directory that everything of the instance lies in.
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// What all services that ran here have logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.beside("log")).unwrap()
    }

    /// The data directory, which the first start makes.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// A path beside the data directory.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The command line, with nothing of this machine's own configuration.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.directory.path())
            .env("TMPDIR", self.directory.path())
            .env("VESTIBULE_DATA_DIR", self.data())
            .envs(self.settings.iter().copied());
        command
    }

    /// Runs a command with this text as its input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The command may end before it has read all.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_input(arguments, "")
    }

    /// Runs a command that must do what it is told; its JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str], input: &str) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.run_with_input(&all, input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts the service on a port that it can come back to.
    pub fn serve(&self) -> Service {
        self.serve_on(&port::own().to_string())
    }

    pub fn serve_on(&self, listen: &str) -> Service {
        self.start(self.command(&["serve", "--json", "--listen", listen]))
    }

    /// Starts the service on any free port, with these settings in its environment.
    pub fn serve_with(&self, settings: &[(&str, &str)]) -> Service {
        let mut command = self.command(&["serve", "--json", "--listen", "127.0.0.1:0"]);
        command.envs(settings.iter().copied());
        self.start(command)
    }

    /// Starts the service by a command that prints where it is, as `serve --json` does.
    pub fn start(&self, command: Command) -> Service {
        let mut log = File::options();
        let log = log.append(true).create(true).open(self.beside("log"));
        self.start_with_log(command, log.unwrap())
    }

    /// The same, with its log.
    pub fn start_with_log(&self, mut command: Command, log: impl Into<Stdio>) -> Service {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut document = String::new();
        while !document.ends_with('}') {
            document.push_str(&lines.next().expect("the service has ended").unwrap());
        }
        let document: Value = serde_json::from_str(&document).unwrap();
        let base_url = document["url"].as_str().unwrap().to_owned();
        let port = base_url.rsplit(':').next().unwrap();
        Service {
            child,
            // Behind a base URL without a port only the log tells where the service is.
            http: Http::new(
                format!("127.0.0.1:{}", port.parse::<u16>().unwrap_or(1))
                    .parse()
                    .unwrap(),
            ),
            base_url,
        }
    }
}

/// A running service; killed when it goes out of scope.
pub struct Service {
    child: Child,
    pub base_url: String,
    pub http: Http,
}

impl Service {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The address to listen on again, so that tokens keep their issuer.
    pub fn listen(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    pub fn port(&self) -> &str {
        self.base_url.rsplit(':').next().unwrap()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGINT, as Ctrl-C does, and waits for the end.
    pub fn interrupt(mut self) -> ExitStatus {
        signal(self.child.id(), Signal::INT);
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < HANGS_AFTER, "the service does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that a test has started.
pub fn signal(process: u32, sent: Signal) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    kill_process(process.unwrap(), sent).unwrap();
}

/// What a program that must succeed prints.
#[track_caller]
pub fn output_of(program: impl AsRef<Path>, arguments: &[&str]) -> String {
    let program = program.as_ref();
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}", program.display()));
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
