//! Slow and silent clients, and a flood of wrong passwords: a signed-in person's code check goes on.

use crate::harness::{Person, Server, ServerOptions};
use serde_json::json;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const SILENT: usize = 2000;
const DRIBBLING: usize = 300;
const CHECKS: usize = 60;

/// Both ends of all connections are in this process.
fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limits = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limits.maximum,
        maximum: limits.maximum,
    };
    setrlimit(Resource::Nofile, all).unwrap();
    let most = limits.maximum.unwrap_or(u64::MAX);
    assert!(
        most > 6000,
        "this test needs 6,000 open files, and only {most} are allowed"
    );
}

/// Sends a head, or a body, a byte at a time over and over, until told to stop.
fn dribble(address: SocketAddr, stop: &AtomicBool) {
    let port = address.port();
    let beginnings = [
        format!("GET /health/live HTTP/1.1\r\nHost: localhost:{port}\r\nX-Slow: "),
        format!(
            "POST /auth/sign-in HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 9000\r\n\r\n"
        ),
    ];
    let connect = |number: usize| {
        let mut stream = TcpStream::connect(address).ok()?;
        let beginning = &beginnings[number % beginnings.len()];
        stream.write_all(beginning.as_bytes()).ok()?;
        Some(stream)
    };
    let mut streams: Vec<_> = (0..DRIBBLING).map(connect).collect();
    while !stop.load(Ordering::Relaxed) {
        for (number, stream) in streams.iter_mut().enumerate() {
            let sent = stream
                .as_mut()
                .is_some_and(|stream| stream.write_all(b"x").is_ok());
            if !sent {
                *stream = connect(number);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Tells the crowd to go, also when the test fails.
struct Dismiss<'a>(&'a AtomicBool);

impl Drop for Dismiss<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_crowd_of_slow_clients_keeps_no_code_check_out() {
    allow_many_files();
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    let (address, stop) = (server.address(), AtomicBool::new(false));
    let mut times = std::thread::scope(|scope| {
        let dismiss = Dismiss(&stop);
        scope.spawn(|| dribble(address, &stop));
        scope.spawn(|| {
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let email = format!("guess{number}@example.com");
                let body = json!({ "email": email, "password": "wrong" });
                let answer = server.http.post("/auth/sign-in", "", body);
                assert!([400, 503].contains(&answer.status), "{}", answer.text);
            }
        });
        let silent: Vec<_> = (0..SILENT)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        let mut times = Vec::new();
        for _ in 0..CHECKS {
            server.clock.advance(30);
            let code = ada.code(&server);
            let since = Instant::now();
            ada.authenticates(&server, &code).expect(200);
            times.push(since.elapsed());
        }
        drop(dismiss);
        drop(silent);
        times
    });
    times.sort_unstable();
    println!(
        "code checks: median {:?}, slowest {:?}",
        times[CHECKS / 2],
        times[CHECKS - 1]
    );
}

#[test]
fn a_crowd_of_busy_clients_loses_nobody() {
    let options = ServerOptions {
        configure: Some(|config| config.server.connections = 16),
    };
    let server = Server::start_with(&options);
    let bob = Person::user(&server, "bob@example.com");
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..10 {
                    bob.gets(&server, "/auth/me").expect(200);
                }
            });
        }
    });
}
