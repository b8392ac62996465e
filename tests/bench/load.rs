//! The load generator: HTTP/1.1 by hand over connections that stay open, one request at a time each.
//!
//! It parses no more than it must, since its CPU is taken from the server's machine; what it checks
//! is the status of every answer.

use anyhow::{Context, bail};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Writes the request of this number.
pub type Requests = Rc<dyn Fn(usize, &mut Vec<u8>)>;

/// What was seen of a load.
pub struct Outcome {
    pub seconds: f64,
    /// Sorted.
    latencies: Vec<Duration>,
}

impl Outcome {
    /// The latency within which so many of 100 answers came, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let index = self.latencies.len() * percent / 100;
        let found = self.latencies.get(index).or(self.latencies.last());
        found.map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// One open connection.
pub struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Connection {
    pub async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (input, output) = (Vec::with_capacity(4096), Vec::with_capacity(1024));
        Ok(Self {
            stream,
            input,
            output,
        })
    }

    /// Sends what `write` writes and reads the whole answer.
    pub async fn ask(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> anyhow::Result<()> {
        self.output.clear();
        write(&mut self.output);
        self.stream.write_all(&self.output).await?;
        self.input.clear();
        let mut length = None;
        while length.is_none_or(|length| self.input.len() < length) {
            if self.stream.read_buf(&mut self.input).await? == 0 {
                bail!("the server closed a connection");
            }
            length = length.or_else(|| whole_length(&self.input));
        }
        if self.input.get(9..12) != Some(b"200") {
            bail!("refused: {}", String::from_utf8_lossy(&self.input));
        }
        Ok(())
    }
}

impl Connection {
    /// The last answer, head and body.
    pub fn answer(&self) -> &[u8] {
        &self.input
    }
}

/// Bytes of the whole answer, once its head is there.
fn whole_length(input: &[u8]) -> Option<usize> {
    let head = input.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(input.get(..head)?).ok()?;
    // hyper writes names in small letters.
    let (_, rest) = text.split_once("content-length: ")?;
    let body: usize = rest.split('\r').next()?.parse().ok()?;
    Some(head + body)
}

/// The whole of a text field of the last answer's JSON.
pub fn text_field(answer: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let (_, rest) = text.split_once(&format!("\"{name}\":\""))?;
    Some(rest.split('"').next()?.to_owned())
}

/// Sends `count` requests over `connections` connections, opened before the time begins.
pub async fn drive(
    port: u16,
    connections: usize,
    count: usize,
    requests: Requests,
    begin: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(port).await?);
    }
    // Lets the server take them all before the time begins.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let next = Rc::new(Cell::new(0));
    begin()?;
    let started = Instant::now();
    let local = LocalSet::new();
    let mut tasks = Vec::with_capacity(connections);
    for mut connection in open {
        let (next, requests) = (Rc::clone(&next), Rc::clone(&requests));
        tasks.push(local.spawn_local(async move {
            let mut latencies = Vec::with_capacity(count / connections + 64);
            while next.get() < count {
                let number = next.replace(next.get() + 1);
                let sent = Instant::now();
                connection.ask(|output| requests(number, output)).await?;
                latencies.push(sent.elapsed());
            }
            anyhow::Ok(latencies)
        }));
    }
    let mut latencies = Vec::with_capacity(count);
    local
        .run_until(async {
            for task in tasks {
                latencies.extend(task.await.context("a connection's task failed")??);
            }
            anyhow::Ok(())
        })
        .await?;
    let seconds = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    anyhow::ensure!(latencies.len() == count, "an answer is missing");
    Ok(Outcome { seconds, latencies })
}

/// The text of a POST with a JSON body and, perhaps, a bearer token.
pub fn post(path: &str, port: u16, token: &str, body: &str, output: &mut Vec<u8>) {
    for part in [
        "POST ",
        path,
        " HTTP/1.1\r\nhost: localhost:",
        &port.to_string(),
    ] {
        output.extend_from_slice(part.as_bytes());
    }
    output.extend_from_slice(b"\r\ncontent-type: application/json\r\ncontent-length: ");
    output.extend_from_slice(body.len().to_string().as_bytes());
    if !token.is_empty() {
        output.extend_from_slice(b"\r\nauthorization: Bearer ");
        output.extend_from_slice(token.as_bytes());
    }
    output.extend_from_slice(b"\r\n\r\n");
    output.extend_from_slice(body.as_bytes());
}

/// The text of a GET.
pub fn get(path: &str, port: u16, output: &mut Vec<u8>) {
    let text = format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
    output.extend_from_slice(text.as_bytes());
}

/// Writes a GET with a bearer token.
pub fn get_as(path: &str, port: u16, token: &str, output: &mut Vec<u8>) {
    let text = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    output.extend_from_slice(text.as_bytes());
}
