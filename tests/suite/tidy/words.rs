//! Words that must not be there: unfinished work, panics in shipped code, `unsafe`, and names that only certain rooms
//! may speak.

use super::{
    Violation,
    paths::NamedPath,
    source::{Source, is_word},
};

/// Assembled from halves, so that this file passes its own check.
const UNFINISHED_WORDS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
];
const UNFINISHED_MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];
const PANICKING_METHODS: [&str; 4] = ["unwrap", "expect", "unwrap_err", "expect_err"];

/// A path that only the named rooms may contain.
struct Fence {
    path: &'static [&'static str],
    rooms: &'static [&'static str],
    why: &'static str,
}

const ENTROPY: &str = "entropy is an argument: take it from `platform`";
const TIME: &str = "time is an argument: take it from `platform`";

/// Refused wherever the segments follow each other in a path, however they were imported.
const NAMES: [Fence; 10] = [
    platform_only(&["Instant", "now"], TIME),
    platform_only(&["SystemTime", "now"], TIME),
    platform_only(&["Timestamp", "now"], TIME),
    platform_only(&["Zoned", "now"], TIME),
    platform_only(&["getrandom"], ENTROPY),
    platform_only(&["OsRng"], ENTROPY),
    platform_only(&["SysRng"], ENTROPY),
    platform_only(&["ThreadRng"], ENTROPY),
    platform_only(&["thread_rng"], ENTROPY),
    Fence {
        path: &["std", "env"],
        rooms: &["platform", "cli", "main"],
        why: "the environment is read by `platform`, `cli` and `main.rs` alone",
    },
];

/// Refused at the beginning of a path, where a crate's name stands.
const CRATES: [Fence; 4] = [
    platform_only(&["rand"], ENTROPY),
    Fence {
        path: &["warp"],
        rooms: &["http"],
        why: "only `http` knows warp",
    },
    Fence {
        path: &["redb"],
        rooms: &["store"],
        why: "only `store` knows redb",
    },
    Fence {
        path: &["anyhow"],
        rooms: &["app", "cli", "main"],
        why: "every floor below `app` has an error type of its own",
    },
];

const fn platform_only(path: &'static [&'static str], why: &'static str) -> Fence {
    Fence {
        path,
        rooms: &["platform"],
        why,
    }
}

const NOT_ON_PAPER: [&[&str]; 9] = [
    &["tokio"],
    &["hyper"],
    &["hyper_util"],
    &["tracing"],
    &["std", "fs"],
    &["std", "io"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
];

/// Marks of unfinished work in any text, comments included.
pub fn check_unfinished_words(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(|word| UNFINISHED_WORDS.contains(word)) {
            let rule = format!("`{word}`: finish it, or open an issue");
            violations.push(Violation::new(path, number + 1, rule));
        }
    }
    violations
}

/// Macros of unfinished work, in tests as well.
pub fn check_unfinished_macros(source: &Source) -> Vec<Violation> {
    find_words(source, |index| {
        let is_unfinished =
            UNFINISHED_MACROS.contains(&source.at(index)) && is_macro(source, index);
        is_unfinished.then_some("unfinished work stays out of the repository")
    })
}

/// Ways to panic outside `#[cfg(test)]`.
pub fn check_panics(source: &Source) -> Vec<Violation> {
    find_words(source, |index| {
        let is_method = matches!(source.before(index, 1), "." | "::")
            && PANICKING_METHODS.contains(&source.at(index));
        let panics = is_method || (source.at(index) == "panic" && is_macro(source, index));
        (panics && !source.is_test(index))
            .then_some("shipped code returns errors, it does not panic")
    })
}

pub fn check_unsafe(source: &Source) -> Vec<Violation> {
    find_words(source, |index| {
        (source.at(index) == "unsafe").then_some("no unsafe code")
    })
}

/// Names and crates that only certain rooms may speak, test code included.
pub fn check_fences(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for path in source.paths() {
        let fences = NAMES
            .iter()
            .filter(|fence| contains(&path, fence.path))
            .chain(CRATES.iter().filter(|fence| is_of_crate(&path, fence.path)));
        for fence in fences.filter(|fence| !fence.rooms.contains(&source.room())) {
            violations.push(path_violation(source, &path, fence.why));
        }
    }
    violations
}

/// Every line of the log that a person may see has a name for programs, its `event`.
pub fn check_log_lines(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        let is_level = matches!(token.text.as_str(), "info" | "warn" | "error");
        let is_log = is_level && is_macro(source, index) && source.before(index, 2) == "tracing";
        if is_log && source.at(index + 3) != "event" {
            let rule = "a log line begins with its `event`, a name that never changes";
            violations.push(Violation::new(&source.path, token.line, rule));
        }
    }
    violations
}

/// The domain is what is true on paper: nothing in it waits, reads or writes.
pub fn check_domain(source: &Source) -> Vec<Violation> {
    if source.room() != "domain" {
        return Vec::new();
    }
    let mut violations = find_words(source, |index| {
        matches!(source.at(index), "async" | "await").then_some("the domain does not wait")
    });
    for path in source.paths() {
        if NOT_ON_PAPER.iter().any(|stem| is_of_crate(&path, stem)) {
            let why = "the domain asks neither the system nor a runtime";
            violations.push(path_violation(source, &path, why));
        }
    }
    violations
}

fn path_violation(source: &Source, path: &NamedPath, why: &str) -> Violation {
    let rule = format!("`{}`: {why}", path.segments.join("::"));
    Violation::new(&source.path, path.line, rule)
}

fn contains(path: &NamedPath, part: &[&str]) -> bool {
    path.segments
        .windows(part.len())
        .any(|window| window == part)
}

/// A lone word may be a variable of that name, unless it is imported.
fn is_of_crate(path: &NamedPath, stem: &[&str]) -> bool {
    let is_path = path.segments.len() > 1 || path.imported;
    is_path
        && path
            .segments
            .get(..stem.len())
            .is_some_and(|start| start == stem)
}

fn is_macro(source: &Source, index: usize) -> bool {
    source.at(index + 1) == "!" && source.at(index + 2) != "="
}

fn find_words(source: &Source, refusal: impl Fn(usize) -> Option<&'static str>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        if let Some(why) = refusal(index).filter(|_| is_word(&token.text)) {
            let rule = format!("`{}`: {why}", token.text);
            violations.push(Violation::new(&source.path, token.line, rule));
        }
    }
    violations
}

fn lines(check: fn(&Source) -> Vec<Violation>, path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text);
    check(&source).iter().map(|found| found.line).collect()
}

#[test]
fn unfinished_words_are_found_in_any_text() {
    for word in UNFINISHED_WORDS {
        let text = format!("fine\n/* {word}: later */\n{word}S, _{word}\n");
        let found = check_unfinished_words("assets/a.css", &text);
        assert_eq!((found.len(), found[0].line), (1, 2), "{word}");
    }
}

#[test]
fn unfinished_macros_are_found() {
    let text = "fn a() {\n todo!();\n std::unimplemented!(\"b\");\n dbg!(c) }\n// todo!()\nfn d() { todo != e }";
    assert_eq!(
        lines(check_unfinished_macros, "src/app.rs", text),
        [2, 3, 4]
    );
}

#[test]
fn panics_are_found_outside_tests() {
    let text =
        "fn a() {\n b.unwrap();\n c\n.expect(\"d\");\n panic!(\"e\");\n f.map(Option::unwrap) }";
    assert_eq!(lines(check_panics, "src/app.rs", text), [2, 4, 5, 6]);
    let inside_tests = format!("#[cfg(test)]\nmod tests {{ {text} }}");
    assert_eq!(lines(check_panics, "src/app.rs", &inside_tests), [0; 0]);
    let fine = "#[expect(dead_code)] fn a() { b.unwrap_or(c); std::panic::catch_unwind(d); \"e.unwrap()\" }";
    assert_eq!(lines(check_panics, "src/app.rs", fine), [0; 0]);
}

#[test]
fn log_lines_without_an_event_are_found() {
    let text = "fn a() {\n tracing::warn!(%b, \"c\");\n tracing::debug!(\"d\");\n tracing::info!(event = \"e\", \"f\") }";
    assert_eq!(lines(check_log_lines, "src/app.rs", text), [2]);
}

#[test]
fn unsafe_is_found() {
    let text = "#![forbid(unsafe_code)]\n// unsafe\nfn a() { unsafe { b() } }";
    assert_eq!(lines(check_unsafe, "src/app.rs", text), [3]);
}

#[test]
fn names_of_other_rooms_are_found() {
    let planted = [
        "Instant::now()",
        "tokio::time::Instant::now()",
        "use std::time::{SystemTime::now};",
        "jiff::Zoned::now()",
        "getrandom::fill(&mut a)",
        "use argon2::password_hash::rand_core::{OsRng as Source};",
        "rand::random()",
        "use rand;",
        "use std::{env, fmt};",
        "std::env::var(a)",
        "use warp::Filter;",
        "::redb::Database::create(a)",
        "use {redb as store};",
        "use ::redb::Database;",
        "extern crate redb as store;",
        "anyhow::bail!(a)",
    ];
    for text in planted {
        assert_eq!(lines(check_fences, "src/service/a.rs", text), [1], "{text}");
    }
}

#[test]
fn names_in_their_own_rooms_are_fine() {
    let fine = [
        (
            "src/platform/clock.rs",
            "use std::time::Instant; Instant::now(); getrandom::fill(a)",
        ),
        ("src/main.rs", "std::env::args_os()"),
        ("src/cli/mod.rs", "use std::env; anyhow::bail!(a)"),
        (
            "src/http/mod.rs",
            "warp::serve(a); let redb = warp; use super::random;",
        ),
        (
            "src/store/mod.rs",
            "use redb::{Database, TableDefinition}; a.rand::<u8>()",
        ),
        (
            "src/domain/a.rs",
            "// Instant::now()\nfn a(now: Instant) { \"std::env::var\" }",
        ),
    ];
    for (path, text) in fine {
        assert_eq!(lines(check_fences, path, text), [0; 0], "{path}");
    }
}

#[test]
fn a_domain_that_leaves_the_paper_is_found() {
    let text = "use std::{fmt,\n io};\nasync fn a() {}\ntokio::spawn(b);\nlet tracing = 1;";
    assert_eq!(lines(check_domain, "src/domain/a.rs", text), [3, 2, 4]);
    assert_eq!(lines(check_domain, "src/store/a.rs", text), [0; 0]);
}
