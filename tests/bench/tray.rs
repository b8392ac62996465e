//! What the tray takes: the time until its icon is on the screen, memory, and CPU at rest. With the
//! real binary, on a desktop of the bench's own (Xvfb, dbus-daemon and xfce4-panel must be there).

use crate::harness::binary::Instance;
use crate::harness::desktop::{Desktop, Process};
use crate::options::Options;
use crate::process::{cpu_seconds, mebibytes};
use crate::report::goal;
use anyhow::Context;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The light in the door, as the icon for dark panels has it.
const LIGHT: [u8; 3] = [0xff, 0xd8, 0x8a];
/// Rest before and while CPU is measured.
const SETTLED: Duration = Duration::from_secs(10);
const REST: Duration = Duration::from_secs(60);
/// After this long something hangs.
const HANGS_AFTER: Duration = Duration::from_secs(30);

/// Measures service and tray in one process, and prints.
pub fn measure(options: &Options) -> anyhow::Result<()> {
    println!("\ntray: service and icon in one process, on xfce4-panel");
    let desktop = Desktop::with_panel().context("there is no desktop to measure on")?;
    let empty = desktop.pixels_like(LIGHT);
    let is_seen = || desktop.pixels_like(LIGHT) > empty + 8;
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..options.starts {
        drop(last.take());
        until("the old icon's end", || {
            desktop.registered().is_empty() && !is_seen()
        })?;
        let instance = Instance::new();
        let began = Instant::now();
        let process = start(&desktop, &instance)?;
        until("the icon", || !desktop.registered().is_empty())?;
        let registered = began.elapsed();
        until("its picture", is_seen)?;
        times.push((registered, began.elapsed()));
        last = Some((process, instance));
    }
    let median = |of: fn(&(Duration, Duration)) -> Duration| {
        let mut times: Vec<f64> = times
            .iter()
            .map(|both| of(both).as_secs_f64() * 1000.0)
            .collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(0.0)
    };
    let (registered, seen) = (median(|both| both.0), median(|both| both.1));
    println!(
        "  first start to icon, {} starts: registered after {registered:.0} ms, on the screen after {seen:.0} ms (medians)",
        times.len()
    );
    goal(
        "icon visible within 300 ms, median",
        seen,
        "ms",
        seen < 300.0,
    );

    let Some((process, _instance)) = last else {
        anyhow::bail!("there was no start");
    };
    let id = process.0.id().to_string();
    std::thread::sleep(SETTLED);
    // Megabytes, as the goal says them.
    let megabytes = mebibytes(&id, "VmRSS")? * 1.048_576;
    goal(
        "less than 20 MB with the tray",
        megabytes,
        "MB",
        megabytes < 20.0,
    );
    let before = cpu_seconds(&id)?;
    std::thread::sleep(REST);
    let percent = (cpu_seconds(&id)? - before) / REST.as_secs_f64() * 100.0;
    goal(
        "less than 0.1 % CPU over a minute at rest",
        percent,
        "%",
        percent < 0.1,
    );
    Ok(())
}

fn start(desktop: &Desktop, instance: &Instance) -> anyhow::Result<Process> {
    let child = desktop
        .command(instance, &[])
        .env("VESTIBULE_SERVER__LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(Process(child))
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let since = Instant::now();
    while !is_so() {
        anyhow::ensure!(since.elapsed() < HANGS_AFTER, "{what} does not come");
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
