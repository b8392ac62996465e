//! Floor 1: the only code that asks the operating system for time, randomness, paths, keys, names
//! and signals. Everything above gets these as values or behind the traits defined here.

pub mod account;
pub mod autostart;
pub mod certificate;
pub mod clock;
pub mod desktop;
pub mod entropy;
pub mod examine;
pub mod files;
pub mod key_provider;
pub mod logging;
pub mod paths;
pub mod ports;
pub mod process;
pub mod service_manager;
pub mod session_bus;
pub mod shutdown;
pub mod systemd_credential;
