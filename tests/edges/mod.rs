//! Beyond the machine and beyond good weather: other addresses, proxies, bad disks, bad clocks.

mod doctor;
mod housekeeping;
mod proxies;
mod systemd;
mod tls;
