//! A blocking client of one WebDriver session (W3C WebDriver) in a Chromium of its own, with a profile that is gone
//! afterwards.

use super::tools::path_of;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The key under which an element's name travels (W3C WebDriver, section 12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element as the driver names it.
pub struct Element(String);

impl Element {
    /// The element that a script gave back, if it gave one.
    pub fn read(value: &Value) -> Option<Self> {
        value[ELEMENT].as_str().map(|id| Self(id.to_owned()))
    }

    /// The element as a script's argument.
    pub fn argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

/// A browser under control; it ends with this.
pub struct WebDriver {
    driver: Child,
    /// Kept open, so that the driver can go on writing to it.
    _output: BufReader<ChildStdout>,
    agent: ureq::Agent,
    session: String,
    _profile: tempfile::TempDir,
}

impl WebDriver {
    /// Starts driver and browser with an empty profile.
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // One whose free port was taken meanwhile, for one of its two addresses, ends.
        let started = (0..5).find_map(|_| driver(&profile));
        let (driver, output, port) = started.expect("chromedriver does not say its port");
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let mut browser = Self {
            driver,
            _output: output,
            agent: config.into(),
            session: format!("http://127.0.0.1:{port}/session"),
            _profile: profile,
        };
        let options = options(&browser._profile.path().join("profile").to_string_lossy());
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "timeouts": { "script": 30_000 },
        } } });
        let made = browser.command("POST", "", &wanted).unwrap();
        browser.session = format!(
            "{}/{}",
            browser.session,
            made["sessionId"].as_str().unwrap()
        );
        browser
    }

    /// Sends a command; its value, or the error that the driver tells.
    pub fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let url = format!("{}{path}", self.session);
        let request = ureq::http::Request::builder().method(method).uri(url);
        let request = request.header("content-type", "application/json");
        let response = if method == "POST" {
            self.agent.run(request.body(body.to_string()).unwrap())
        } else {
            self.agent.run(request.body(()).unwrap())
        };
        let mut response = response.map_err(|error| error.to_string())?;
        let text = response.body_mut().with_config().limit(64 << 20);
        let text = text.read_to_string().map_err(|error| error.to_string())?;
        let mut answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if response.status().is_success() {
            return Ok(answer["value"].take());
        }
        let word = |name: &str| answer["value"][name].as_str().unwrap_or("").to_owned();
        Err(format!("{}: {}", word("error"), word("message")))
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.command("POST", path, body)
    }

    pub fn get(&self, path: &str) -> Result<Value, String> {
        self.command("GET", path, &Value::Null)
    }

    /// Runs a script's body; what it returns, also when that is a promise.
    pub fn script(&self, code: &str, arguments: &[Value]) -> Result<Value, String> {
        let body = json!({ "script": code, "args": arguments });
        self.post("/execute/sync", &body)
    }

    /// Sends a command of the browser's own protocol.
    pub fn devtools(&self, name: &str, parameters: Value) -> Result<Value, String> {
        let body = json!({ "cmd": name, "params": parameters });
        self.post("/goog/cdp/execute", &body)
    }

    /// Clicks as a mouse does: in the middle, after scrolling there, and not through something above it.
    pub fn click(&self, Element(id): &Element) -> Result<Value, String> {
        self.post(&format!("/element/{id}/click"), &json!({}))
    }

    pub fn clear(&self, Element(id): &Element) -> Result<Value, String> {
        self.post(&format!("/element/{id}/clear"), &json!({}))
    }

    pub fn type_into(&self, Element(id): &Element, text: &str) -> Result<Value, String> {
        let body = json!({ "text": text });
        self.post(&format!("/element/{id}/value"), &body)
    }
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        // The browser ends with its session, the driver by its process.
        let _ = self.command("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Starts a driver; `None` if it ends at once.
fn driver(profile: &tempfile::TempDir) -> Option<(Child, BufReader<ChildStdout>, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("HOME", profile.path())
        .env("TMPDIR", profile.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver cannot be run: tests/run installs it");
    let mut output = BufReader::new(driver.stdout.take().unwrap());
    match port(&mut output) {
        Some(port) => Some((driver, output, port)),
        None => {
            driver.wait().unwrap();
            None
        }
    }
}

/// The port that the driver says it has.
fn port(output: &mut impl BufRead) -> Option<u16> {
    let lines = output.lines().map(Result::unwrap);
    let started = "started successfully on port ";
    let mut ports = lines.filter_map(|line| {
        let (_, port) = line.split_once(started)?;
        port.trim_end_matches('.').parse().ok()
    });
    ports.next()
}

/// A browser without a window, an account, or anything to say to anybody but the tested service.
fn options(profile: &str) -> Value {
    let mut arguments = vec![format!("--user-data-dir={profile}")];
    arguments.extend(
        [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--no-proxy-server",
            "--hide-scrollbars",
            "--lang=en-GB",
            "--window-size=1200,800",
        ]
        .map(str::to_owned),
    );
    json!({ "binary": path_of("chromium"), "args": arguments })
}
