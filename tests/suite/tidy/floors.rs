//! Imports point down: the floors, the rooms on them, and which room may name which.
//!
//! `src/lib.rs` shows the same floors to its readers; a rule compares the two.

use std::collections::BTreeSet;

use super::{Violation, source::Source};

struct Room {
    floor: u8,
    name: &'static str,
    may_import: &'static [&'static str],
}

const fn room(floor: u8, name: &'static str, may_import: &'static [&'static str]) -> Room {
    Room {
        floor,
        name,
        may_import,
    }
}

const ROOMS: [Room; 11] = [
    room(0, "domain", &[]),
    room(1, "platform", &["domain"]),
    room(1, "config", &["domain"]),
    room(1, "store", &["domain"]),
    room(1, "wire", &["domain"]),
    room(2, "service", &["domain", "store", "platform"]),
    room(2, "client", &["domain", "platform", "wire"]),
    room(3, "http", &["domain", "service", "platform", "wire"]),
    room(3, "tray", &["client", "platform", "wire"]),
    room(
        4,
        "app",
        &[
            "domain", "platform", "config", "store", "service", "client", "http",
        ],
    ),
    room(
        5,
        "cli",
        &[
            "app", "tray", "client", "service", "config", "platform", "wire", "domain",
        ],
    ),
];

/// The crate's roots see everything: `lib.rs` lists the rooms, `main.rs` hands over.
pub const ROOTS: [&str; 2] = ["lib", "main"];

fn find(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

/// A path from `crate` or `super` leads into its own room or into one that the table allows. Test code may also use
/// the rooms beside its own, and those below.
pub fn check_imports(source: &Source) -> Vec<Violation> {
    if ROOTS.contains(&source.room()) {
        return Vec::new();
    }
    let Some(room) = find(source.room()) else {
        let rule = format!("`{}` is no room in the table of floors", source.room());
        return vec![Violation::new(&source.path, 1, rule)];
    };
    let mut violations = Vec::new();
    for path in &source.paths {
        let Some(full) = path.in_crate() else {
            continue;
        };
        let target = full.first().map_or("", String::as_str);
        let is_beside = |target: &Room| path.is_test && target.floor <= room.floor;
        let is_allowed = target == room.name
            || room.may_import.contains(&target)
            || find(target).is_some_and(is_beside);
        if !is_allowed {
            let allowed = [&[room.name], room.may_import].concat().join(", ");
            let rule = format!("`{}`: `{}` may name only {allowed}", path.text(), room.name);
            violations.push(Violation::new(&source.path, path.line, rule));
        }
    }
    violations
}

/// The table of floors at the head of `lib.rs` has the rooms of `src`, each on the floor that it has here.
pub fn check_shown_floors(head: &str, rooms_of_src: &BTreeSet<&str>) -> Vec<Violation> {
    let shown = shown_floors(head);
    let kept: BTreeSet<(u8, &str)> = ROOMS.iter().map(|room| (room.floor, room.name)).collect();
    let is_built = |(_, name): &&(u8, &str)| rooms_of_src.contains(name);
    let missing = kept.difference(&shown).filter(is_built);
    let missing = missing.map(|(floor, name)| format!("should show `{name}` on floor {floor}"));
    let wrong = shown.iter().filter(|row| {
        let is_kept = kept.contains(row);
        !is_kept || !is_built(row)
    });
    let wrong = wrong.map(|(floor, name)| format!("shows `{name}` on floor {floor}"));
    let differences = missing.chain(wrong);
    let rules = differences.map(|difference| format!("the table of floors {difference}"));
    rules
        .map(|rule| Violation::new("src/lib.rs", 0, rule))
        .collect()
}

/// The rows ``//! | 0 | [`domain`] | … |`` of a Markdown table.
fn shown_floors(head: &str) -> BTreeSet<(u8, &str)> {
    let rows = head.lines().filter_map(|line| line.strip_prefix("//! |"));
    let rows = rows.filter_map(|row| {
        let mut cells = row.split('|').map(str::trim);
        let floor = cells.next()?.parse().ok()?;
        let room = cells.next()?.trim_matches(['[', ']', '`']);
        Some((floor, room))
    });
    rows.collect()
}

#[test]
fn arrows_point_to_lower_floors() {
    for room in &ROOMS {
        for target in room.may_import {
            let target = find(target).expect("a room of the table");
            assert!(target.floor < room.floor, "{} → {}", room.name, target.name);
        }
    }
}

fn lines(path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text).expect("Rust");
    let found = check_imports(&source);
    found.iter().map(|violation| violation.line).collect()
}

#[test]
fn arrows_of_the_table_are_allowed() {
    let fine = [
        (
            "src/store/a.rs",
            "use crate::{domain::user, store::tables};",
        ),
        ("src/app.rs", "use crate::{http, client::{self, find}};"),
        ("src/cli/mod.rs", "pub(crate) fn a() { crate::tray::run() }"),
        ("src/main.rs", "use crate::tray; use super::a;"),
        ("src/tray/a.rs", "use super::menu; use self::b::c;"),
        (
            "src/domain/a.rs",
            "// crate::http\nconst A: &str = \"crate::http\";",
        ),
        ("src/domain/b/c.rs", "use super::super::d;"),
        (
            "src/domain/mod.rs",
            "mod a { pub(in crate::domain) use super::b; }",
        ),
    ];
    for (path, text) in fine {
        assert_eq!(lines(path, text), [0; 0], "{path}: {text}");
    }
}

#[test]
fn arrows_upward_and_sideways_are_found() {
    let wrong: [(&str, &str, &[usize]); 9] = [
        ("src/domain/a.rs", "\nuse crate::store::Store;", &[2]),
        (
            "src/http/a.rs",
            "use crate::{\n service,\n store::{\n Store,\n Error},\n};",
            &[4, 5],
        ),
        (
            "src/client/a.rs",
            "fn a() {\n crate::service::b();\n}",
            &[2],
        ),
        ("src/client/a.rs", "type A =\n Vec<crate::http::B>;", &[2]),
        ("src/app.rs", "use crate::tray::run;", &[1]),
        ("src/tray/mod.rs", "pub use crate::domain as paper;", &[1]),
        (
            "src/domain/a.rs",
            "macro_rules! a { () => { $crate::store::b } }",
            &[1],
        ),
        (
            "src/domain/a.rs",
            "fn a() { b!(\n c, { crate::store::d() }) }",
            &[2],
        ),
        ("src/utilities/a.rs", "fn a() {}", &[1]),
    ];
    for (path, text, expected) in wrong {
        assert_eq!(lines(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn ways_around_the_table_are_found() {
    let wrong: [(&str, &str, &[usize]); 6] = [
        (
            "src/domain/a.rs",
            "use crate::*;\nuse crate::{self as all};\nuse crate::Thing;\nuse crate as all;",
            &[1, 2, 3, 4],
        ),
        ("src/domain/mod.rs", "use super::store;", &[1]),
        (
            "src/domain/a.rs",
            "use super::b;\nuse super::super::store;",
            &[2],
        ),
        ("src/domain/a.rs", "use super::{b,\n super::store};", &[2]),
        ("src/domain/a.rs", "use self::super::super::store;", &[1]),
        (
            "src/domain/mod.rs",
            "use super::super::domain;\n mod b { use super::c; mod d { use super::super::c;\n use super::super::super::store; } }",
            &[1, 3],
        ),
    ];
    for (path, text, expected) in wrong {
        assert_eq!(lines(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn tests_may_use_their_own_floor_but_none_above() {
    let within = |import| format!("#[cfg(test)]\nmod tests {{\n use {import};\n}}\n");
    let lines = |path, import| lines(path, &within(import));
    assert_eq!(lines("src/store/a.rs", "crate::platform::entropy"), [0; 0]);
    assert_eq!(lines("src/service/a.rs", "crate::client::find"), [0; 0]);
    assert_eq!(lines("src/store/a.rs", "crate::service::Services"), [3]);
    assert_eq!(lines("src/domain/a.rs", "super::super::super::store"), [3]);
}

#[test]
fn a_table_that_shows_other_floors_is_found() {
    let check = |table, rooms: &[&str]| {
        check_shown_floors(table, &rooms.iter().copied().collect())
            .iter()
            .map(|found| found.rule.clone())
            .collect::<Vec<_>>()
    };
    let table =
        "//! | floor | room |\n//! |---|---|\n//! | 0 | [`domain`] | a |\n//! | 1 | `store` | b |";
    assert_eq!(check(table, &["domain", "store"]), [""; 0]);
    assert_eq!(
        check(table, &["domain", "store", "http"]),
        ["the table of floors should show `http` on floor 3"]
    );
    assert_eq!(
        check(table, &["domain"]),
        ["the table of floors shows `store` on floor 1"]
    );
    assert_eq!(
        check(&table.replace("| 1", "| 2"), &["domain", "store"]),
        [
            "the table of floors should show `store` on floor 1",
            "the table of floors shows `store` on floor 2"
        ]
    );
}
