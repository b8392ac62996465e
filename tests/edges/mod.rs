//! Beyond the machine and beyond good weather: other addresses, proxies, bad disks, bad clocks.

#![allow(
    clippy::print_stdout,
    reason = "a proof that was asked for with --nocapture tells its figures"
)]

mod disk_full;
mod doctor;
mod faults;
mod housekeeping;
mod kills;
mod proxies;
mod slow;
mod systemd;
mod tls;
