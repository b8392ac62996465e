//! What a sign-in costs and what the service takes of the machine: `cargo bench`.
//!
//! ```text
//! this process: loads, counts, prints ── HTTP ──> a child of this same binary: the server, whose CPU is its own
//! ```
//! Everything that is compared is measured in one run. A token that was skipped, a step that was not
//! used up or an audit row that is missing makes the run fail. Goals are printed, not asserted: a
//! busy machine misses them.
//!
//! `cargo bench -- [--quick] [--tokens N] [--connections N] [--only sign-in|footprint|lists|large|tray]`

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a bench reads the clock and prints what it found"
)]

mod child;
mod footprint;
mod large;
mod lists;
mod load;
mod options;
mod people;
mod process;
mod report;
mod sign_in;
mod tray;

#[path = "../harness"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "part of the tests' harness"
)]
mod harness {
    pub mod binary;
    pub mod desktop;
    pub mod http;
    pub mod port;
    pub mod tools;
}

use options::Options;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, role, rest @ ..] = arguments.as_slice()
        && first == process::CHILD
    {
        return child::run(role, rest);
    }
    let options = Options::read(arguments.into_iter())?;
    // One thread loads, so that the server has the other core.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if options.takes("sign-in") {
            sign_in::measure(&options).await?;
        }
        if options.takes("footprint") {
            footprint::measure(&options).await?;
        }
        // A million people take their minutes: only where they are asked for.
        if options.is_asked_for("large") {
            large::measure(&options).await?;
        }
        // A desktop is not on every machine: only where it is asked for.
        if options.is_asked_for("tray") {
            tray::measure(&options)?;
        }
        if options.takes("lists") {
            lists::measure(&options).await?;
        }
        Ok(())
    })
}
