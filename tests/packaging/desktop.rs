//! What a desktop reads: the entries of menu and autostart, and what software centres tell.

use super::{packed, run, said, unpacked};
use crate::harness::binary::output_of;
use std::fs;

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_entries_of_the_desktop_are_valid_and_start_what_is_packed() {
    let program = packed("usr/bin/vestibule");
    let menu = packed("usr/share/applications/vestibule.desktop");
    let autostart = packed("etc/xdg/autostart/vestibule-tray.desktop");
    for (entry, starts) in [(menu, "vestibule"), (autostart, "vestibule tray")] {
        assert_eq!(
            output_of("desktop-file-validate", &["--warn-kde", &entry]),
            ""
        );
        let text = fs::read_to_string(&entry).unwrap();
        let value = |key: &str| {
            let lines = text.lines();
            let mut values = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            values.next().unwrap_or_default().to_owned()
        };
        assert_eq!(value("Exec"), starts);
        let mut arguments: Vec<&str> = starts.split(' ').skip(1).collect();
        arguments.push("--help");
        output_of(&program, &arguments);
        // A name without a path, of the picture in the theme that every desktop falls back to.
        let icon = value("Icon");
        packed(&format!("usr/share/icons/hicolor/scalable/apps/{icon}.svg"));
    }
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn what_software_centres_tell_is_valid() {
    let root = unpacked().to_str().unwrap();
    let output = run(
        "appstreamcli",
        &["validate-tree", "--no-net", "--no-color", root],
    );
    let said = said(&output);
    let found = said.lines().map(str::trim);
    let found = found.filter(|line| ["E:", "W:"].iter().any(|sign| line.starts_with(sign)));
    let found: Vec<&str> = found.filter_map(|line| line.split(' ').nth(2)).collect();
    // The project has no domain to turn round for an id, and makes none up.
    assert_eq!(found, ["cid-desktopapp-is-not-rdns"], "{said}");
    let told = fs::read_to_string(packed("usr/share/metainfo/vestibule.metainfo.xml")).unwrap();
    let version = format!("<release version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(told.contains(&version), "{told}");
}
