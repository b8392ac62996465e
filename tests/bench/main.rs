//! What a sign-in costs and what the service takes of the machine: `cargo bench`.
//!
//! ```text
//! this process: loads, counts, prints ── HTTP ──> a child of this same binary: the server, whose CPU is its own
//! ```
//! Everything that is compared is measured in one run. A token that was skipped, a step that was not
//! used up or an audit row that is missing makes the run fail. Goals are printed, not asserted: a
//! busy machine misses them.
//!
//! `cargo bench --bench authenticate -- [--quick] [--tokens N] [--connections N] [--only sign-in|footprint|lists|large|tray]`

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
}

use anyhow::{Context, bail};

/// What is measured.
pub struct Options {
    /// Sign-ins for each number of connections.
    pub tokens: usize,
    /// Numbers of connections.
    pub connections: Vec<usize>,
    /// Starts of the service of which the median is taken.
    pub starts: usize,
    only: Option<String>,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            tokens: 20_000,
            connections: vec![1, 16, 64, 256],
            starts: 11,
            only: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.with_context(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                // Cargo adds it.
                "--bench" => {}
                "--quick" => {
                    options.tokens = 2_000;
                    options.starts = 3;
                }
                "--tokens" => options.tokens = value()?.parse()?,
                "--connections" => options.connections = vec![value()?.parse()?],
                "--only" => options.only = Some(value()?),
                other => bail!("{other} is not known"),
            }
        }
        Ok(options)
    }

    fn takes(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }
}

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
        if options.only.as_deref() == Some("large") {
            large::measure(&options).await?;
        }
        // A desktop is not on every machine: only where it is asked for.
        if options.only.as_deref() == Some("tray") {
            tray::measure(&options)?;
        }
        if options.takes("lists") {
            lists::measure(&options).await?;
        }
        Ok(())
    })
}
