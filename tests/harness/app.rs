//! The real binary with browsers in front of it, and the phones of the people who use it.

use super::binary::{Instance, Service, output_of};
use super::browser::Browser;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// So many tests have browsers at the same time: each browser is a dozen processes.
const SEATS: usize = 2;
static TAKEN: Mutex<usize> = Mutex::new(0);
static LEFT: Condvar = Condvar::new();

struct Seat;

impl Seat {
    fn take() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let free = LEFT.wait_while(taken, |taken| *taken >= SEATS);
        *free.unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        LEFT.notify_one();
    }
}

/// A service that has just been started for the first time.
pub struct App {
    pub service: Option<Service>,
    pub instance: Instance,
    _seat: Seat,
}

impl App {
    pub fn start() -> Self {
        let seat = Seat::take();
        // The shortest period there is: tests wait for codes that are still unused.
        let instance = Instance::with("VESTIBULE_TOTP__PERIOD_SECONDS", "15");
        let service = Some(instance.serve());
        Self {
            service,
            instance,
            _seat: seat,
        }
    }

    pub fn service(&self) -> &Service {
        self.service.as_ref().unwrap()
    }

    /// Ends the service.
    pub fn stops(&mut self) -> String {
        let service = self.service.take().unwrap();
        let listen = service.listen();
        assert!(service.interrupt().success());
        listen
    }

    /// Starts it again at the same address.
    pub fn starts_again(&mut self, listen: &str) {
        self.service = Some(self.instance.serve_on(listen));
    }

    /// Starts it again with a clock that is so many minutes ahead of the browser's.
    pub fn starts_again_ahead(&mut self, listen: &str, minutes: u64) {
        let arguments = ["serve", "--json", "--listen", listen];
        let mut command = self.instance.command(&arguments);
        command.env("LD_PRELOAD", faketime());
        command.env("FAKETIME", format!("+{minutes}m"));
        self.service = Some(self.instance.start(command));
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.service().base_url)
    }

    /// The one-time link to begin with.
    pub fn set_up_link(&self) -> String {
        let made = self.instance.json(&["setup-url"], "");
        made["url"].as_str().unwrap().to_owned()
    }
}

/// The library that moves a process's clock.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    let file = |folder: std::fs::DirEntry| folder.path().join("faketime/libfaketime.so.1");
    let mut files = folders.map(Result::unwrap).map(file);
    files
        .find(|file| file.exists())
        .expect("libfaketime is missing: tests/run installs it")
}

/// Unix time in seconds.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// An authenticator app with one entry, which oathtool plays.
pub struct Phone {
    key: String,
    period: u64,
    used: u64,
    /// By how much its clock is ahead of this machine's.
    pub ahead: u64,
}

impl Phone {
    /// Types the key by hand from the page of the enrolment.
    pub fn takes_key(browser: &Browser) -> Self {
        browser.press("Type the key by hand");
        Self::reads_key(browser)
    }

    /// The same, once the key is shown.
    pub fn reads_key(browser: &Browser) -> Self {
        let fact = |name: &str| {
            let code = "return [...document.querySelectorAll('dt')]
                .find((term) => term.innerText === arguments[0])?.nextElementSibling.firstChild.textContent";
            let arguments = [serde_json::json!(name)];
            let found = browser.driver.script(code, &arguments).unwrap();
            found.as_str().unwrap().to_owned()
        };
        let kind = fact("Kind");
        assert!(kind.starts_with("Time-based, 6 digits, every "), "{kind}");
        let words = kind.split(' ').map(str::parse);
        let period = words.filter_map(Result::ok).nth(1).unwrap();
        let key: String = fact("Key").split(' ').collect();
        Self {
            key,
            period,
            used: 0,
            ahead: 0,
        }
    }

    /// A phone that knows this key.
    pub fn with_key(key: &str, period: u64) -> Self {
        Self {
            key: key.to_owned(),
            period,
            used: 0,
            ahead: 0,
        }
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it shows at a moment.
    pub fn code_at(&self, seconds: u64) -> String {
        let period = format!("--time-step-size={}s", self.period);
        let moment = format!("--now=@{seconds}");
        let arguments = ["--totp=sha1", "--base32", &period, &moment, &self.key];
        output_of("oathtool", &arguments).trim().to_owned()
    }

    /// A code that has not been used yet: the one shown now or, as clocks differ, the next; else that is waited for.
    pub fn code(&mut self) -> String {
        let shown = || (now() + self.ahead) / self.period;
        let step = (self.used + 1).max(shown());
        while shown() + 1 < step {
            sleep(Duration::from_millis(100));
        }
        self.used = step;
        self.code_at(step * self.period)
    }
}
