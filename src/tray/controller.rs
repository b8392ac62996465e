//! Takes messages one after the other, on the main thread, and says what is to be shown.

use super::headless::{cure, reason};
use super::menu::{self, Act, Availability, Panel, State, Trouble, View};
use super::message::{Ending, Message};
use super::options::{OpenAtStart, Options};
use super::requests::request;
use super::service_address::ServiceAddress;
use crate::platform::desktop::session_bus::{self, TrayHost};
use crate::platform::desktop::{self, Clipboard};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::Notify;

/// How often a desktop that is just coming up is asked what shows icons.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// What follows a message.
pub(super) enum Next {
    /// This is to be shown now.
    Show(View),
    /// Nothing has changed.
    Stay,
    /// The tray ends.
    End(Ending),
}

pub(super) struct Controller {
    options: Options,
    nudge: Arc<Notify>,
    messages: Sender<Message>,
    state: Option<State>,
    /// Dark, as most panels are, unless the desktop says otherwise.
    panel: Panel,
    clipboard: Clipboard,
    /// Whether what is opened at the start was opened.
    has_opened: bool,
    /// Whether an icon can be seen, as far as is known.
    is_seen: bool,
}

impl Controller {
    pub fn new(options: Options, nudge: Arc<Notify>, messages: Sender<Message>) -> Self {
        Self {
            options,
            nudge,
            messages,
            state: None,
            panel: Panel::Dark,
            clipboard: Clipboard::default(),
            has_opened: false,
            is_seen: true,
        }
    }

    /// Takes a message.
    pub fn take(&mut self, message: Message) -> Next {
        match message {
            Message::State(state) => {
                self.notify_of_trouble(&state);
                self.state = Some(state);
                self.open_at_start();
                self.show()
            }
            Message::Act(act) => self.act(act),
            Message::Panel(panel) => {
                self.panel = panel;
                self.show()
            }
            Message::IconNotShown => {
                self.is_seen = false;
                if self.has_opened && self.opens_without_icon() {
                    self.open_without_icon();
                }
                Next::Stay
            }
            Message::Open(target) => {
                self.open(&target);
                Next::Stay
            }
            Message::News { title, body } => {
                if self.options.notifications {
                    self.notify(title, body);
                }
                Next::Stay
            }
            Message::ActFailed(why) => {
                self.notify("This could not be done", why);
                Next::Stay
            }
            Message::End => Next::End(Ending::Stopped),
        }
    }

    /// Logs once that no icon can be seen, and sends [`Message::IconNotShown`]. A panel may come up later than the
    /// tray, so the desktop is asked several times.
    pub fn look_for_host(&self, is_shown: bool) {
        let messages = self.messages.clone();
        self.options.runtime.spawn_blocking(move || {
            if session_bus::prefers_dark() == Some(false) {
                let _ = messages.send(Message::Panel(Panel::Light));
            }
            let mut host = session_bus::tray_host();
            for _ in 1..LOOKS {
                if host != TrayHost::Nobody {
                    break;
                }
                std::thread::sleep(BETWEEN_LOOKS);
                host = session_bus::tray_host();
            }
            let Some(reason) = reason(host) else {
                if !is_shown {
                    tracing::warn!(event = "tray.not_shown", "the tray icon could not be made");
                }
                return;
            };
            let cure = cure(host);
            tracing::warn!(
                event = "tray.not_shown",
                cure,
                "{reason}; everything else works"
            );
            let _ = messages.send(Message::IconNotShown);
        });
    }

    fn act(&mut self, act: Act) -> Next {
        match act {
            Act::OpenDashboard => self.open_page(""),
            Act::PauseInDashboard => self.open_page("/admin/system"),
            Act::ViewAuditLog => self.open_page("/admin/audit"),
            Act::ViewLog => {
                if let Some(log) = &self.options.log {
                    self.open(&log.display().to_string());
                }
            }
            Act::CopyAddress => self.copy_address(),
            Act::About => self.about(),
            Act::StartAtLogin | Act::DoNotStartAtLogin => {
                self.set_autostart(act == Act::StartAtLogin);
            }
            Act::Quit => return Next::End(Ending::Quit),
            Act::Pause | Act::Resume | Act::FinishSetUp | Act::Stop => self.ask(act),
        }
        // A tick changes by itself when it is clicked, so the menu is shown anew as things are.
        self.show()
    }

    fn show(&self) -> Next {
        match &self.state {
            Some(state) => Next::Show(menu::view(state, self.panel)),
            None => Next::Stay,
        }
    }

    /// Asks the service, without waiting for it here.
    fn ask(&self, act: Act) {
        let (address, nudge) = (self.options.address.clone(), Arc::clone(&self.nudge));
        let messages = self.messages.clone();
        self.options.runtime.spawn(async move {
            match request(&address, act).await {
                Ok(Some(address)) => {
                    let _ = messages.send(Message::Open(address));
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(event = "tray.not_done", act = act.name(), %error, "the service did not do it");
                    let _ = messages.send(Message::ActFailed(error.to_string()));
                }
            }
            nudge.notify_one();
        });
    }

    fn open_at_start(&mut self) {
        let Some(state) = &self.state else { return };
        if self.has_opened || state.availability != Availability::Up {
            return;
        }
        self.has_opened = true;
        match self.options.open_at_start {
            OpenAtStart::SetUpOrDashboardIfNoIcon | OpenAtStart::SetUpOrDashboard
                if self.may_set_up() =>
            {
                self.ask(Act::FinishSetUp);
            }
            OpenAtStart::SetUpOrDashboard => self.open_page(""),
            _ if self.opens_without_icon() && !self.is_seen => self.open_without_icon(),
            OpenAtStart::DashboardIfNoIcon
            | OpenAtStart::SetUpOrDashboardIfNoIcon
            | OpenAtStart::Nothing => {}
        }
    }

    /// Opens the dashboard in the place of an icon that cannot be seen, unless the set-up page is open already.
    fn open_without_icon(&self) {
        if !self.may_set_up() && desktop::has_display() {
            self.open_page("");
        }
    }

    fn opens_without_icon(&self) -> bool {
        matches!(
            self.options.open_at_start,
            OpenAtStart::DashboardIfNoIcon | OpenAtStart::SetUpOrDashboardIfNoIcon
        )
    }

    fn may_set_up(&self) -> bool {
        let is_claimed = self.state.as_ref().is_none_or(|state| state.is_claimed);
        !is_claimed && matches!(self.options.address, ServiceAddress::Socket(_))
    }

    /// Shows once that clock, disk or store went wrong.
    fn notify_of_trouble(&self, new: &State) {
        let is_new = self
            .state
            .as_ref()
            .is_none_or(|old| old.trouble != new.trouble);
        if is_new
            && self.options.notifications
            && let Some(trouble @ (Trouble::Clock | Trouble::Disk | Trouble::Store)) = new.trouble
        {
            self.notify(
                "Sign-ins are in trouble",
                format!("Now {}.", trouble.words()),
            );
        }
    }

    fn open_page(&self, path: &str) {
        if let Some(state) = &self.state
            && !state.base_url.is_empty()
        {
            self.open(&format!("{}{path}", state.base_url));
        }
    }

    fn open(&self, target: &str) {
        if let Err(error) = desktop::open(target) {
            // The target may hold a one-time token, which no log may.
            tracing::warn!(event = "tray.not_opened", %error, "nothing on this desktop opens a page");
            let page = target.split('#').next().unwrap_or_default();
            self.notify(
                "Nothing here opens a page",
                format!("Open {page} in a browser."),
            );
        }
    }

    fn copy_address(&mut self) {
        let Some(state) = &self.state else { return };
        if let Err(error) = self.clipboard.copy(&state.base_url) {
            tracing::warn!(event = "tray.not_copied", %error, "the address could not be copied");
            self.notify("The address could not be copied", state.base_url.clone());
        }
    }

    fn about(&self) {
        let version = env!("CARGO_PKG_VERSION");
        let state = self.state.as_ref();
        let state = state.map(|state| menu::view(state, self.panel).tooltip);
        let body = format!(
            "Two-factor sign-in for small teams, on their own machine.\n{}",
            state.unwrap_or_default()
        );
        self.notify(&format!("Vestibule {version}"), body);
    }

    fn set_autostart(&mut self, on: bool) {
        let Some(autostart) = &self.options.autostart else {
            return;
        };
        if let Err(error) = autostart.set(on) {
            tracing::warn!(event = "tray.no_autostart", %error, "starting at login could not be set");
            self.notify("Starting at login could not be set", error.to_string());
        } else if let Some(state) = &mut self.state {
            state.starts_at_login = Some(on);
        }
        self.nudge.notify_one();
    }

    /// Shows a notification, where the desktop shows them.
    fn notify(&self, title: &str, body: String) {
        let title = title.to_owned();
        self.options.runtime.spawn_blocking(move || {
            if let Err(error) = session_bus::notify(&title, &body) {
                tracing::debug!(%error, title, "no notification could be shown");
            }
        });
    }
}
