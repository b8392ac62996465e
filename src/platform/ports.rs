//! Who holds a TCP port, as far as this account may know.

use std::fs;
use std::net::{SocketAddr, TcpListener};

/// Whether another process listens on `address` already.
pub fn is_taken(address: SocketAddr) -> bool {
    let bound = TcpListener::bind(address);
    bound.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}

/// The process that listens on `port`, by name and number.
#[cfg(target_os = "linux")]
pub fn holder_of(port: u16) -> Option<String> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let number = process.file_name().into_string().ok()?;
        let descriptors = fs::read_dir(process.path().join("fd")).ok()?;
        let holds = descriptors.flatten().any(|descriptor| {
            fs::read_link(descriptor.path()).is_ok_and(|target| {
                sockets
                    .iter()
                    .any(|socket| target.as_os_str() == socket.as_str())
            })
        });
        let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        holds.then(|| format!("{} (process {number})", name.trim()))
    })
}

/// The process that listens on `port`; not known on this system.
#[cfg(not(target_os = "linux"))]
pub fn holder_of(_: u16) -> Option<String> {
    None
}

/// The inodes of the sockets that listen on `port`, from a table of the kernel.
#[cfg(target_os = "linux")]
fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    const LISTENING: &str = "0A";
    let ending = format!(":{port:04X}");
    let row = |line: &str| {
        let mut fields = line.split_whitespace();
        let local = fields.nth(1)?;
        let state = fields.nth(1)?;
        let inode = fields.nth(5)?;
        (local.ends_with(&ending) && state == LISTENING).then(|| inode.to_owned())
    };
    table.lines().skip(1).filter_map(row).collect()
}
