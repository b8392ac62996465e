//! What the tray shows: from the state of the service to icon, tooltip and menu. Pure, so that every
//! state can be told in a table.

/// How the service is, as the tray knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whose service it is.
    pub access: Access,
    /// Whether it answers.
    pub presence: Presence,
    /// Its address; empty until it has answered once.
    pub base_url: String,
    /// Whether there is an administrator.
    pub is_claimed: bool,
    /// Whether sign-ins are paused.
    pub is_paused: bool,
    /// What is the matter with it.
    pub trouble: Option<Trouble>,
    /// What happened last, in words.
    pub last_event: Option<String>,
    /// Whether the tray starts at login; `None` where that cannot be set.
    pub starts_at_login: Option<bool>,
    /// Whether there is a log file to look at.
    pub has_log: bool,
}

/// Whose service it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It runs in this process.
    Own,
    /// It runs in another process, whose local socket lets this account in.
    Partner,
    /// It runs under another account: health and links are all there is.
    Beside,
}

/// Whether the service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It has not answered yet.
    Starting,
    /// It answers.
    Here,
    /// It does not answer.
    Away,
}

/// What is the matter with the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The store cannot be used.
    Store,
    /// The disk is nearly full.
    Disk,
    /// The clock is wrong.
    Clock,
    /// It says no more than that it is not ready.
    Unsaid,
}

impl Trouble {
    /// In words, for a line of the menu.
    pub fn words(self) -> &'static str {
        match self {
            Self::Store => "the store cannot be used",
            Self::Disk => "the disk is nearly full",
            Self::Clock => "the clock of this machine is wrong",
            Self::Unsaid => "not ready",
        }
    }
}

/// The four icons, which differ in shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// People can sign in.
    Open,
    /// Sign-ins are paused.
    Paused,
    /// Something is to be done: set-up, or trouble.
    Attention,
    /// The service does not answer.
    Away,
}

/// What the icon stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Dark,
    Light,
}

/// What a click does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    OpenDashboard,
    FinishSetUp,
    CopyAddress,
    Pause,
    Resume,
    PauseInDashboard,
    StartAtLogin,
    StartNoMore,
    ViewLog,
    ViewAuditLog,
    About,
    Quit,
    Stop,
}

impl Act {
    const NAMES: [(Self, &'static str); 13] = [
        (Self::OpenDashboard, "open"),
        (Self::FinishSetUp, "set-up"),
        (Self::CopyAddress, "copy"),
        (Self::Pause, "pause"),
        (Self::Resume, "resume"),
        (Self::PauseInDashboard, "pause-in-dashboard"),
        (Self::StartAtLogin, "start-at-login"),
        (Self::StartNoMore, "start-no-more"),
        (Self::ViewLog, "log"),
        (Self::ViewAuditLog, "audit-log"),
        (Self::About, "about"),
        (Self::Quit, "quit"),
        (Self::Stop, "stop"),
    ];

    /// A name for the menu's events.
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(act, _)| *act == self);
        found.map_or("", |(_, name)| name)
    }

    /// The act of this name.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(act, _)| *act)
    }
}

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it says.
    pub label: String,
    /// What a click does; without it the line cannot be clicked.
    pub act: Option<Act>,
    /// Whether it has a tick, if it is one that can have it.
    pub tick: Option<bool>,
}

/// Everything that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub mark: Mark,
    pub panel: Panel,
    pub tooltip: String,
    /// Ten at most.
    pub items: Vec<Item>,
}

/// What a panel shows of a state.
pub fn view(state: &State, panel: Panel) -> View {
    View {
        mark: mark(state),
        panel,
        tooltip: status(state),
        items: items(state),
    }
}

fn mark(state: &State) -> Mark {
    match state.presence {
        Presence::Starting | Presence::Away => Mark::Away,
        Presence::Here if state.trouble.is_some() || !state.is_claimed => Mark::Attention,
        Presence::Here if state.is_paused => Mark::Paused,
        Presence::Here => Mark::Open,
    }
}

fn status(state: &State) -> String {
    let url = &state.base_url;
    match (state.presence, state.trouble) {
        (Presence::Starting, _) => "Vestibule is starting…".into(),
        (Presence::Away, _) => "Vestibule is not running".into(),
        (Presence::Here, Some(trouble)) => format!("Trouble: {} – {url}", trouble.words()),
        (Presence::Here, None) if !state.is_claimed => format!("Not set up yet – {url}"),
        (Presence::Here, None) if state.is_paused => format!("Sign-ins are paused – {url}"),
        (Presence::Here, None) => format!("Running on {url}"),
    }
}

fn items(state: &State) -> Vec<Item> {
    let here = state.presence == Presence::Here;
    let may_act = here && state.access != Access::Beside;
    let knows_address = !state.base_url.is_empty();
    let mut items = vec![
        line(status(state)),
        item("Open dashboard", Act::OpenDashboard, here),
    ];
    // One place for both, above all lines with a tick: a panel keeps the box of a tick at its place for
    // as long as the menu has as many lines.
    if may_act && !state.is_claimed {
        items.push(item("Finish set-up…", Act::FinishSetUp, true));
    } else if here && let Some(event) = &state.last_event {
        items.push(line(format!("Last: {event}")));
    }
    items.push(item("Copy address", Act::CopyAddress, knows_address));
    items.push(pause(state, here));
    if let Some(on) = state.starts_at_login {
        let act = if on {
            Act::StartNoMore
        } else {
            Act::StartAtLogin
        };
        items.push(Item {
            tick: Some(on),
            ..item("Start at login", act, true)
        });
    }
    items.push(match state.has_log {
        true => item("View log", Act::ViewLog, true),
        false => item("View audit log", Act::ViewAuditLog, here),
    });
    items.push(item("About Vestibule", Act::About, true));
    match (state.access, state.presence) {
        (Access::Beside, _) | (Access::Partner, Presence::Starting | Presence::Away) => {
            items.push(item("Quit tray", Act::Quit, true));
        }
        (Access::Own | Access::Partner, _) => {
            items.push(item("Quit tray (service keeps running)", Act::Quit, true));
            items.push(item("Stop service", Act::Stop, true));
        }
    }
    items
}

/// Whoever may not pause finds the switch in the dashboard.
fn pause(state: &State, here: bool) -> Item {
    if state.access == Access::Beside {
        return item(
            "Pause sign-ins in the dashboard…",
            Act::PauseInDashboard,
            here,
        );
    }
    let act = if state.is_paused {
        Act::Resume
    } else {
        Act::Pause
    };
    Item {
        tick: Some(state.is_paused),
        ..item("Pause sign-ins", act, here)
    }
}

fn line(label: String) -> Item {
    Item {
        label,
        act: None,
        tick: None,
    }
}

fn item(label: &str, act: Act, can_be_clicked: bool) -> Item {
    Item {
        label: label.to_owned(),
        act: can_be_clicked.then_some(act),
        tick: None,
    }
}
