//! The Debian package as a whole: which files it holds, how it names itself, and what lintian says.

use super::{package, packed, run, said, unpacked};
use crate::harness::binary::output_of;
use std::collections::BTreeSet;
use std::fs;

const FILES: [&str; 17] = [
    "-rw-r--r-- root/root ./etc/vestibule/config.toml",
    "-rw-r--r-- root/root ./etc/xdg/autostart/vestibule-tray.desktop",
    "-rwxr-xr-x root/root ./usr/bin/vestibule",
    "-rw-r--r-- root/root ./usr/lib/systemd/system/vestibule.service",
    "-rw-r--r-- root/root ./usr/share/applications/vestibule.desktop",
    "-rw-r--r-- root/root ./usr/share/bash-completion/completions/vestibule",
    "-rw-r--r-- root/root ./usr/share/doc/vestibule/README.md",
    "-rw-r--r-- root/root ./usr/share/doc/vestibule/changelog.Debian.gz",
    "-rw-r--r-- root/root ./usr/share/doc/vestibule/changelog.gz",
    "-rw-r--r-- root/root ./usr/share/doc/vestibule/copyright",
    "-rw-r--r-- root/root ./usr/share/doc/vestibule/examples/beyond-this-machine.conf",
    "-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/vestibule.fish",
    "-rw-r--r-- root/root ./usr/share/icons/hicolor/scalable/apps/vestibule.svg",
    "-rw-r--r-- root/root ./usr/share/lintian/overrides/vestibule",
    "-rw-r--r-- root/root ./usr/share/metainfo/vestibule.metainfo.xml",
    "-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_vestibule",
    "-rw-r--r-- root/root ./usr/share/man/man1/vestibule.1.gz",
];

/// The names of the pages of a command and of those below it.
fn pages(command: &clap::Command, name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    for below in command.get_subcommands() {
        names.extend(pages(below, &format!("{name}-{}", below.get_name())));
    }
    names
}

/// Mode, owner and path of each entry; names of owners whatever numbers this machine gives them.
fn entries() -> Vec<String> {
    let package = package();
    let listed = output_of("dpkg-deb", &["--contents", package.to_str().unwrap()]);
    let entry = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let owner = fields[1].replace("0/0", "root/root");
        format!("{} {owner} {}", fields[0], fields[5])
    };
    listed.lines().map(entry).collect()
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_package_holds_these_files_and_no_other() {
    let (directories, files): (Vec<String>, Vec<String>) = entries()
        .into_iter()
        .partition(|entry| entry.ends_with('/'));
    for directory in directories {
        assert!(
            directory.starts_with("drwxr-xr-x root/root "),
            "{directory}"
        );
    }
    let mut expected: BTreeSet<String> = FILES.map(str::to_owned).into();
    for page in pages(&vestibule::cli::command(), "vestibule") {
        expected.insert(format!(
            "-rw-r--r-- root/root ./usr/share/man/man1/{page}.1.gz"
        ));
    }
    let files: BTreeSet<String> = files.into_iter().collect();
    let missing: Vec<_> = expected.difference(&files).collect();
    let strange: Vec<_> = files.difference(&expected).collect();
    assert!(
        missing.is_empty() && strange.is_empty(),
        "missing {missing:?}, strange {strange:?}"
    );
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_package_names_itself_and_needs_the_c_library_alone() {
    let package = package();
    let field = |name| output_of("dpkg-deb", &["--field", package.to_str().unwrap(), name]);
    assert_eq!(field("Package").trim(), "vestibule");
    let version = field("Version");
    assert_eq!(version.trim(), concat!(env!("CARGO_PKG_VERSION"), "-1"));
    let changes = packed("usr/share/doc/vestibule/changelog.Debian.gz");
    let changes = output_of("gzip", &["--decompress", "--stdout", &changes]);
    let newest = format!("vestibule ({}) ", version.trim());
    assert!(changes.starts_with(&newest), "{changes}");
    let needed = field("Depends");
    for dependency in needed.split(',') {
        let name = dependency.split_whitespace().next().unwrap();
        assert!(["libc6", "libgcc-s1"].contains(&name), "{needed}");
    }
    // What a person may have changed is asked about before an upgrade takes it away.
    let kept = fs::read_to_string(unpacked().join("DEBIAN/conffiles")).unwrap();
    let kept: Vec<&str> = kept.lines().collect();
    let expected = [
        "/etc/vestibule/config.toml",
        "/etc/xdg/autostart/vestibule-tray.desktop",
    ];
    assert_eq!(kept, expected);
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn lintian_finds_nothing_that_is_not_explained() {
    let package = package();
    let options = ["--no-cfg", "--allow-root", "--fail-on", "error,warning"];
    let mut arguments = options.to_vec();
    arguments.push(package.to_str().unwrap());
    let output = run("lintian", &arguments);
    assert!(output.status.success(), "{}", said(&output));
    // It did look: without the explanations it finds what they explain, and nothing beside.
    arguments.insert(0, "--no-override");
    let output = run("lintian", &arguments);
    let said = said(&output);
    let found = said.lines().filter(|line| line.starts_with(['E', 'W']));
    let found: Vec<&str> = found.filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(found, ["initial-upload-closes-no-bugs"], "{said}");
    let overrides = fs::read_to_string(packed("usr/share/lintian/overrides/vestibule")).unwrap();
    let lines: Vec<&str> = overrides.lines().collect();
    for pair in lines.chunks(2) {
        assert!(
            pair[0].starts_with("# ") && pair[1].starts_with("vestibule: "),
            "{pair:?}"
        );
    }
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_settings_file_explains_every_setting_and_changes_none() {
    let path = packed("etc/vestibule/config.toml");
    let program = packed("usr/bin/vestibule");
    let packed = fs::read_to_string(&path).unwrap();
    let documented = fs::read_to_string("config.toml").unwrap();
    let is_setting = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
    assert_eq!(packed.lines().filter(is_setting).count(), 0);
    let switched_off: Vec<&str> = packed
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .collect();
    let switched_off: Vec<&str> = switched_off.into_iter().filter(is_setting).collect();
    let settings: Vec<&str> = documented.lines().filter(is_setting).collect();
    assert!(settings.len() > 20);
    assert_eq!(switched_off, settings);
    output_of(&program, &["config", "check", "--config", &path]);
    // Whoever takes the signs away gets what the documented file says.
    let everything = packed.lines().map(|line| {
        let uncommented = line.strip_prefix('#').filter(|rest| is_setting(rest));
        uncommented.unwrap_or(line).to_owned() + "\n"
    });
    let directory = tempfile::tempdir().unwrap();
    let changed = directory.path().join("config.toml");
    fs::write(&changed, everything.collect::<String>()).unwrap();
    output_of(
        &program,
        &["config", "check", "--config", changed.to_str().unwrap()],
    );
}
