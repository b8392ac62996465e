//! What the documents tell people to type: each command in them is one that there is, with the options that it has.

use super::peers::Peer;
use crate::harness::binary::{Instance, output_of, text};
use crate::harness::person::PASSWORD;
use crate::harness::tools::{PEERS, path_of};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

#[path = "../bench/options.rs"]
#[allow(dead_code, reason = "the bench reads what it finds")]
mod bench;

const DOCUMENTS: [&str; 4] = [
    "README.md",
    ".github/CONTRIBUTING.md",
    "packaging/README.md",
    "tests/bench/README.md",
];
const SCRIPTS: [&str; 2] = ["tests/run", "packaging/linux/build"];
/// Programs that are not ours, and the words that begin a request.
const OTHERS: [&str; 9] = [
    "apt",
    "GET",
    "journalctl",
    "openssl",
    "PATCH",
    "DELETE",
    "POST",
    "systemctl",
    "systemd-analyze",
];

fn document(name: &str) -> String {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    std::fs::read_to_string(Path::new(&root).join(name)).unwrap()
}

/// The lines of blocks, and the words between backquotes that begin like a command.
fn commands(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block = None;
    for line in document.lines() {
        if let Some(language) = line.strip_prefix("```") {
            block = block.is_none().then_some(language);
        } else if block == Some("") {
            let command = line.split(" # ").next().unwrap().trim();
            found.extend((!command.is_empty()).then(|| command.to_owned()));
        } else if block.is_none() {
            let spans = line.split('`').skip(1).step_by(2);
            let programs = ["vestibule ", "cargo ", "tests/run", "TEST_"];
            let ours = spans.filter(|span| programs.iter().any(|name| span.starts_with(name)));
            found.extend(ours.filter(|span| !is_path(span)).map(str::to_owned));
        }
    }
    found
}

/// A variable or a file that is spoken of, and not typed.
fn is_path(span: &str) -> bool {
    !span.contains(' ') && span != "tests/run"
}

/// Why this cannot be typed, if so.
fn judge(command: &str) -> Result<(), String> {
    let words = command.split_whitespace();
    let is_setting = |word: &&str| word.contains('=') && word.starts_with(char::is_uppercase);
    let words: Vec<&str> = words
        .skip_while(|word| is_setting(word) || *word == "sudo")
        .collect();
    match words.as_slice() {
        ["vestibule", rest @ ..] => vestibule(rest),
        ["cargo", rest @ ..] => cargo(rest),
        [script, rest @ ..] if SCRIPTS.contains(script) => {
            let help = output_of(script, &["--help"]);
            let mut options = rest.iter().filter(|word| word.starts_with("--"));
            let strange = options.find(|option| !help.contains(*option));
            strange.map_or(Ok(()), |option| Err(format!("{script} has no {option}")))
        }
        [other, ..] if OTHERS.contains(other) => Ok(()),
        _ => Err("no known program".to_owned()),
    }
}

/// Reads the short form of a manual: alternatives with `|`, options in brackets, and values of any kind.
fn vestibule(words: &[&str]) -> Result<(), String> {
    let mut root = vestibule::cli::command();
    root.build();
    let (mut parent, mut depth) = (&root, 0_i32);
    let mut alternatives: Vec<Vec<&str>> = vec![Vec::new()];
    for word in words {
        if *word == "|" && depth == 0 {
            alternatives.push(Vec::new());
        } else if let Some(last) = alternatives.last_mut() {
            last.push(word.trim_matches(['[', ']']));
        }
        let count = |sign: char| i32::try_from(word.matches(sign).count()).unwrap();
        depth += count('[') - count(']');
    }
    for (number, alternative) in alternatives.iter().enumerate() {
        let mut words = alternative
            .iter()
            .copied()
            .filter(|word| *word != "|")
            .peekable();
        let mut leaf = parent;
        while let Some(below) = words.peek().and_then(|word| leaf.find_subcommand(word)) {
            // What stands beside the last word of the first alternative are the others.
            if number == 0 {
                parent = leaf;
            }
            leaf = below;
            words.next();
        }
        options(leaf, words)?;
    }
    Ok(())
}

fn options<'a>(
    leaf: &clap::Command,
    mut words: impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    let name = leaf.get_name();
    let mut values = 0;
    while let Some(word) = words.next() {
        let Some(long) = word.strip_prefix("--") else {
            values += 1;
            continue;
        };
        let known = leaf
            .get_arguments()
            .find(|one| one.get_long() == Some(long));
        let known = known.ok_or_else(|| format!("{name} has no --{long}"))?;
        if known.get_action().takes_values() {
            words
                .next()
                .ok_or_else(|| format!("--{long} needs a value"))?;
        }
    }
    let places = leaf.get_positionals().count();
    let is_open = leaf.get_positionals().any(|one| {
        one.get_num_args()
            .is_some_and(|range| range.max_values() > 1)
    });
    if values > places && !is_open {
        return Err(format!(
            "{name} does not take so many values, or has no such command"
        ));
    }
    Ok(())
}

fn cargo(words: &[&str]) -> Result<(), String> {
    let split = words.iter().position(|word| *word == "--");
    let (own, passed) = words.split_at(split.unwrap_or(words.len()));
    let passed = passed.get(1..).unwrap_or_default();
    match own {
        ["bench"] => {
            let words = passed.iter().map(|word| (*word).to_owned());
            let read = bench::Options::read(words);
            read.map(|_| ()).map_err(|error| error.to_string())
        }
        ["test"] => {
            let place = |filter: &&str| format!("tests/{}", filter.replace("::", "/"));
            let is_there = |path: &String| {
                Path::new(path).is_dir() || Path::new(&format!("{path}.rs")).is_file()
            };
            let mut places = passed.iter().map(place);
            let strange = places.find(|path| !is_there(path));
            strange.map_or(Ok(()), |path| Err(format!("there is no {path}")))
        }
        ["run" | "build", ..] | ["install", "--locked", "cargo-deb"] | ["fetch"] => Ok(()),
        _ => Err("not a command that was tried".to_owned()),
    }
}

#[test]
fn every_command_that_a_document_names_is_there() {
    let mut found = Vec::new();
    for name in DOCUMENTS {
        let commands = commands(&document(name));
        assert!(commands.len() > 1, "{name} names nothing");
        for command in commands {
            if let Err(reason) = judge(&command) {
                found.push(format!("{name}: {command}: {reason}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_command_that_is_not_there_is_found() {
    for command in [
        "vestibule user frobnicate",
        "vestibule user list | frobnicate",
        "vestibule serve [--tray | --no-icon]",
        "vestibule user add EMAIL --first-name",
        "sudo vestibule setup-url now",
        "cargo bench -- --only nothing",
        "cargo bench -- --slow",
        "cargo bench --only lists",
        "cargo frobnicate",
        "TEST_FIGURES=1 cargo test -- pages::nothing",
        "tests/run --slowly",
        "packaging/linux/build --fast",
        "make",
    ] {
        assert!(judge(command).is_err(), "{command}");
    }
}

/// `cargo bench -- …` hands its options to every target that is not kept from it, and libtest knows none of them.
#[test]
fn only_the_bench_is_benched() {
    let manifest: toml::Table = document("Cargo.toml").parse().unwrap();
    let is_kept_out =
        |target: &toml::Value| target.get("bench") == Some(&toml::Value::Boolean(false));
    assert!(is_kept_out(&manifest["lib"]));
    assert!(manifest["bin"].as_array().unwrap().iter().all(is_kept_out));
    let benches = manifest["bench"].as_array().unwrap();
    assert_eq!(benches.len(), 1);
    assert_eq!(benches[0]["harness"], toml::Value::Boolean(false));
}

/// Runs the program in the README on a token.
fn check(base_url: &str, token: &str) -> Output {
    let readme = document("README.md");
    let (_, program) = readme.split_once("```python\n").unwrap();
    let (program, _) = program.split_once("```").unwrap();
    assert!(program.contains("http://localhost:6238"));
    let program = program.replace("http://localhost:6238", base_url);
    let program = format!("import sys\ntoken = sys.argv[1]\n{program}");
    let mut command = Command::new(path_of("python"));
    command.args(["-c", &program, token]).env("no_proxy", "*");
    command.output().unwrap()
}

#[test]
fn the_program_in_the_readme_lets_in_who_came_through_both_doors() {
    let Some(instance) = PEERS.then(Instance::new) else {
        return;
    };
    let service = instance.serve();
    let mut ada = Peer::claims(&instance, &service);
    ada.scans(&instance, &service.http, "");
    ada.enables(&service.http);
    let output = check(&service.base_url, &ada.access);
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Signed as well, but with the password alone.
    instance.json(
        &["user", "add", "bob@example.com", "--password-stdin"],
        PASSWORD,
    );
    let body = json!({ "email": "bob@example.com", "password": PASSWORD });
    let signed_in = service.http.post("/auth/sign-in", "", body).expect(200);
    assert_eq!(signed_in.json["stage"], Value::from("full"));
    let output = check(&service.base_url, &signed_in.text_field("accessToken"));
    assert!(
        text(&output.stderr).contains("AssertionError"),
        "{}",
        text(&output.stderr)
    );
}

/// "What needs a tool that is missing says so and is left out", and "under `tests/run` no test is left out".
#[test]
fn a_test_without_its_tools_is_left_out_or_fails_where_none_may_be() {
    let run = |required: bool| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("pages::tabs::").env("PATH", "");
        command.env_remove("TEST_REQUIRE_TOOLS");
        if required {
            command.env("TEST_REQUIRE_TOOLS", "1");
        }
        command.output().unwrap()
    };
    let output = run(false);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    let name = "pages::tabs::the_back_button_shows_nothing_of_a_session_that_is_over";
    assert!(
        said.contains(&format!("left out: {name}: chromium is missing")),
        "{said}"
    );
    let output = run(true);
    assert!(!output.status.success());
    let said = text(&output.stdout);
    assert!(
        said.contains("chromium is missing: tests/run installs it"),
        "{said}"
    );
}
