//! The repository around the code: what the top level holds, why each dependency is there, and words that no text may
//! contain.

use std::{fs, io, path::Path};

use super::Violation;

/// What the design card names.
const CARD: [&str; 7] = [
    "Cargo.toml",
    "src",
    "assets",
    "config.toml",
    "tests",
    "packaging",
    "README.md",
];
/// What tools expect to find there.
const TOOLS: [&str; 7] = [
    "Cargo.lock",
    "LICENSE",
    ".ci",
    ".gitignore",
    ".clippy.toml",
    ".cargo",
    ".github",
];
/// Neither is part of the repository.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// How the names of files end that a reader is sent to.
const FILE_ENDINGS: [&str; 5] = [".rs", ".js", ".toml", ".md", "/"];

/// Fewer words are a heading, not a reason.
const REASON_WORDS: usize = 3;

/// Marks of unfinished work, assembled from halves, so that this file passes its own check.
const UNFINISHED: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
];

/// Where those who build, containers above all, usually keep what they build.
const MACHINE_FOLDERS: [&str; 2] = [concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// The name and text of every text file below `folder`, which is relative to `root`; links are not followed.
pub fn text_files(root: &Path, folder: &str) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for name in names(&root.join(&folder))? {
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            let kind = fs::symlink_metadata(root.join(&path))?.file_type();
            if LEFT_OUT.contains(&path.as_str()) {
                continue;
            }
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file()
                && let Ok(text) = String::from_utf8(fs::read(root.join(&path))?)
            {
                files.push((path, text));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The names in a folder.
pub fn names(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// The top level holds what the design card names and what tools expect there, nothing else.
pub fn check_top_level(names: &[String]) -> Vec<Violation> {
    let is_known = |name: &str| [&CARD[..], &TOOLS, &LEFT_OUT].concat().contains(&name);
    let strangers = names.iter().filter(|name| !is_known(name));
    strangers
        .map(|name| Violation::new(name, 0, "the design gives it no place at the top level"))
        .collect()
}

/// A file that `src/lib.rs` names between backticks, from the top or from `src` on, is there.
pub fn check_named_files(map: &str, is_there: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (line, number) in map.lines().zip(1..) {
        let quoted = line.split('`').skip(1).step_by(2);
        let files = quoted.filter(|name| FILE_ENDINGS.iter().any(|ending| name.ends_with(ending)));
        for name in files.filter(|name| !is_there(name) && !is_there(&format!("src/{name}"))) {
            let rule = format!("names `{name}`, which is not there");
            violations.push(Violation::new("src/lib.rs", number, rule));
        }
    }
    violations
}

/// No text marks unfinished work.
pub fn check_unfinished(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(|word| UNFINISHED.contains(word)) {
            let rule = format!("`{word}`: finish it, or open an issue");
            violations.push(Violation::new(path, number + 1, rule));
        }
    }
    violations
}

/// No text names a folder of the machine that built it, as messages, lists and recordings of a build do.
pub fn check_machine_paths(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut folders = MACHINE_FOLDERS.iter();
        if let Some(folder) = folders.find(|folder| names_absolute(line, folder)) {
            let rule = format!("`{folder}` is a folder of one machine");
            violations.push(Violation::new(path, number + 1, rule));
        }
    }
    violations
}

/// Whether `folder` occurs in `line` where no relative path, variable or address precedes it.
fn names_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let last = line[..start].chars().next_back();
        !last.is_some_and(|c| c.is_alphanumeric() || "_-.~*%$>)}]".contains(c))
    })
}

/// In `Cargo.toml` each dependency stands on one line, and the line above is a comment that says why it is there.
pub fn check_dependencies(manifest: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (mut is_listed, mut above) = (false, "");
    for (number, line) in manifest.lines().enumerate() {
        let is_table = line.starts_with('[') && line.contains("dependencies.");
        let is_entry = is_listed && !line.is_empty() && !line.starts_with(['#', '[']);
        if line.starts_with('[') {
            is_listed = line.ends_with("dependencies]");
        }
        let reason = above.strip_prefix('#').unwrap_or_default();
        let is_reasoned = reason.split_whitespace().count() >= REASON_WORDS;
        if is_table || (is_entry && !is_reasoned) {
            let name = line.split('=').next().unwrap_or(line).trim();
            let rule = format!(
                "`{name}` needs a comment above it that says why it is here, in {REASON_WORDS} words or more, and a line of its own"
            );
            violations.push(Violation::new("Cargo.toml", number + 1, rule));
        }
        above = line;
    }
    violations
}

fn lines(found: &[Violation]) -> Vec<usize> {
    found.iter().map(|found| found.line).collect()
}

#[test]
fn a_stranger_at_the_top_is_found() {
    let names = ["src", "target", "docs", ".git", "LICENSE", ".env"].map(str::to_owned);
    let found = check_top_level(&names);
    let files: Vec<&str> = found.iter().map(|found| found.file.as_str()).collect();
    assert_eq!(files, ["docs", ".env"]);
}

#[test]
fn a_file_that_is_named_but_not_there_is_found() {
    let map = "//! `config.toml` and `domain/` and `a b`,\n//! `a.rs` and `store/a.rs`, `b.rs`\n";
    let check = |there: &[&str]| check_named_files(map, |name| there.contains(&name));
    let all = [
        "config.toml",
        "src/domain/",
        "src/a.rs",
        "src/store/a.rs",
        "b.rs",
    ];
    assert!(check(&all).is_empty());
    assert_eq!(lines(&check(&all[..2])), [2, 2, 2]);
    assert_eq!(lines(&check(&all[2..])), [1, 1]);
}

#[test]
fn marks_of_unfinished_work_are_found() {
    for word in UNFINISHED {
        let text = format!("fine\n/* {word}: later */\n{word}S, _{word}\n");
        assert_eq!(lines(&check_unfinished("a.css", &text)), [2], "{word}");
    }
}

#[test]
fn paths_of_the_machine_are_found() {
    for folder in MACHINE_FOLDERS {
        let check = |text: &str| lines(&check_machine_paths("a", text));
        for text in ["a", "\"b\"", "HOME=", "file://"] {
            assert_eq!(check(&format!("fine\n {text} {folder}a")), [2]);
        }
        assert_eq!(check(&format!("HOME={folder}a\nfile://{folder}a")), [1, 2]);
        let fine = format!("a{folder}b .{folder}b ${{A}}{folder}b example.org{folder}");
        assert_eq!(check(&fine), [0; 0]);
    }
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let manifest = r#"
[package]
name = "a"
[dependencies]
# The way of every request.
warp = { version = "0.4", features = ["server"] }
redb = "4" # One file on disk.

# A heading over a gap.

serde = "1"
# Heading
toml = "1"
[target.'cfg(unix)'.dependencies]
rustix = "1"
# Properties over many inputs.
[dev-dependencies.proptest]
version = "1"
[profile.dev]
opt-level = 1
"#;
    assert_eq!(lines(&check_dependencies(manifest)), [7, 11, 13, 15, 17]);
}

#[test]
fn folders_are_read_to_the_bottom() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    for path in ["target", "src/deep/target"] {
        fs::create_dir_all(folder.path().join(path))?;
        fs::write(folder.path().join(path).join("a.rs"), "a")?;
    }
    fs::write(folder.path().join("src/picture"), [0xff, 0xfe])?;
    let found = text_files(folder.path(), "")?;
    assert_eq!(found, [("src/deep/target/a.rs".to_owned(), "a".to_owned())]);
    assert!(text_files(folder.path(), "absent").is_err());
    Ok(())
}
