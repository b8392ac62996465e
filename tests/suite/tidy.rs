//! Guards the house: reads the repository and fails where the text breaks a rule of the architecture.
//!
//! What the compiler or its linter can watch is set in `Cargo.toml` and `.clippy.toml`, not here. Each rule is a
//! function from text to violations, whose first sentence says the rule, with a test beside it which shows that it can
//! fail; the tests here run the rules over the real files.

mod fences;
mod floors;
mod graph;
mod house;
mod repository;
mod sizes;
mod source;

use std::{
    collections::BTreeSet,
    env,
    fmt::{self, Display, Formatter},
    fs, io,
    path::PathBuf,
    sync::LazyLock,
    thread,
};

use source::Source;

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

/// The files of `src` and of `tests`, read once for all rules.
static SRC: LazyLock<Vec<Source>> = LazyLock::new(|| sources("src"));
static TESTS: LazyLock<Vec<Source>> = LazyLock::new(|| sources("tests"));

/// The folder that cargo names when it runs the test: the one it named when it built may be another checkout's, where
/// two share a target folder.
fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// The files below `folder` whose names end in `ending`. There must be some: a walk that finds nothing proves nothing.
fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut files = repository::text_files(&root(), folder).expect("a readable repository");
    files.retain(|(path, _)| path.ends_with(ending));
    assert!(!files.is_empty(), "no {ending} below {folder}");
    files
}

fn sources(folder: &str) -> Vec<Source> {
    let texts = texts(folder, ".rs");
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let read = |(path, text): &(String, String)| {
        Source::new(path, text).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    thread::scope(|scope| {
        let parts = texts.chunks(texts.len().div_ceil(threads));
        let readers: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(read).collect::<Vec<_>>()))
            .collect();
        let parts = readers.into_iter();
        parts
            .flat_map(|part| part.join().expect("a reader that ends"))
            .collect()
    })
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

#[test]
fn imports_point_down() {
    assert_none(SRC.iter().flat_map(floors::check_imports));
}

#[test]
fn the_floors_are_shown_as_they_are() {
    let head = SRC.iter().find(|source| source.path == "src/lib.rs");
    let rooms = SRC.iter().map(Source::room);
    let rooms: BTreeSet<&str> = rooms.filter(|room| !floors::ROOTS.contains(room)).collect();
    let head = &head.expect("src/lib.rs").text;
    assert_none(floors::check_shown_floors(head, &rooms));
}

#[test]
fn the_map_names_files_that_are_there() {
    let map = SRC.iter().find(|source| source.path == "src/lib.rs");
    let is_there = |name: &str| root().join(name).exists();
    let map = &map.expect("src/lib.rs").text;
    assert_none(repository::check_named_files(map, is_there));
}

#[test]
fn no_files_stand_in_a_circle() {
    assert_none(house::check_circles_of_files(&SRC));
}

#[test]
fn no_scripts_stand_in_a_circle() {
    assert_none(house::check_circles_of_scripts(&texts("assets", ".js")));
}

#[test]
fn files_are_short() {
    let sources = SRC.iter().chain(&*TESTS);
    assert_none(sources.flat_map(sizes::check_file_size));
}

#[test]
fn functions_are_short() {
    let sources = SRC.iter().chain(&*TESTS);
    assert_none(sources.flat_map(sizes::check_function_sizes));
}

#[test]
fn folders_are_small() {
    let paths = SRC.iter().map(|source| source.path.as_str());
    assert_none(sizes::check_folder_sizes(paths));
}

#[test]
fn every_file_says_what_it_is() {
    let sources = SRC.iter().chain(&*TESTS);
    assert_none(sources.flat_map(sizes::check_header));
}

#[test]
fn crates_stay_in_their_rooms() {
    assert_none(SRC.iter().flat_map(fences::check_fences));
}

#[test]
fn the_domain_is_true_on_paper() {
    assert_none(SRC.iter().flat_map(fences::check_domain));
}

#[test]
fn log_lines_have_an_event() {
    assert_none(SRC.iter().flat_map(fences::check_log_lines));
}

#[test]
fn nothing_is_left_unfinished() {
    let texts = ["src", "tests", "assets"].map(|folder| texts(folder, ""));
    let texts = texts.iter().flatten();
    assert_none(texts.flat_map(|(path, text)| repository::check_unfinished(path, text)));
}

#[test]
fn every_dependency_says_why() -> io::Result<()> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    assert_none(repository::check_dependencies(&manifest));
    Ok(())
}

#[test]
fn the_top_level_holds_what_the_design_names() -> io::Result<()> {
    assert_none(repository::check_top_level(&repository::names(&root())?));
    Ok(())
}

#[test]
fn no_text_names_the_machine_that_built_it() {
    let texts = texts("", "");
    let texts = texts.iter().filter(|(path, _)| path != "Cargo.lock");
    assert_none(texts.flat_map(|(path, text)| repository::check_machine_paths(path, text)));
}
