//! Every subcommand, with the service up and with it down: one code path, one output.

use crate::harness::binary::{Instance, text};
use crate::harness::desktop::wait_for;
use crate::harness::person::PASSWORD;

/// Commands with their input, in an order in which each has something to do.
const SCRIPT: &[(&[&str], &str)] = &[
    (&["setup-url"], ""),
    (&["user", "list"], ""),
    (
        &[
            "user",
            "add",
            "ada@example.com",
            "--first-name",
            "Ada",
            "--last-name",
            "King",
            "--role",
            "super-admin",
            "--password-stdin",
        ],
        PASSWORD,
    ),
    (
        &["user", "add", "bob@example.com", "--password-stdin"],
        PASSWORD,
    ),
    (
        &["user", "add", "BOB@example.com", "--password-stdin"],
        PASSWORD,
    ),
    (
        &["user", "add", "weak@example.com", "--password-stdin"],
        "password",
    ),
    (&["user", "add", "no address", "--password-stdin"], PASSWORD),
    (&["setup-url"], ""),
    (&["user", "list"], ""),
    (&["user", "show", "Bob@Example.com"], ""),
    (&["user", "show", "2"], ""),
    (&["user", "show", "99"], ""),
    (&["user", "show", "nobody@example.com"], ""),
    (&["user", "set-role", "2", "admin", "user"], ""),
    (&["user", "set-role", "1", "user"], ""),
    (
        &[
            "user",
            "set-password",
            "bob@example.com",
            "--password-stdin",
        ],
        "four quiet herons at dusk",
    ),
    (&["user", "archive", "2"], ""),
    (&["user", "archive", "1"], ""),
    (&["user", "restore", "2"], ""),
    (&["user", "unlock", "2"], ""),
    (&["user", "reset-password", "2"], ""),
    (&["user", "reset-2fa", "2"], ""),
    (&["user", "add", "guest@example.com", "--invite"], ""),
    (
        &["user", "add", "ada@example.com", "--invite", "--team", "1"],
        "",
    ),
    (&["team", "list"], ""),
    (&["team", "add", "Shop", "--owner", "bob@example.com"], ""),
    (&["team", "add", "shop"], ""),
    (&["team", "rename", "shop", "Shop floor"], ""),
    (&["team", "mark-support", "99"], ""),
    (&["team", "mark-support", "Shop floor"], ""),
    (&["team", "delete", "Shop floor"], ""),
    (&["team", "mark-support", "support"], ""),
    (
        &[
            "team",
            "member",
            "add",
            "shop floor",
            "1",
            "--role",
            "manager",
        ],
        "",
    ),
    (&["team", "member", "list", "2"], ""),
    (
        &[
            "team",
            "member",
            "set-role",
            "2",
            "ada@example.com",
            "viewer",
        ],
        "",
    ),
    (&["team", "member", "remove", "2", "1"], ""),
    (&["team", "member", "remove", "2", "2"], ""),
    (&["team", "delete", "2"], ""),
    (&["team", "list"], ""),
    (&["user", "list"], ""),
    (&["sign-ins", "pause"], ""),
    (&["sign-ins", "show"], ""),
    (&["sign-ins", "resume"], ""),
    (&["audit", "tail", "-n", "30"], ""),
    (&["audit", "export", "--after", "20"], ""),
    (&["audit", "verify"], ""),
    (&["audit", "verify", "--head", "1:00"], ""),
    (&["audit", "verify", "--head", "nonsense"], ""),
    (&["config", "show"], ""),
    (&["config", "check"], ""),
    (&["completions", "bash"], ""),
];

fn outputs(instance: &Instance, json: bool) -> Vec<String> {
    let run = |(arguments, input): &(&[&str], &str)| {
        let mut arguments = arguments.to_vec();
        if json {
            arguments.push("--json");
        }
        let output = instance.run_with_input(&arguments, input);
        let code = output.status.code();
        let (out, error) = (text(&output.stdout), text(&output.stderr));
        format!(
            "{arguments:?} {code:?}\n{}\n{}",
            settle(&out),
            settle(&error)
        )
    };
    SCRIPT.iter().map(run).collect()
}

/// Puts one word in place of what no two instances share: times, tokens, hashes and ports.
fn settle(output: &str) -> String {
    let is_random = |word: &str| {
        let word = word.trim_matches([',', '.', ':']);
        let time = word.len() == 20 && word.ends_with('Z');
        let hash = word.len() >= 16 && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
        time || hash || word.starts_with("http://") || word.contains(":6238")
    };
    let words = output
        .split(|c: char| c.is_whitespace() || c == '"')
        .filter(|word| !word.is_empty());
    words
        .map(|word| if is_random(word) { "…" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_command_says_the_same_with_the_service_up_and_down() {
    for json in [false, true] {
        let up = Instance::new();
        let _service = up.serve();
        let down = Instance::new();
        assert!(down.serve().interrupt().success());
        let (with, without) = (outputs(&up, json), outputs(&down, json));
        for (with, without) in with.iter().zip(&without) {
            assert_eq!(with, without);
        }
    }
}

#[test]
fn exit_codes_tell_refusals_usage_and_absence_apart() {
    let instance = Instance::new();
    let code = |arguments: &[&str]| instance.run(arguments).status.code();
    for absent in [&["user", "list"][..], &["audit", "verify"], &["setup-url"]] {
        assert_eq!(code(absent), Some(3), "{absent:?}");
        assert!(!instance.data().exists(), "{absent:?} made an instance");
    }
    let _service = instance.serve();
    for (arguments, expected) in [
        (&["user", "list"][..], 0),
        (&["--help"], 0),
        (&["user", "show", "5"], 1),
        (&["user", "frobnicate"], 2),
        (&["user", "set-role", "1", "emperor"], 2),
        (&["user", "add", "bob@example.com"], 2),
        (&["audit", "verify", "--head", "x"], 2),
    ] {
        assert_eq!(code(arguments), Some(expected), "{arguments:?}");
    }
}

#[test]
fn a_wrong_configuration_stops_the_start_and_names_key_layer_and_cure() {
    let instance = Instance::new();
    let file = instance.beside("own.toml");
    std::fs::write(&file, "[totp]\ndigit = 6\n").unwrap();
    let path = file.to_str().unwrap();
    let output = instance.run(&["serve", "--config", path]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    for part in ["totp.digit", "own.toml", "totp.digits"] {
        assert!(said.contains(part), "{said}");
    }
    let mut command = instance.command(&["config", "check"]);
    let output = command
        .env("VESTIBULE_TOTP__DIGITS", "nine")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("VESTIBULE_TOTP__DIGITS"));
    assert!(!instance.data().exists());
}

#[test]
fn the_set_up_link_reaches_no_pipe_unasked() {
    let instance = Instance::new();
    let mut child = instance
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("the service", || {
        let listed = instance.run(&["user", "list"]);
        (listed.status.code() == Some(0)).then_some(())
    });
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("setup-url"), "{said}");
    assert!(!said.contains("#token="), "{said}");
}
