//! A child of this binary, and what the kernel says about a process.
//!
//! A child ends when its standard input does, and so with its parent, however that ends.

use anyhow::Context;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The first argument of a child.
pub const CHILD: &str = "as-child";
/// Ticks of `/proc/PID/stat` in a second; part of the kernel's interface (proc_pid_stat(5)).
const TICKS: f64 = 100.0;

/// A running child.
pub struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts one in `role`.
    pub fn start(role: &str, arguments: &[String]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([CHILD, role])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("the child has no output")?;
        let output = BufReader::new(output);
        Ok(Self { child, output })
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line)?;
        anyhow::ensure!(read > 0, "a child ended early");
        Ok(line.trim().to_owned())
    }

    /// The loopback port that it prints first.
    pub fn port(&mut self) -> anyhow::Result<u16> {
        Ok(self.line()?.parse()?)
    }

    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Asks it to end and waits until it has.
    pub fn finish(mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        anyhow::ensure!(status.success(), "a child ended with {status}");
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where the child has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds of CPU that a process (`self` or a number) has used, its ended threads included.
pub fn cpu_seconds(process: &str) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name before the last bracket may hold spaces itself.
    let (_, fields) = text.rsplit_once(')').context("stat has no name")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks =
        || -> anyhow::Result<f64> { Ok(fields.next().context("stat is short")?.parse()?) };
    Ok((ticks()? + ticks()?) / TICKS)
}

/// A size in `/proc/PID/status`, in mebibytes: `VmRSS` is what it holds now, `VmHWM` the most it held.
pub fn mebibytes(process: &str, field: &str) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let size = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: f64 = size.context("status has no such field")?.parse()?;
    Ok(kibibytes / 1024.0)
}
