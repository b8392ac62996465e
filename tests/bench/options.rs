//! What a run of the bench measures, as its arguments tell.

use anyhow::{Context, ensure};

/// The parts, of which `--only` names one.
const PARTS: [&str; 5] = ["sign-in", "footprint", "lists", "large", "tray"];

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
    /// Reads the arguments; one that is not known is an error, so that nothing is measured by mistake.
    pub fn read(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
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
                "--only" => options.only = Some(part(value()?)?),
                other => anyhow::bail!("{other} is not known"),
            }
        }
        Ok(options)
    }

    /// Whether this part is measured when nothing else is said.
    pub fn takes(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }

    /// Whether this part is asked for by name.
    pub fn is_asked_for(&self, part: &str) -> bool {
        self.only.as_deref() == Some(part)
    }
}

fn part(name: String) -> anyhow::Result<String> {
    let known = PARTS.join(", ");
    ensure!(
        PARTS.contains(&name.as_str()),
        "--only {name}: it is one of {known}"
    );
    Ok(name)
}
