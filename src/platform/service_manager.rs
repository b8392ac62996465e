//! Words to the manager that started the service: ready, stopping, still alive. Without one they go
//! nowhere.

use sd_notify::NotifyState;
use std::time::Duration;

/// The service answers requests from now on, at this address.
pub fn ready(base_url: &str) {
    let status = format!("Running on {base_url}");
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// The service is ending.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The service is still at work.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often [`alive`] is to be said: twice within the time after which the manager loses patience;
/// `None` if it does not ask.
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|patience| patience / 2)
}

fn tell(words: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(words) {
        tracing::warn!(event = "manager.not_told", %error, "the service manager could not be told");
    }
}
