//! What is packaged: the crates it is built from, and for Linux the unit, the entries of a desktop, manuals and
//! completions, and the package itself.
//!
//! The tests of the package are marked `#[ignore]`, since `cargo test` alone does not build it:
//! `tests/run` does, names it in `TEST_DEB`, and runs them with all others.

mod crates;
mod deb;
mod desktop;
mod installed;
mod machine;
mod manual;
mod root;
mod scripts;
mod unit;

use crate::harness::binary::{output_of, text};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// The package that the tests are about.
fn package() -> PathBuf {
    let path = std::env::var_os("TEST_DEB").map(PathBuf::from);
    let path = path.expect(
        "TEST_DEB names no package: use tests/run, or `TEST_DEB=$(packaging/linux/build --profile release) cargo test -- --include-ignored`",
    );
    assert!(path.is_file(), "{} is not there", path.display());
    path
}

/// The package's files as they will lie below `/`, and below `DEBIAN` what dpkg reads.
fn unpacked() -> &'static Path {
    static UNPACKED: LazyLock<PathBuf> = LazyLock::new(|| {
        // Nothing that is static is dropped at the end, so the next run clears away what this one leaves.
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        match std::fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
        let (package, target) = (package(), directory.to_str().unwrap());
        let arguments = ["--raw-extract", package.to_str().unwrap(), target];
        output_of("dpkg-deb", &arguments);
        directory
    });
    &UNPACKED
}

/// One of the package's files.
fn packed(path: &str) -> String {
    let path = unpacked().join(path);
    assert!(path.is_file(), "{} is not packed", path.display());
    path.to_str().unwrap().to_owned()
}

/// Runs a program that may refuse what it is shown.
fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be run: {error}"))
}

/// Everything that a program said.
fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}
