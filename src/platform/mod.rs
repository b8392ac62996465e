//! Floor 1: the only code that asks the operating system for time, randomness, paths, keys, names
//! and signals. Everything above gets these as values or behind the traits defined here.

pub mod account;
pub mod certificate;
pub mod clock;
pub mod desktop;
pub mod entropy;
pub mod file_faults;
pub mod files;
pub mod key_provider;
pub mod logging;
pub mod paths;
pub mod ports;
pub mod process;
pub mod service_manager;
pub mod shutdown;
