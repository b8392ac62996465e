//! Manual pages and completions, as readers and shells take them.

use super::{packed, run, said, unpacked};
use crate::harness::binary::{output_of, text};
use std::fs;
use std::process::{Command, Output};

fn man(page: &str, options: &[&str]) -> Output {
    let mut command = Command::new("man");
    command.args(options).args(["--local-file", page]);
    command.env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80");
    command.env("MANROFFSEQ", "").output().unwrap()
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn every_manual_page_is_rendered_without_a_warning() {
    let pages = fs::read_dir(unpacked().join("usr/share/man/man1")).unwrap();
    let pages: Vec<String> = pages
        .map(|page| page.unwrap().path().to_str().unwrap().to_owned())
        .collect();
    assert!(pages.len() > 30, "{pages:?}");
    for page in &pages {
        let output = man(page, &["--warnings", "--ditroff", "--troff-device=utf8"]);
        assert!(output.status.success());
        assert_eq!(text(&output.stderr), "", "{page}");
        let name = output_of("lexgrog", &[page]);
        assert!(name.contains(" - "), "whatis finds nothing in {name}");
    }
    let broken = unpacked().join("broken.1");
    fs::write(&broken, ".TH A 1\n.SH NAME\n.nonsense\n").unwrap();
    let output = man(broken.to_str().unwrap(), &["--warnings", "--ditroff"]);
    assert!(
        said(&output).contains("nonsense"),
        "no warning would be seen"
    );
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_manual_tells_what_the_help_does_not() {
    let page = packed("usr/share/man/man1/vestibule.1.gz");
    let shown = text(&man(&page, &["--encoding=UTF-8"]).stdout);
    for heading in [
        "SYNOPSIS",
        "EXIT STATUS",
        "ENVIRONMENT",
        "FILES",
        "EXAMPLES",
        "SEE ALSO",
    ] {
        assert!(
            shown.lines().any(|line| line == heading),
            "{heading}: {shown}"
        );
    }
    for word in [
        "vestibule-user(1)",
        "/etc/vestibule/config.toml",
        "VESTIBULE_DATA_DIR",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let page = packed("usr/share/man/man1/vestibule-user-add.1.gz");
    let shown = text(&man(&page, &["--encoding=UTF-8"]).stdout);
    assert!(shown.contains("vestibule user add ["), "{shown}");
    assert!(shown.contains("--password-stdin"), "{shown}");
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn three_shells_load_their_completions() {
    let bash = packed("usr/share/bash-completion/completions/vestibule");
    let script = "source \"$1\"; complete -p vestibule >&2; COMP_WORDS=(vestibule user set); COMP_CWORD=2; \
                  _vestibule vestibule set user; echo \"${COMPREPLY[@]}\"";
    let completed = output_of("bash", &["--norc", "-euc", script, "bash", &bash]);
    assert_eq!(completed.trim(), "set-role set-password");
    let zsh = packed("usr/share/zsh/vendor-completions/_vestibule");
    output_of("zsh", &["--no-rcs", "--no-exec", &zsh]);
    let first = fs::read_to_string(&zsh).unwrap();
    assert!(first.starts_with("#compdef vestibule\n"));
    let fish = packed("usr/share/fish/vendor_completions.d/vestibule.fish");
    let script = format!("source {fish}; complete --do-complete 'vestibule user set-p'");
    let output = run("fish", &["--no-config", "--command", &script]);
    assert!(
        said(&output).starts_with("set-password\t"),
        "{}",
        said(&output)
    );
}
