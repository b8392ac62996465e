//! What a desktop does for us: opens addresses and files, and keeps a text for pasting.

pub mod autostart;
pub mod session_bus;

use std::io;

/// Whether there is a screen to show something on.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Whether there is a screen to show something on.
#[cfg(any(windows, target_os = "macos"))]
pub fn has_display() -> bool {
    true
}

/// The desktop's own name, like `GNOME`; empty where it gives none.
pub fn name() -> String {
    std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default()
}

/// Opens an address in the browser, or a file in the program for it.
///
/// # Errors
/// If there is nothing to open it with.
pub fn open(target: &str) -> io::Result<()> {
    use std::process::{Command, Stdio};
    let mut command = Command::new(OPENER);
    command
        .arg(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    {
        // What ends us from a terminal must not end the browser.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let mut opener = command.spawn()?;
    // Waited for, so that it does not stay behind as a zombie.
    std::thread::Builder::new()
        .name("opener".into())
        .spawn(move || opener.wait())?;
    Ok(())
}

#[cfg(all(unix, not(target_os = "macos")))]
const OPENER: &str = "xdg-open";
#[cfg(target_os = "macos")]
const OPENER: &str = "open";
#[cfg(windows)]
const OPENER: &str = "explorer.exe";

/// The clipboard. On X11 the program that copied a text must run to hand it out, so this is kept.
#[derive(Default)]
pub struct Clipboard(Option<arboard::Clipboard>);

impl Clipboard {
    /// Keeps a text for pasting.
    ///
    /// # Errors
    /// If there is no clipboard.
    pub fn copy(&mut self, text: &str) -> Result<(), arboard::Error> {
        let clipboard = match &mut self.0 {
            Some(clipboard) => clipboard,
            none => none.insert(arboard::Clipboard::new()?),
        };
        clipboard.set_text(text)
    }
}
