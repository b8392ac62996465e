//! A desktop of the test's own: a screen without glass (Xvfb), a session bus, and, where it is asked
//! for, a panel that shows tray icons (xfce4-panel). What would open a page is written down instead.

use super::binary::{Instance, signal};
use super::tools;
use rustix::process::Signal;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::{OwnedValue, Value};

/// After this long something hangs; no test depends on it otherwise.
const HANGS_AFTER: Duration = Duration::from_secs(30);

/// Waits until `look` finds something.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < HANGS_AFTER, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process that is ended when it goes out of scope.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A line of the tray's menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: i32,
    pub label: String,
    pub can_be_clicked: bool,
    pub tick: Option<bool>,
}

type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

pub struct Desktop {
    directory: tempfile::TempDir,
    display: String,
    bus_address: String,
    bus: Connection,
    notifications: Arc<Mutex<Vec<(String, String)>>>,
    // Ended in this order.
    panel: Option<Process>,
    daemon: Process,
    _screen: Process,
}

struct Notifications(Arc<Mutex<Vec<(String, String)>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    fn notify(
        &self,
        _name: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap();
        shown.push((summary.to_owned(), body.to_owned()));
        u32::try_from(shown.len()).unwrap()
    }
}

impl Desktop {
    /// A desktop without a panel, as a plain GNOME has none for icons; `None` where its programs are missing.
    pub fn bare() -> Option<Self> {
        tools::DESKTOP.then(Self::start)
    }

    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (screen, number) = first_line_of(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1000x700x24"])
                .args(["-nolisten", "tcp", "-fbdir"])
                .arg(directory.path()),
        );
        let display = format!(":{number}");
        let (daemon, bus_address) = first_line_of(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address=1"])
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", directory.path())
                .env("NO_AT_BRIDGE", "1")
                .env("DISPLAY", &display),
        );
        let notifications = Arc::new(Mutex::new(Vec::new()));
        let bus = Builder::address(bus_address.as_str())
            .unwrap()
            .serve_at(
                "/org/freedesktop/Notifications",
                Notifications(Arc::clone(&notifications)),
            )
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .build()
            .unwrap();
        let programs = directory.path().join("programs");
        std::fs::create_dir(&programs).unwrap();
        let opener = programs.join("xdg-open");
        let script = format!(
            "#!/bin/sh\necho \"$1\" >> '{}'\n",
            directory.path().join("opened").display()
        );
        std::fs::write(&opener, script).unwrap();
        std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            directory,
            display,
            bus_address,
            bus,
            notifications,
            panel: None,
            daemon,
            _screen: screen,
        }
    }

    /// A desktop whose panel shows icons.
    pub fn with_panel() -> Option<Self> {
        let mut desktop = Self::bare()?;
        desktop.start_panel();
        Some(desktop)
    }

    pub fn start_panel(&mut self) {
        let panel = Command::new("xfce4-panel")
            .arg("--disable-wm-check")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.directory.path())
            .env("NO_AT_BRIDGE", "1")
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus_address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.panel = Some(Process(panel));
        wait_for("the panel", || self.has_host().then_some(()));
    }

    pub fn end_panel(&mut self) {
        self.panel = None;
        wait_for("the panel's end", || (!self.has_host()).then_some(()));
    }

    fn has_host(&self) -> bool {
        let host = self.property("IsStatusNotifierHostRegistered");
        host.is_some_and(|host| matches!(*host, Value::Bool(true)))
    }

    /// The items that the watcher knows.
    pub fn registered(&self) -> Vec<String> {
        let items = self.property("RegisteredStatusNotifierItems");
        items
            .and_then(|items| items.try_into().ok())
            .unwrap_or_default()
    }

    fn property(&self, name: &str) -> Option<OwnedValue> {
        let watcher = "org.kde.StatusNotifierWatcher";
        let reply = self.bus.call_method(
            Some(watcher),
            "/StatusNotifierWatcher",
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(watcher, name),
        );
        reply.ok()?.body().deserialize().ok()
    }

    /// A command of an instance on this desktop.
    pub fn command(&self, instance: &Instance, arguments: &[&str]) -> Command {
        let mut command = self.command_without_bus(instance, arguments);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.bus_address);
        command
    }

    /// The same where the bus was not passed on.
    pub fn command_without_bus(&self, instance: &Instance, arguments: &[&str]) -> Command {
        let programs = self.directory.path().join("programs");
        let mut command = instance.command(arguments);
        command
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .env("DISPLAY", &self.display)
            .env("XDG_RUNTIME_DIR", instance.root());
        command
    }

    /// What was opened so far.
    pub fn opened(&self) -> Vec<String> {
        let opened = std::fs::read_to_string(self.directory.path().join("opened"));
        opened
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// The notifications so far: what each is about, and its words.
    pub fn notifications(&self) -> Vec<(String, String)> {
        self.notifications.lock().unwrap().clone()
    }

    /// The text that was copied last, as another program pastes it.
    pub fn pasted(&self) -> Option<String> {
        let output = Command::new("xclip")
            .args(["-selection", "clipboard", "-out"])
            .env("DISPLAY", &self.display)
            .output()
            .unwrap();
        output
            .status
            .success()
            .then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// The name on the bus of a process's tray icon.
    fn item_of(&self, process: u32) -> Option<String> {
        let reply = self.bus.call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "ListNames",
            &(),
        );
        let names: Vec<String> = reply.unwrap().body().deserialize().unwrap();
        let prefix = format!("org.kde.StatusNotifierItem-{process}-");
        names.into_iter().find(|name| name.starts_with(&prefix))
    }

    /// The menu of a process's tray icon, without the lines between.
    pub fn menu(&self, process: u32) -> Option<Vec<Entry>> {
        let no_names: Vec<String> = Vec::new();
        let reply = self.bus.call_method(
            Some(self.item_of(process)?),
            "/MenuBar",
            Some("com.canonical.dbusmenu"),
            "GetLayout",
            &(0_i32, -1_i32, no_names),
        );
        let reply = reply.ok()?;
        let (_, (_, _, children)): (u32, Layout) = reply.body().deserialize().unwrap();
        let entries = children.into_iter().filter_map(|child| entry(&child));
        Some(entries.collect())
    }

    /// Clicks the line of a process's menu that begins with these words.
    #[track_caller]
    pub fn click(&self, process: u32, label: &str) {
        let entry = wait_for(label, || {
            let menu = self.menu(process)?;
            menu.into_iter()
                .find(|entry| entry.label.starts_with(label) && entry.can_be_clicked)
        });
        // A program that ends by it may not answer.
        let _ = self.bus.call_method(
            Some(self.item_of(process).unwrap()),
            "/MenuBar",
            Some("com.canonical.dbusmenu"),
            "Event",
            &(entry.id, "clicked", Value::from(0_i32), 0_u32),
        );
    }

    /// Waits until the first line of a process's menu holds these words.
    #[track_caller]
    pub fn waits_for_status(&self, process: u32, words: &str) {
        wait_for(words, || {
            let status = self.menu(process)?.first()?.label.clone();
            status.contains(words).then_some(())
        });
    }

    /// How many pixels of the screen are of this colour, or nearly.
    pub fn pixels_like(&self, [red, green, blue]: [u8; 3]) -> usize {
        let screen = std::fs::read(self.directory.path().join("Xvfb_screen0")).unwrap();
        let number = |index: usize| {
            let bytes = screen[index * 4..index * 4 + 4].try_into().unwrap();
            u32::from_be_bytes(bytes) as usize
        };
        // Of the header (`XWDFile.h`): its size, the bits of a pixel, and the number of colours.
        let (header, bits, colours) = (number(0), number(11), number(19));
        assert_eq!(bits, 32);
        let is_near = |a: u8, b: u8| a.abs_diff(b) < 8;
        screen[header + colours * 12..]
            .chunks_exact(4)
            .filter(|pixel| {
                is_near(pixel[0], blue) && is_near(pixel[1], green) && is_near(pixel[2], red)
            })
            .count()
    }

    /// Holds the bus, so that it answers nobody, or lets it go on.
    pub fn hold_bus(&self, held: bool) {
        let sent = if held { Signal::STOP } else { Signal::CONT };
        signal(self.daemon.0.id(), sent);
    }

    pub fn home(&self) -> &Path {
        self.directory.path()
    }
}

/// Starts a program that prints where it is to be found.
fn first_line_of(command: &mut Command) -> (Process, String) {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(!line.trim().is_empty(), "{command:?} has ended");
    (Process(child), line.trim().to_owned())
}

/// A line of a menu; `None` for one between.
fn entry(child: &OwnedValue) -> Option<Entry> {
    let (id, properties, _): Layout = child.try_clone().unwrap().try_into().unwrap();
    let text = |name: &str| -> Option<String> {
        properties.get(name)?.try_clone().unwrap().try_into().ok()
    };
    if text("type").as_deref() == Some("separator") {
        return None;
    }
    let is = |name: &str| {
        properties
            .get(name)
            .map(|value| matches!(**value, Value::Bool(true)))
    };
    let state = properties.get("toggle-state");
    Some(Entry {
        id,
        label: text("label").unwrap_or_default().replace("__", "_"),
        can_be_clicked: is("enabled").unwrap_or(true),
        tick: state.map(|state| matches!(**state, Value::I32(1))),
    })
}
