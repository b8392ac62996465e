//! What some tests need beside Rust. On a machine without it they say so and are left out; `tests/run` installs all of
//! it and sets `TEST_REQUIRE_TOOLS`, under which a test that lacks something fails.

use std::io::Write;
use std::path::{Path, PathBuf};

/// What a family of tests needs, by the names that `find` knows.
pub struct Tools(&'static [&'static str]);

/// Browsers in front of the real binary.
pub const PAGES: Tools = Tools(&["chromium", "chromedriver", "oathtool", "libfaketime"]);
/// A desktop of the test's own.
pub const DESKTOP: Tools = Tools(&["Xvfb", "dbus-daemon", "xfce4-panel", "xclip"]);
/// Second implementations of codes, pictures and tokens.
pub const PEERS: Tools = Tools(&["oathtool", "zbarimg", "python"]);
/// The reader of pictures, off the screen.
pub const SCANNER: Tools = Tools(&["zbarimg"]);
/// The judge of whether everybody can use a page.
pub const AXE: Tools = Tools(&["axe-core"]);
/// The checker of the scripts' types.
pub const TYPESCRIPT: Tools = Tools(&["typescript"]);
/// A client of TLS that is not ours.
pub const CURL: Tools = Tools(&["curl"]);

impl Tools {
    /// Makes something that stands on these tools. Without one of them nothing is made, and the test is left out.
    ///
    /// # Panics
    ///
    /// Where `TEST_REQUIRE_TOOLS` is set and one is missing.
    #[track_caller]
    pub fn then<T>(&self, make: impl FnOnce() -> T) -> Option<T> {
        for name in self.0 {
            require(find(name).is_some(), name)?;
        }
        Some(make())
    }
}

/// `None`, after a word about it, where something that tests/run installs is not there.
///
/// # Panics
///
/// Where `TEST_REQUIRE_TOOLS` is set.
#[track_caller]
pub fn require(is_there: bool, what: &str) -> Option<()> {
    if is_there {
        return Some(());
    }
    let required = std::env::var_os("TEST_REQUIRE_TOOLS").is_some();
    assert!(!required, "{what} is missing: tests/run installs it");
    left_out(&format!("{what} is missing, which tests/run installs"));
    None
}

/// Says that the running test is left out, where also the output of a test that passes is seen.
pub fn left_out(reason: &str) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("a test");
    // Where nobody reads the output there is nobody to be told.
    let _ = writeln!(std::io::stderr(), "left out: {name}: {reason}");
}

/// Where a tool is.
///
/// # Panics
///
/// If it is missing: tests ask through `Tools` first.
#[track_caller]
pub fn path_of(name: &str) -> PathBuf {
    find(name).unwrap_or_else(|| panic!("{name} is missing: tests/run installs it"))
}

fn find(name: &str) -> Option<PathBuf> {
    match name {
        "python" => installed("TEST_PYTHON", "bin/python"),
        "axe-core" => installed("TEST_AXE", "axe/node_modules/axe-core/axe.min.js"),
        "typescript" => installed("TEST_TYPESCRIPT", "typescript/node_modules/.bin/tsc"),
        "libfaketime" => faketime(),
        _ => on_the_path(name),
    }
}

fn on_the_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&folders).map(|folder| folder.join(name));
    files.find(|file| file.is_file())
}

/// A file that a variable names, or that tests/run put below the target folder.
fn installed(variable: &str, place: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let file = named.unwrap_or_else(|| {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        Path::new(&root).join("target/test-tools").join(place)
    });
    file.is_file().then_some(file)
}

/// The library that moves a process's clock.
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let file = |folder: std::fs::DirEntry| folder.path().join("faketime/libfaketime.so.1");
    let mut files = folders.filter_map(Result::ok).map(file);
    files.find(|file| file.is_file())
}
