//! The real binary with browsers in front of it.

use super::binary::{Instance, Service};
use super::tools::{self, path_of};
use std::process::Command;
use std::sync::{Condvar, Mutex, PoisonError};

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
    /// `None` where there is no browser.
    pub fn start() -> Option<Self> {
        tools::PAGES.then(|| {
            let seat = Seat::take();
            // The longest period there is: a code must still be good when the browser has sent it, also on a busy
            // machine.
            let instance = Instance::with("VESTIBULE_TOTP__PERIOD_SECONDS", "120");
            let service = Some(instance.serve());
            Self {
                service,
                instance,
                _seat: seat,
            }
        })
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
        let mut command = self.with_a_clock_of_its_own(listen);
        command.env("FAKETIME", format!("+{minutes}m"));
        self.service = Some(self.instance.start(command));
    }

    /// Starts it again with a clock that stands still at this moment, in seconds of Unix time.
    pub fn starts_again_at(&mut self, listen: &str, moment: u64) {
        let mut command = self.with_a_clock_of_its_own(listen);
        // Timers go on: they do not ask what time it is.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command.env("FAKETIME_FMT", "%s");
        command.env("FAKETIME", moment.to_string());
        self.service = Some(self.instance.start(command));
    }

    fn with_a_clock_of_its_own(&self, listen: &str) -> Command {
        let arguments = ["serve", "--json", "--listen", listen];
        let mut command = self.instance.command(&arguments);
        command.env("LD_PRELOAD", path_of("libfaketime"));
        command
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
