//! An authenticator app with one entry, which oathtool plays by the machine's clock.

use super::binary::output_of;
use super::browser::Browser;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Unix time in seconds.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Somebody's phone.
pub struct Phone {
    key: String,
    period: u64,
    used: u64,
    /// By how many seconds its clock is ahead of this machine's.
    pub ahead: u64,
}

impl Phone {
    /// A phone that knows this key, whose codes change every so many seconds.
    pub fn with_key(key: &str, period: u64) -> Self {
        Self {
            key: key.to_owned(),
            period,
            used: 0,
            ahead: 0,
        }
    }

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
        Self::with_key(&key, period)
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

    /// A code that has not been used yet: the one shown now or, as clocks may differ, the next; else that is waited
    /// for. It stays good for a whole period at least, wherever in the period this is asked: nothing that is done with
    /// it takes as long.
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
