//! A house far larger than a team: a million people, and a million sign-ins; and the start after a kill.

use crate::lists;
use crate::load::{self, Connection, Requests};
use crate::options::Options;
use crate::people::{self, Phone};
use crate::process::{Process, cpu_seconds, mebibytes};
use crate::report::goal;
use anyhow::Context;
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

const PEOPLE: usize = 1_000_000;
/// People of the small house, of which several are measured one after the other.
const FEW: usize = 1_000;
const SMALL_HOUSES: usize = 10;
const CONNECTIONS: usize = 64;
/// People of the house whose service is killed; with them come the events of the lists' house.
const KILLED: usize = 10_000;

/// Measures, and prints.
pub async fn measure(options: &Options) -> anyhow::Result<()> {
    let people = if options.starts < 11 { 20_000 } else { PEOPLE };
    println!("\nlarge: {people} people");
    start_after_kill(options.starts).await?;
    let mut small = 0.0;
    for _ in 0..SMALL_HOUSES {
        let house = House::with(FEW).await?;
        small += house.sign_in(0, FEW).await?.cpu;
    }
    let small = small * 1e6 / (FEW * SMALL_HOUSES) as f64;

    let house = House::with(people).await?;
    let size = house.bytes()?;
    let seen = house.sign_in(0, people).await?;
    let large = seen.first_cpu * 1e6 / (FEW * SMALL_HOUSES) as f64;
    println!(
        "  authenticate, {CONNECTIONS} connections: {small:.1} µs of CPU with {FEW} people, {large:.1} µs with {people}, {:.0} per s over all",
        people as f64 / seen.seconds
    );
    let ratio = large / small;
    goal(
        "authenticate in the large house at most 1.3 ×",
        ratio,
        "×",
        ratio <= 1.3,
    );
    println!(
        "  memory held after {} sign-ins {:.1} MiB, after {people} {:.1} MiB",
        FEW * SMALL_HOUSES,
        seen.first_memory,
        seen.memory
    );
    let (after, live) = (house.bytes()?, house.live_bytes().await?);
    println!(
        "  file before {:.0} MiB, after {people} sign-ins {:.0} MiB, live data {:.0} MiB",
        mebi(size),
        mebi(after),
        mebi(live)
    );
    let share = after as f64 / live as f64;
    goal("file at most 4 × its live data", share, "×", share <= 4.0);
    let began = Instant::now();
    let server = house.start().await?.0;
    println!(
        "  start to first answer: {:.0} ms",
        began.elapsed().as_secs_f64() * 1000.0
    );
    server.finish()
}

fn mebi(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// A store on the disk that the build is on.
struct House {
    scratch: tempfile::TempDir,
}

/// What was seen of many sign-ins.
struct Seen {
    seconds: f64,
    /// Seconds of the server's CPU, and of its first part: as many sign-ins as in all small houses.
    cpu: f64,
    first_cpu: f64,
    /// Mebibytes that the server held at the end, and after the first part.
    memory: f64,
    first_memory: f64,
}

impl House {
    async fn with(people: usize) -> anyhow::Result<Self> {
        let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let house = Self { scratch };
        people::prepare(&house.root(), people).await?;
        Ok(house)
    }

    fn root(&self) -> std::path::PathBuf {
        self.scratch.path().join("data")
    }

    fn bytes(&self) -> anyhow::Result<u64> {
        Ok(std::fs::metadata(self.root().join("vestibule.redb"))?.len())
    }

    /// Bytes of the file that hold something.
    async fn live_bytes(&self) -> anyhow::Result<u64> {
        let (store, _) = people::open(&self.root()).await?;
        let bytes = store.read(|read| read.used_bytes())?;
        store.close();
        Ok(bytes)
    }

    async fn start(&self) -> anyhow::Result<(Process, u16)> {
        start(&self.root()).await
    }

    /// Signs these people in with their code, in two parts.
    async fn sign_in(&self, first: usize, count: usize) -> anyhow::Result<Seen> {
        let (server, port) = self.start().await?;
        let id = server.id();
        let begin = cpu_seconds(&id)?;
        let part = count.min(FEW * SMALL_HOUSES);
        let mut seconds = drive(port, first, part).await?;
        let (first_cpu, first_memory) = (cpu_seconds(&id)? - begin, mebibytes(&id, "VmRSS")?);
        if part < count {
            seconds += drive(port, first + part, count - part).await?;
        }
        let seen = Seen {
            seconds,
            cpu: cpu_seconds(&id)? - begin,
            first_cpu,
            memory: mebibytes(&id, "VmRSS")?,
            first_memory,
        };
        server.finish()?;
        Ok(seen)
    }
}

async fn drive(port: u16, first: usize, count: usize) -> anyhow::Result<f64> {
    let phone = Phone::new();
    let requests: Requests = Rc::new(move |number, output| {
        let token = people::pending_token(first + number);
        phone.with_body(|body| load::post("/2fa/authenticate", port, &token, body, output));
    });
    let outcome = load::drive(port, CONNECTIONS, count, requests, || Ok(())).await?;
    Ok(outcome.seconds)
}

async fn start(root: &Path) -> anyhow::Result<(Process, u16)> {
    let text = root.to_str().context("a path that is no text")?.to_owned();
    let mut server = Process::start("serve", &[text])?;
    let port = server.port()?;
    let mut connection = Connection::open(port).await?;
    connection
        .ask(|output| load::get("/health/live", port, output))
        .await?;
    Ok((server, port))
}

/// kill -9 right after people signed in, then the time to the first answer.
async fn start_after_kill(starts: usize) -> anyhow::Result<()> {
    let house = House::with(KILLED).await?;
    lists::furnish(&house.root()).await?;
    let mut times = Vec::new();
    let next = Cell::new(0);
    for _ in 0..starts {
        let (server, port) = house.start().await?;
        let first = next.replace(next.get() + CONNECTIONS);
        drive(port, first, CONNECTIONS).await?;
        // Dropped is killed.
        drop(server);
        let began = Instant::now();
        let (server, _) = house.start().await?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        server.finish()?;
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or(0.0);
    println!("  {KILLED} people and their events, killed right after work");
    goal(
        "first answer within 300 ms after a kill, median",
        median,
        "ms",
        median < 300.0,
    );
    Ok(())
}
