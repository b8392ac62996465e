//! The one test binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and may look at the clock"
)]

#[path = "../api/mod.rs"]
mod api;
#[path = "../assets/mod.rs"]
mod assets;
#[path = "../attacks/mod.rs"]
mod attacks;
#[path = "../binary/mod.rs"]
mod binary;
#[path = "../edges/mod.rs"]
mod edges;
#[path = "../harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "not every test uses all of it")]
mod harness;
#[path = "../packaging/mod.rs"]
mod packaging;
#[path = "../pages/mod.rs"]
mod pages;
#[path = "../store/mod.rs"]
mod store;
mod tidy;
#[path = "../tray/mod.rs"]
mod tray;
