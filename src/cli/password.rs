//! Passwords on their way in: from a prompt or from standard input, never from an argument.

use super::failure::Failure;
use crate::domain::secret::SecretText;
use std::io::{BufRead, IsTerminal};

/// A new password: the first line of standard input if `from_stdin`, else asked for twice.
pub(super) fn read_new(from_stdin: bool) -> Result<SecretText, Failure> {
    let broken = |error: std::io::Error| Failure::Usage(format!("no password was read: {error}"));
    if from_stdin {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(broken)?;
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        return Ok(SecretText::new(line));
    }
    if !std::io::stdin().is_terminal() {
        let text = "there is no terminal to ask for the password: pass it with --password-stdin";
        return Err(Failure::Usage(text.into()));
    }
    let ask = |prompt| rpassword::prompt_password(prompt).map(SecretText::new);
    let first = ask("New password: ").map_err(broken)?;
    let second = ask("The same again: ").map_err(broken)?;
    if first.expose() == second.expose() {
        Ok(first)
    } else {
        Err(Failure::Usage("the two passwords differ: try again".into()))
    }
}
