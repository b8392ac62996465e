//! Guards the house: reads the repository and fails where the text breaks a rule of the architecture.
//!
//! Each rule is a function from text to violations, with a test beside it which shows that it can fail; the tests here
//! run the rules over the real files. Standard library only, so that nothing has to be built to know the house is tidy.

mod floors;
mod paths;
mod sizes;
mod source;
mod strip;
mod tree;
mod words;

use std::{
    env,
    fmt::{self, Display, Formatter},
    fs, io,
    path::{Path, PathBuf},
};

use source::{Source, mark_test_files};

/// A place in the repository and the rule it breaks.
pub struct Violation {
    pub file: String,
    /// From 1; 0 where the whole file is meant.
    pub line: usize,
    pub rule: String,
}

impl Violation {
    fn new(file: &str, line: usize, rule: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            rule: rule.into(),
        }
    }
}

impl Display for Violation {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.file, self.rule),
            line => write!(formatter, "{}:{line}: {}", self.file, self.rule),
        }
    }
}

/// The folder that cargo names when it runs the test: the one it named when it built may be another checkout's, where
/// two share a target folder.
fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// The Rust files below the folders, of which each must hold at least one: a walk that finds nothing proves nothing.
fn sources(folders: &[&str]) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for folder in folders {
        let count = sources.len();
        for (path, text) in tree::text_files(&root(), folder)? {
            if Path::new(&path).extension() == Some("rs".as_ref()) {
                sources.push(Source::new(&path, &text));
            }
        }
        assert!(sources.len() > count, "no Rust file below {folder}");
    }
    mark_test_files(&mut sources);
    Ok(sources)
}

fn assert_none(violations: impl IntoIterator<Item = Violation>) {
    let lines: Vec<String> = violations
        .into_iter()
        .map(|found| found.to_string())
        .collect();
    assert!(
        lines.is_empty(),
        "{} untidy place(s):\n{}",
        lines.len(),
        lines.join("\n")
    );
}

fn assert_tidy(folders: &[&str], check: fn(&Source) -> Vec<Violation>) -> io::Result<()> {
    assert_none(sources(folders)?.iter().flat_map(check));
    Ok(())
}

#[test]
fn imports_point_down() -> io::Result<()> {
    assert_tidy(&["src"], floors::check_imports)
}

#[test]
fn files_are_short() -> io::Result<()> {
    assert_tidy(&["src", "tests"], sizes::check_file_size)
}

#[test]
fn functions_are_short() -> io::Result<()> {
    assert_tidy(&["src", "tests"], sizes::check_function_sizes)
}

#[test]
fn every_file_says_what_it_is() -> io::Result<()> {
    assert_tidy(&["src", "tests"], sizes::check_header)
}

#[test]
fn nothing_is_left_unfinished() -> io::Result<()> {
    let mut violations = Vec::new();
    for folder in ["src", "tests", "assets"] {
        for (path, text) in tree::text_files(&root(), folder)? {
            violations.extend(words::check_unfinished_words(&path, &text));
        }
    }
    for source in sources(&["src", "tests"])? {
        violations.extend(words::check_unfinished_macros(&source));
    }
    assert_none(violations);
    Ok(())
}

#[test]
fn shipped_code_does_not_panic() -> io::Result<()> {
    assert_tidy(&["src"], words::check_panics)
}

#[test]
fn log_lines_have_an_event() -> io::Result<()> {
    assert_tidy(&["src"], words::check_log_lines)
}

#[test]
fn nothing_is_unsafe() -> io::Result<()> {
    assert_tidy(&["src", "tests"], words::check_unsafe)
}

#[test]
fn rooms_keep_to_their_own_names() -> io::Result<()> {
    assert_tidy(&["src"], words::check_fences)
}

#[test]
fn the_domain_is_true_on_paper() -> io::Result<()> {
    assert_tidy(&["src"], words::check_domain)
}

#[test]
fn every_dependency_says_why() -> io::Result<()> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    assert_none(tree::check_dependencies(&manifest));
    Ok(())
}

#[test]
fn the_top_level_holds_what_the_design_names() -> io::Result<()> {
    assert_none(tree::check_top_level(&tree::names(&root())?));
    Ok(())
}

#[test]
fn no_text_names_the_machine_that_built_it() -> io::Result<()> {
    let files = tree::text_files(&root(), "")?;
    let texts = files.iter().filter(|(path, _)| path != "Cargo.lock");
    assert_none(texts.flat_map(|(path, text)| tree::check_machine_paths(path, text)));
    Ok(())
}
