//! Starting the tray at login, as the Desktop Application Autostart Specification has it: a desktop
//! entry of one's own, which also stands above the packaged one of the same name.

use crate::platform::{files, paths};
use std::io;
use std::path::{Path, PathBuf};

/// The name that the packaged entry has too.
const FILE: &str = "vestibule-tray.desktop";

/// The switch for one account.
#[derive(Clone, Debug)]
pub struct Autostart {
    own: PathBuf,
    system: PathBuf,
    command: String,
}

impl Autostart {
    /// The switch of this account, starting `arguments` of this very program; `None` for an account
    /// without a home.
    pub fn of_account(arguments: &[&str]) -> Option<Self> {
        let program = std::env::current_exe().ok()?;
        let mut command = quoted(program.to_str()?)?;
        for argument in arguments {
            command.push(' ');
            command.push_str(&quoted(argument)?);
        }
        Some(Self {
            own: paths::own_autostart()?.join(FILE),
            system: paths::system_autostart().join(FILE),
            command,
        })
    }

    /// Whether it is started at login.
    pub fn is_on(&self) -> bool {
        match std::fs::read_to_string(&self.own) {
            Ok(entry) => !entry.lines().any(|line| line.trim() == "Hidden=true"),
            Err(_) => self.system.exists(),
        }
    }

    /// Sets it.
    ///
    /// # Errors
    /// If the entry cannot be written or removed.
    pub fn set(&self, on: bool) -> io::Result<()> {
        match (on, self.system.exists()) {
            // The packaged one does it.
            (true, true) | (false, false) => files::remove_if_there(&self.own),
            (true, false) => self.write(&format!("Exec={}\n", self.command)),
            (false, true) => self.write("Hidden=true\n"),
        }
    }

    fn write(&self, line: &str) -> io::Result<()> {
        if let Some(directory) = self.own.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Vestibule\nComment=Two-factor sign-in\n{line}"
        );
        replace(&self.own, &entry)
    }
}

/// Writes beside it first, so that a full disk does not leave half an entry.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let prepared = path.with_extension("new");
    std::fs::write(&prepared, text)?;
    std::fs::rename(&prepared, path)
}

/// An argument as the Desktop Entry Specification quotes it; `None` if it cannot be in an entry.
fn quoted(argument: &str) -> Option<String> {
    if argument.chars().any(char::is_control) {
        return None;
    }
    let mut text = String::from("\"");
    for character in argument.chars() {
        match character {
            // Once for the quotes, and once for the file's own escapes.
            '"' | '`' | '$' => text.push_str("\\\\"),
            '\\' => text.push_str("\\\\\\"),
            '%' => text.push('%'),
            _ => {}
        }
        text.push(character);
    }
    text.push('"');
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn arguments_are_quoted_for_a_desktop_entry() {
        for (argument, expected) in [
            ("/usr/bin/vestibule", Some("\"/usr/bin/vestibule\"")),
            ("/home/a b/x", Some("\"/home/a b/x\"")),
            ("50%", Some("\"50%%\"")),
            ("a$b", Some("\"a\\\\$b\"")),
            ("a\\b", Some("\"a\\\\\\\\b\"")),
            ("a\nb", None),
        ] {
            assert_eq!(quoted(argument).as_deref(), expected);
        }
    }
}
