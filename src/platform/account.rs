//! Accounts of the operating system: which one this process runs under, which one calls, and their
//! names for the audit log.

use std::io;
use tokio::net::UnixStream;

/// The name of the account with this number, or `uid N` where there is none.
#[cfg(unix)]
pub fn name_of(uid: u32) -> String {
    let wanted = uid.to_string();
    let table = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == wanted).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| format!("uid {uid}"))
}

/// The number of the account that this process runs under.
#[cfg(unix)]
pub fn own() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The name of the account at the other end of a local socket; `None` for an account that may not
/// operate this instance, which is any but this process's own and root.
///
/// # Errors
/// If the operating system does not tell.
#[cfg(unix)]
pub fn operator_behind(stream: &UnixStream) -> io::Result<Option<String>> {
    let caller = stream.peer_cred()?.uid();
    let may_operate = caller == 0 || caller == own();
    Ok(may_operate.then(|| name_of(caller)))
}
