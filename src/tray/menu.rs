//! What the tray shows: from the state of the service to icon, tooltip and menu. Pure, so that a table can test every
//! state.

/// How the service is, as the tray knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What the tray may do with it.
    pub access: Access,
    /// Whether it answers.
    pub availability: Availability,
    /// Its address; empty until it has answered once.
    pub base_url: String,
    /// Whether there is an administrator.
    pub is_claimed: bool,
    /// Whether sign-ins are paused.
    pub is_paused: bool,
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
    /// What happened last, in words.
    pub last_event: Option<String>,
    /// Whether the tray starts at login; `None` where that cannot be set.
    pub starts_at_login: Option<bool>,
    /// Whether there is a log file to look at.
    pub has_log: bool,
}

/// What the tray may do with the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everything: it runs in this process.
    SameProcess,
    /// Everything: it runs in another process, and its local socket lets this account in.
    Socket,
    /// See whether it is ready, and open its pages: it runs under another account.
    HealthOnly,
}

/// Whether the service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It has not answered yet.
    Starting,
    /// It answers.
    Up,
    /// It does not answer.
    Down,
}

/// What is wrong with the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The store cannot be used.
    Store,
    /// The disk is nearly full.
    Disk,
    /// The clock is wrong.
    Clock,
    /// It is not ready, and does not say why.
    NotReady,
}

impl Trouble {
    /// In words, for a line of the menu.
    pub fn words(self) -> &'static str {
        match self {
            Self::Store => "the store cannot be used",
            Self::Disk => "the disk is nearly full",
            Self::Clock => "the clock of this machine is wrong",
            Self::NotReady => "not ready",
        }
    }
}

/// The four icons, which differ in shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IconKind {
    /// People can sign in.
    Open,
    /// Sign-ins are paused.
    Paused,
    /// Something is to be done: set-up, or trouble.
    Attention,
    /// The service does not answer.
    Down,
}

/// The background of the icon.
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
    DoNotStartAtLogin,
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
        (Self::DoNotStartAtLogin, "do-not-start-at-login"),
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
    pub icon: IconKind,
    pub panel: Panel,
    pub tooltip: String,
    /// Ten at most.
    pub items: Vec<Item>,
}

/// What a panel shows of a state.
pub fn view(state: &State, panel: Panel) -> View {
    View {
        icon: icon(state),
        panel,
        tooltip: status(state),
        items: items(state),
    }
}

fn icon(state: &State) -> IconKind {
    match state.availability {
        Availability::Starting | Availability::Down => IconKind::Down,
        Availability::Up if state.trouble.is_some() || !state.is_claimed => IconKind::Attention,
        Availability::Up if state.is_paused => IconKind::Paused,
        Availability::Up => IconKind::Open,
    }
}

fn status(state: &State) -> String {
    let url = &state.base_url;
    match (state.availability, state.trouble) {
        (Availability::Starting, _) => "Vestibule is starting…".into(),
        (Availability::Down, _) => "Vestibule is not running".into(),
        (Availability::Up, Some(trouble)) => format!("Trouble: {} – {url}", trouble.words()),
        (Availability::Up, None) if !state.is_claimed => format!("Not set up yet – {url}"),
        (Availability::Up, None) if state.is_paused => format!("Sign-ins are paused – {url}"),
        (Availability::Up, None) => format!("Running on {url}"),
    }
}

fn items(state: &State) -> Vec<Item> {
    let here = state.availability == Availability::Up;
    let may_act = here && state.access != Access::HealthOnly;
    let knows_address = !state.base_url.is_empty();
    let mut items = vec![
        line(status(state)),
        item("Open dashboard", Act::OpenDashboard, here),
    ];
    // One place for both, above all lines with a tick: a panel keeps the box of a tick at its place as long as the
    // number of lines stays the same.
    if may_act && !state.is_claimed {
        items.push(item("Finish set-up…", Act::FinishSetUp, true));
    } else if here && let Some(event) = &state.last_event {
        items.push(line(format!("Last: {event}")));
    }
    items.push(item("Copy address", Act::CopyAddress, knows_address));
    items.push(pause(state, here));
    if let Some(on) = state.starts_at_login {
        let act = if on {
            Act::DoNotStartAtLogin
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
    match (state.access, state.availability) {
        (Access::HealthOnly, _) | (Access::Socket, Availability::Starting | Availability::Down) => {
            items.push(item("Quit tray", Act::Quit, true));
        }
        (Access::SameProcess | Access::Socket, _) => {
            items.push(item("Quit tray (service keeps running)", Act::Quit, true));
            items.push(item("Stop service", Act::Stop, true));
        }
    }
    items
}

/// Where the tray may not pause, the line leads to the switch in the dashboard.
fn pause(state: &State, here: bool) -> Item {
    if state.access == Access::HealthOnly {
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
