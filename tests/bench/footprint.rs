//! What the service takes of the machine: the time to its first answer, and memory.

use crate::load::{self, Connection, Requests};
use crate::options::Options;
use crate::people;
use crate::process::{Process, mebibytes};
use crate::report::goal;
use anyhow::Context;
use std::rc::Rc;
use std::time::{Duration, Instant};

const PEOPLE: usize = 1000;
/// Sign-ins at the same time.
const PARALLEL: usize = 64;

/// Measures with a thousand people in the store, and prints.
pub async fn measure(options: &Options) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let root = scratch.path().join("data");
    let root_text = root.to_str().context("a path that is no text")?.to_owned();
    people::prepare(&root, PEOPLE).await?;
    println!("\nfootprint: {PEOPLE} people in the store");

    let mut times = Vec::new();
    for _ in 0..options.starts {
        let (server, _, time) = start(&root_text).await?;
        server.finish()?;
        times.push(time.as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or(0.0);
    let longest = times.last().copied().unwrap_or(0.0);
    println!(
        "  start to first answer, {} starts: median {median:.1} ms, longest {longest:.1} ms",
        times.len()
    );
    goal(
        "first answer within 30 ms, median",
        median,
        "ms",
        median < 30.0,
    );

    let (server, port, _) = start(&root_text).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let id = server.id();
    println!(
        "  memory held when idle: {:.1} MiB",
        mebibytes(&id, "VmRSS")?
    );
    let requests: Requests = Rc::new(move |number, output| {
        let email = people::email(number);
        let body = format!(
            "{{\"email\":\"{email}\",\"password\":\"{}\"}}",
            people::PASSWORD
        );
        load::post("/auth/sign-in", port, "", &body, output);
    });
    let outcome = load::drive(port, PARALLEL, PARALLEL, requests, || Ok(())).await?;
    let (held, most) = (mebibytes(&id, "VmRSS")?, mebibytes(&id, "VmHWM")?);
    server.finish()?;
    println!(
        "  {PARALLEL} parallel sign-ins by password: {:.2} s; memory {held:.1} MiB, at most {most:.1} MiB",
        outcome.seconds
    );
    // Megabytes, as the goal says them.
    let megabytes = most * 1.048_576;
    goal(
        "less than 80 MB after 64 parallel sign-ins",
        megabytes,
        "MB",
        megabytes < 80.0,
    );
    Ok(())
}

/// Starts the service; the time until it has answered.
async fn start(root: &str) -> anyhow::Result<(Process, u16, Duration)> {
    let began = Instant::now();
    let mut server = Process::start("serve", &[root.to_owned()])?;
    let port = server.port()?;
    let mut connection = Connection::open(port).await?;
    connection
        .ask(|output| load::get("/health/live", port, output))
        .await?;
    Ok((server, port, began.elapsed()))
}
