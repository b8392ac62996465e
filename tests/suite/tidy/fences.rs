//! What only certain rooms may name, what the domain must not touch, and the name of each log line.

use super::{Violation, source::Source};

/// Crates and modules, and the rooms that know them. Whatever else a room wants of them, it asks of those.
const FENCES: [(&[&str], &[&str]); 31] = [
    (&["anyhow"], &["app", "cli", "main"]),
    (&["arboard"], &["platform"]),
    (&["argon2"], &["domain"]),
    (&["chacha20poly1305"], &["domain"]),
    (&["clap"], &["cli"]),
    (&["clap_complete"], &["cli"]),
    (&["comfy_table"], &["cli"]),
    (&["flate2"], &["http"]),
    (&["getrandom"], &["platform"]),
    (&["hkdf"], &["domain"]),
    (&["hyper_util"], &["client", "http"]),
    (&["jsonwebtoken"], &["domain"]),
    (&["notify_rust"], &["platform"]),
    (&["postcard"], &["store"]),
    (&["redb"], &["store"]),
    (&["rpassword"], &["cli"]),
    (&["rust_embed"], &["http"]),
    (&["rustix"], &["platform"]),
    (&["schemars"], &["http", "wire"]),
    (&["sd_notify"], &["platform"]),
    (&["std", "env"], &["platform", "cli", "main"]),
    (&["subtle"], &["domain"]),
    (&["tokio_rustls"], &["http"]),
    (&["totp_rs"], &["domain"]),
    (&["tracing_subscriber"], &["platform"]),
    (&["tray_icon"], &["tray"]),
    (&["warp"], &["http"]),
    (&["winit"], &["tray"]),
    (&["x509_parser"], &["platform"]),
    (&["zbus"], &["platform"]),
    (&["zxcvbn"], &["domain"]),
];

const NOT_ON_PAPER: [&[&str]; 13] = [
    &["hyper"],
    &["std", "fs"],
    &["std", "io"],
    &["std", "net", "TcpListener"],
    &["std", "net", "TcpStream"],
    &["std", "net", "ToSocketAddrs"],
    &["std", "net", "UdpSocket"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["tokio"],
    &["tracing"],
];

/// A crate behind a fence is named in its rooms alone, by tests as well.
pub fn check_fences(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (fenced, rooms) in FENCES {
        if !rooms.contains(&source.room()) {
            let why = format!("only {} may name it", rooms.join(", "));
            violations.extend(find_paths(source, fenced, &why));
        }
    }
    violations
}

/// The domain waits for nothing and asks neither the system, nor a clock, nor a runtime.
pub fn check_domain(source: &Source) -> Vec<Violation> {
    if source.room() != "domain" {
        return Vec::new();
    }
    let waits = source.waits.iter();
    let waits = waits.map(|line| Violation::new(&source.path, *line, "the domain does not wait"));
    let asks = NOT_ON_PAPER.iter().flat_map(|stem| {
        let why = "the domain is true on paper, without system, clock and runtime";
        find_paths(source, stem, why)
    });
    waits.chain(asks).collect()
}

/// A log line that is shown by default begins with its `event`, a name for programs that never changes.
pub fn check_log_lines(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for call in &source.macros {
        let is_log = match call.segments.as_slice() {
            [level] => is_shown(level),
            [home, level] => home == "tracing" && is_shown(level),
            _ => false,
        };
        if is_log && call.first_word.as_deref() != Some("event") {
            let rule = "a log line begins with its `event`";
            violations.push(Violation::new(&source.path, call.line, rule));
        }
    }
    violations
}

fn is_shown(level: &str) -> bool {
    matches!(level, "info" | "warn" | "error")
}

fn find_paths(source: &Source, stem: &[&str], why: &str) -> Vec<Violation> {
    let paths = source.paths.iter();
    let found = paths.filter(|path| {
        let words = path.segments.iter();
        words.take(stem.len()).eq(stem.iter())
    });
    found
        .map(|path| {
            let rule = format!("`{}`: {why}", path.text());
            Violation::new(&source.path, path.line, rule)
        })
        .collect()
}

fn lines(check: fn(&Source) -> Vec<Violation>, path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text).expect("Rust");
    check(&source).iter().map(|found| found.line).collect()
}

#[test]
fn what_stands_behind_a_fence_is_found() {
    let planted = [
        "use std::{env, fmt};",
        "fn a() { std::env::var(b); }",
        "use warp::Filter;",
        "fn a() { ::redb::Database::create(b) }",
        "fn a(b: Vec<redb::Database>) {}",
        "use {redb as store};",
        "use ::redb::Database;",
        "extern crate redb as store;",
        "fn a() { anyhow::bail!(b) }",
        "fn a() { b!(c, anyhow::anyhow!(d)) }",
        "#[derive(clap::Parser)] struct A;",
        "#[cfg(test)] mod tests { use redb::Database; }",
    ];
    for text in planted {
        assert_eq!(lines(check_fences, "src/service/a.rs", text), [1], "{text}");
    }
}

#[test]
fn names_within_their_fences_are_fine() {
    let fine = [
        ("src/platform/a.rs", "use getrandom::fill;"),
        ("src/main.rs", "fn main() { std::env::args_os(); }"),
        ("src/cli/mod.rs", "fn a() { anyhow::bail!(b) }"),
        (
            "src/http/mod.rs",
            "fn a() { warp::serve(b); let redb = warp; }",
        ),
        ("src/store/mod.rs", "use redb::{Database, Key};"),
        (
            "src/domain/a.rs",
            "/// redb::Database\nfn a() { \"warp::serve\"; crate::warp::b() }",
        ),
    ];
    for (path, text) in fine {
        assert_eq!(lines(check_fences, path, text), [0; 0], "{path}");
    }
}

#[test]
fn a_domain_that_leaves_the_paper_is_found() {
    let text = "use std::{fmt,\n io};\nasync fn a() {}\nfn b() { tokio::spawn(c); }\nfn d() {\n e.await; let tracing = std::net::IpAddr::V4(f); }\nuse std::time::{Duration, SystemTime};";
    let mut found = lines(check_domain, "src/domain/a.rs", text);
    found.sort_unstable();
    assert_eq!(found, [2, 3, 4, 6, 7]);
    assert_eq!(lines(check_domain, "src/store/a.rs", text), [0; 0]);
}

#[test]
fn log_lines_without_an_event_are_found() {
    let text = "fn a() {\n tracing::warn!(%b, \"c\");\n tracing::debug!(\"d\");\n tracing::info!(event = \"e\", \"f\");\n error!(\"g\");\n h! { tracing::info!(\"i\") } }";
    assert_eq!(lines(check_log_lines, "src/app.rs", text), [2, 5, 6]);
}
