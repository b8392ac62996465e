//! The second door under load, beside what it cannot do without: a bare server, a signature and a
//! code's check, and a durable commit.

use crate::load::{self, Outcome, Requests};
use crate::options::Options;
use crate::people::{self, Phone};
use crate::process::{Process, cpu_seconds};
use crate::report::{Level, Line};
use anyhow::{Context, ensure};
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use vestibule::domain::audit::Action;
use vestibule::store::{Read, StoreError};

/// Measures every number of connections and prints as it goes.
pub async fn measure(options: &Options) -> anyhow::Result<()> {
    println!("sign-in: {} people a level", options.tokens);
    for connections in &options.connections {
        measure_level(options.tokens, *connections).await?.print();
    }
    Ok(())
}

async fn measure_level(tokens: usize, connections: usize) -> anyhow::Result<Level> {
    // On the disk that the build is on: a temporary directory may be in memory.
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let root = scratch.path().join("data");
    let text = root.to_str().context("a path that is no text")?.to_owned();
    let newest = people::prepare(&root, tokens).await?;

    let hello = measure_hello(connections, tokens * 2).await?;
    let mut server = Process::start("sign", std::slice::from_ref(&text))?;
    let (port, phone) = (server.port()?, Phone::new());
    let requests: Requests = Rc::new(move |_, output| {
        phone.with_body(|body| load::post("/sign", port, "", body, output));
    });
    let sign = against(
        server,
        "b  sign and check, no store",
        port,
        connections,
        tokens,
        requests,
    )
    .await?;

    let mut server = Process::start("serve", std::slice::from_ref(&text))?;
    let (port, phone) = (server.port()?, Phone::new());
    let held: Vec<String> = (0..tokens).map(people::pending_token).collect();
    let requests: Requests = Rc::new(move |number, output| {
        let token = held.get(number).map_or("", String::as_str);
        phone.with_body(|body| load::post("/2fa/authenticate", port, token, body, output));
    });
    let full = against(
        server,
        "c  POST /2fa/authenticate",
        port,
        connections,
        tokens,
        requests,
    )
    .await?;
    verify(&root, tokens, newest).await?;

    let row = write_only(
        "d1 durable write of one audit row",
        &text,
        connections,
        tokens,
        "row",
    )?;
    let rows = write_only(
        "d2 durable write of c's three rows",
        &text,
        connections,
        tokens,
        "rows",
    )?;
    Ok(Level {
        connections,
        hello,
        sign,
        full,
        row,
        rows,
    })
}

/// The bare server.
async fn measure_hello(connections: usize, count: usize) -> anyhow::Result<Line> {
    let mut server = Process::start("hello", &[])?;
    let port = server.port()?;
    let requests: Requests = Rc::new(move |_, output| load::get("/hello", port, output));
    let name = "a  bare warp hello";
    against(server, name, port, connections, count, requests).await
}

/// Loads a server, takes its CPU and its own, and ends it.
async fn against(
    server: Process,
    name: &'static str,
    port: u16,
    connections: usize,
    count: usize,
    requests: Requests,
) -> anyhow::Result<Line> {
    let id = server.id();
    let before = Cell::new((0.0, 0.0));
    let begin = || {
        before.set((cpu_seconds(&id)?, cpu_seconds("self")?));
        Ok(())
    };
    let outcome: Outcome = load::drive(port, connections, count, requests, begin).await?;
    let (server_before, load_before) = before.get();
    let cpu = (
        cpu_seconds(&id)? - server_before,
        cpu_seconds("self")? - load_before,
    );
    server.finish()?;
    Ok(Line::of(name, count, &outcome, cpu))
}

fn write_only(
    name: &'static str,
    root: &str,
    connections: usize,
    count: usize,
    job: &str,
) -> anyhow::Result<Line> {
    let arguments = [
        root.to_owned(),
        connections.to_string(),
        count.to_string(),
        job.to_owned(),
    ];
    let mut writer = Process::start("commit", &arguments)?;
    let line = writer.line()?;
    writer.finish()?;
    let (seconds, cpu) = line.split_once(' ').context("not two numbers")?;
    Ok(Line {
        name,
        count,
        seconds: seconds.parse()?,
        server_cpu: cpu.parse()?,
        load_cpu: None,
        latency: None,
    })
}

/// Fails unless every token was spent, every step used up and every sign-in audited, in one chain.
async fn verify(root: &Path, tokens: usize, newest_before: u64) -> anyhow::Result<()> {
    let (store, unlocked) = people::open(root).await?;
    let key = &unlocked.keys.audit;
    let (mut spent, mut stepped) = (0, 0);
    let (chain, signed_in) = store.read(|read| {
        for number in 0..tokens {
            let Some(session) = read.session(people::session_id(number))? else {
                continue;
            };
            let is_full = session.code_at.is_some() && session.refresh.is_some();
            spent += usize::from(session.stage_token.is_none() && is_full);
            let factor = read.factor(session.user)?;
            stepped += usize::from(factor.is_some_and(|factor| factor.last_step > 0));
        }
        let signed_in = count_signed_in(read, newest_before)?;
        Ok((read.verify_audit(key, None)?, signed_in))
    })?;
    store.close();
    let added = usize::try_from(chain.head.0 - newest_before)?;
    ensure!(spent == tokens, "{spent} of {tokens} tokens were spent");
    ensure!(stepped == tokens, "{stepped} of {tokens} last steps moved");
    ensure!(added == tokens, "{added} audit rows for {tokens} sign-ins");
    ensure!(
        signed_in == tokens,
        "{signed_in} of {tokens} sign-ins are in the audit log"
    );
    ensure!(
        chain.broken_at.is_none(),
        "the audit chain is broken at {:?}",
        chain.broken_at
    );
    println!(
        "\ncounted afterwards: {spent} tokens spent, {stepped} last steps, {added} audit rows, chain intact"
    );
    Ok(())
}

fn count_signed_in(read: &Read, after: u64) -> Result<usize, StoreError> {
    let mut count = 0;
    for row in read.audit_after(after)? {
        count += usize::from(row?.1.action == Action::SignedIn);
    }
    Ok(count)
}
