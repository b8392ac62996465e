//! Names of the operating system's accounts, for the audit log.

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
