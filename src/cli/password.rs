//! Passwords on their way in: from a prompt or from standard input, never from an argument.

use super::Failure;
use std::io::{BufRead, IsTerminal};

/// A new password: the first line of standard input if `from_stdin`, else asked for twice.
pub(super) fn read_new(from_stdin: bool) -> Result<String, Failure> {
    let broken = |error: std::io::Error| Failure::Usage(format!("no password was read: {error}"));
    if from_stdin {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(broken)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !std::io::stdin().is_terminal() {
        let text = "there is no terminal to ask for the password: pass it with --password-stdin";
        return Err(Failure::Usage(text.into()));
    }
    let first = rpassword::prompt_password("New password: ").map_err(broken)?;
    let second = rpassword::prompt_password("The same again: ").map_err(broken)?;
    if first == second {
        Ok(first)
    } else {
        Err(Failure::Usage("the two passwords differ: try again".into()))
    }
}
