//! The repository around the code: what the top level holds, why each dependency is there, and that no text names a
//! folder of the machine it was built on.

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

/// Fewer words are a heading, not a reason.
const REASON_WORDS: usize = 3;

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

/// The names in a folder; none if there is no such folder.
pub fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

pub fn check_top_level(names: &[String]) -> Vec<Violation> {
    let is_known = |name: &str| [&CARD[..], &TOOLS, &LEFT_OUT].concat().contains(&name);
    let strangers = names.iter().filter(|name| !is_known(name));
    strangers
        .map(|name| Violation::new(name, 0, "the design gives it no place at the top level"))
        .collect()
}

/// Paths such as a build leaves behind in messages, lists and recordings.
pub fn check_machine_paths(path: &str, text: &str) -> Vec<Violation> {
    let folders = ["work", "farm", "root"].map(|name| format!("/{name}/"));
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let found = folders.iter().find(|folder| names_absolute(line, folder));
        if let Some(folder) = found {
            let rule = format!("`{folder}` is a folder of the machine that built this");
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

/// Every direct dependency in the text of `Cargo.toml` says why it is there, right above it or behind it on its line.
pub fn check_dependencies(manifest: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (mut is_listed, mut depth, mut last_line) = (false, 0, "");
    for (number, line) in manifest.lines().enumerate() {
        let (code, comment) = split_comment(line);
        let code = code.trim();
        let is_header = depth == 0 && code.starts_with('[');
        let is_entry = depth == 0 && is_listed && !is_header && !code.is_empty();
        let is_table = is_header && code.contains("dependencies.");
        if is_header {
            is_listed = code.ends_with("dependencies]");
        } else {
            depth += bracket_balance(code);
        }
        let above = last_line.trim().strip_prefix('#').unwrap_or_default();
        let is_reasoned = [above, comment]
            .iter()
            .any(|text| text.split_whitespace().count() >= REASON_WORDS);
        if (is_entry || is_table) && !is_reasoned {
            let name = code.split('=').next().unwrap_or(code).trim();
            let rule = format!(
                "`{name}` needs a comment that says why it is here, in {REASON_WORDS} words or more"
            );
            violations.push(Violation::new("Cargo.toml", number + 1, rule));
        }
        last_line = line;
    }
    violations
}

/// The line before its comment, and the comment without its sign.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quote = None;
    for (offset, c) in line.char_indices() {
        match (c, quote) {
            ('#', None) => return (&line[..offset], &line[offset + 1..]),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    (line, "")
}

fn bracket_balance(code: &str) -> i32 {
    let count = |brackets: [char; 2]| {
        code.chars()
            .filter(|c| brackets.contains(c))
            .map(|_| 1)
            .sum::<i32>()
    };
    count(['[', '{']) - count([']', '}'])
}

#[test]
fn a_stranger_at_the_top_is_found() {
    let check = |names: &[&str]| {
        check_top_level(&names.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert!(check(&["src", "target", ".git", "LICENSE", "config.toml"]).is_empty());
    let found = check(&["src", "docs", ".env"]);
    assert_eq!(
        found
            .iter()
            .map(|found| found.file.as_str())
            .collect::<Vec<_>>(),
        ["docs", ".env"]
    );
}

#[test]
fn paths_of_the_machine_are_found() {
    for name in ["work", "farm", "root"] {
        let planted = [
            format!("/{name}/main"),
            format!("fine\n\"/{name}/main\""),
            format!("HOME=/{name}/a"),
            format!("file:///{name}/a"),
        ];
        for text in planted {
            let found = check_machine_paths("a", &text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].line, text.lines().count(), "{text}");
        }
        let fine =
            format!("a/{name}/b ./{name}/b ${{A}}/{name}/b example.org/{name}/ /{name}s/ /{name}");
        assert!(check_machine_paths("a", &fine).is_empty());
    }
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let manifest = r#"
[package]
name = "a"
[dependencies]
# The way of every request
warp = { version = "0.4", features = [
    "server", # multi-line
] }
redb = "4" # one file on disk

# A heading over a gap

serde = "1"
# Heading
toml = "1"
postcard = "1#no" 
[target.'cfg(unix)'.dependencies]
rustix = "1"
[dev-dependencies.proptest]
version = "1"
# Folders that go away by themselves
[dev-dependencies.tempfile]
version = "3"
[profile.dev]
opt-level = 1
"#;
    let lines: Vec<usize> = check_dependencies(manifest)
        .iter()
        .map(|found| found.line)
        .collect();
    assert_eq!(lines, [13, 15, 16, 18, 19]);
}

#[test]
fn folders_are_read_to_the_bottom() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tidy");
    for path in ["target", "src/deep/target"] {
        fs::create_dir_all(folder.join(path))?;
        fs::write(folder.join(path).join("a.rs"), "a")?;
    }
    fs::write(folder.join("src/picture"), [0xff, 0xfe])?;
    let found = text_files(&folder, "")?;
    assert_eq!(found, [("src/deep/target/a.rs".to_owned(), "a".to_owned())]);
    assert!(text_files(&folder, "absent")?.is_empty());
    Ok(())
}
