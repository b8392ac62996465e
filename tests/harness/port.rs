//! A port that a service can come back to.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that the kernel gives to whoever asks for any port, and to the near end of every connection
/// (`ip_local_port_range` in ip(7)): one of those may be somebody else's while a service restarts.
const FIRST: u32 = 10_000;
const COUNT: u32 = 20_000;

static TAKEN: AtomicU32 = AtomicU32::new(0);

/// An address on loopback that no other test is given.
pub fn own() -> SocketAddr {
    // Tests that run beside these begin somewhere else.
    let start = std::process::id().wrapping_mul(101);
    let mut addresses = std::iter::repeat_with(|| {
        let number = start.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + number % COUNT).unwrap();
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    });
    let free = |address: &SocketAddr| TcpListener::bind(address).is_ok();
    addresses.find(free).unwrap()
}
