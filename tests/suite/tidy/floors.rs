//! Imports point down: which room of `src` may name which, as in the table of the architecture text (`src/lib.rs`).
//!
//! Invariant: a path that starts at `crate` must name a room, and one that starts at `super` must stay in its own, so
//! that every import between rooms can be read off the text.

use super::{Violation, source::Source};

struct Room {
    name: &'static str,
    floor: u8,
    may_import: &'static [&'static str],
}

const fn room(name: &'static str, floor: u8, may_import: &'static [&'static str]) -> Room {
    Room {
        name,
        floor,
        may_import,
    }
}

const ROOMS: [Room; 10] = [
    room("domain", 0, &[]),
    room("platform", 1, &["domain"]),
    room("config", 1, &["domain"]),
    room("store", 1, &["domain"]),
    room("service", 2, &["domain", "store", "platform"]),
    room("client", 2, &["domain", "platform"]),
    room("http", 3, &["domain", "service", "platform"]),
    room("tray", 3, &["client", "platform"]),
    room(
        "app",
        4,
        &[
            "domain", "platform", "config", "store", "service", "client", "http",
        ],
    ),
    room(
        "cli",
        5,
        &["app", "tray", "client", "service", "config", "platform"],
    ),
];

/// The crate roots see everything: `lib.rs` lists the rooms, `main.rs` hands over.
const FREE: [&str; 2] = ["lib", "main"];

fn find(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

/// Every path in `source` that leads where the table allows no arrow.
pub fn check_imports(source: &Source) -> Vec<Violation> {
    if FREE.contains(&source.room()) {
        return Vec::new();
    }
    let Some(room) = find(source.room()) else {
        let rule = format!("`{}` is no room of the table of floors", source.room());
        return vec![Violation::new(&source.path, 1, rule)];
    };
    let module_length = source.module().len();
    let inline_depths = source.inline_depths();
    let mut violations = Vec::new();
    for path in source.paths() {
        let depth = module_length + inline_depths[path.token];
        let refusal = match path.segments[0].as_str() {
            _ if path.segments.len() < 2 && !path.imported => None,
            "crate" => {
                let target = path.segments.get(1).map_or("", String::as_str);
                refuse_room(room, target, source.is_test(path.token))
            }
            "super" | "self" => refuse_climb(room, &path.segments, depth),
            _ => None,
        };
        if let Some(reason) = refusal {
            let rule = format!("`{}`: {reason}", path.segments.join("::"));
            violations.push(Violation::new(&source.path, path.line, rule));
        }
    }
    violations
}

fn refuse_room(from: &Room, to: &str, is_test: bool) -> Option<String> {
    let Some(target) = find(to) else {
        return Some("a path from the crate's root must begin with a room".to_owned());
    };
    let is_allowed =
        from.name == to || from.may_import.contains(&to) || (is_test && target.floor <= from.floor);
    (!is_allowed).then(|| {
        let allowed = [&[from.name], from.may_import].concat().join(", ");
        format!("`{}` may import only {allowed}", from.name)
    })
}

/// A module at depth 1 is the room itself, so that a climb may leave no fewer.
fn refuse_climb(room: &Room, segments: &[String], depth: usize) -> Option<String> {
    let climb = segments
        .iter()
        .take_while(|segment| matches!(segment.as_str(), "super" | "self"))
        .filter(|segment| *segment == "super")
        .count();
    (climb >= depth).then(|| format!("climbs out of `{}`; begin at `crate` instead", room.name))
}

fn lines(path: &str, text: &str) -> Vec<usize> {
    check_imports(&Source::new(path, text))
        .iter()
        .map(|violation| violation.line)
        .collect()
}

#[test]
fn arrows_of_the_table_are_allowed() {
    let none = [0; 0];
    assert_eq!(
        lines(
            "src/store/a.rs",
            "use crate::{domain::user, store::tables};"
        ),
        none
    );
    assert_eq!(
        lines("src/app.rs", "use crate::{http, client::{self, find}};"),
        none
    );
    assert_eq!(
        lines("src/cli/mod.rs", "pub(crate) fn a() { crate::tray::run() }"),
        none
    );
    assert_eq!(lines("src/main.rs", "use crate::tray; use super::a;"), none);
    assert_eq!(
        lines(
            "src/domain/a.rs",
            "// crate::http\nconst A: &str = \"crate::http\";"
        ),
        none
    );
}

#[test]
fn arrows_upward_and_sideways_are_found() {
    assert_eq!(lines("src/domain/a.rs", "\nuse crate::store::Store;"), [2]);
    assert_eq!(
        lines(
            "src/http/a.rs",
            "use crate::{\n service,\n store::{\n Store, Error},\n};"
        ),
        [4, 4]
    );
    assert_eq!(
        lines("src/client/a.rs", "fn a() {\n crate::service::b();\n}"),
        [2]
    );
    assert_eq!(lines("src/app.rs", "use crate::tray::run;"), [1]);
    assert_eq!(
        lines("src/tray/mod.rs", "pub use crate::domain as paper;"),
        [1]
    );
    assert_eq!(
        lines(
            "src/domain/a.rs",
            "macro_rules! a { () => { $crate::store::b } }"
        ),
        [1]
    );
}

#[test]
fn ways_around_the_table_are_found() {
    assert_eq!(
        lines(
            "src/domain/a.rs",
            "use crate::*;\nuse crate::{self as all};\nuse crate::Thing;\nuse crate as all;"
        ),
        [1, 2, 3, 4]
    );
    assert_eq!(lines("src/domain/mod.rs", "use super::store;"), [1]);
    assert_eq!(
        lines("src/domain/a.rs", "use super::b;\nuse super::super::store;"),
        [2]
    );
    assert_eq!(
        lines("src/domain/a.rs", "use super::{b,\n super::store};"),
        [2]
    );
    assert_eq!(
        lines("src/domain/a.rs", "use self::super::super::store;"),
        [1]
    );
    assert_eq!(lines("src/app.rs", "use super::store;"), [1]);
    assert_eq!(lines("src/utilities/a.rs", "fn a() {}"), [1]);
}

#[test]
fn a_climb_counts_inline_modules() {
    let text =
        "mod b { use super::c; mod d { use super::super::c;\n use super::super::super::c; } }";
    assert_eq!(lines("src/domain/mod.rs", text), [2]);
}

#[test]
fn tests_may_use_their_own_floor_but_none_above() {
    let within = |import| format!("#[cfg(test)]\nmod tests {{\n use {import};\n}}\n");
    assert_eq!(
        lines("src/store/a.rs", &within("crate::platform::entropy")),
        [0; 0]
    );
    assert_eq!(
        lines("src/service/a.rs", &within("crate::client::find")),
        [0; 0]
    );
    assert_eq!(
        lines("src/store/a.rs", &within("crate::service::Services")),
        [3]
    );
    assert_eq!(
        lines("src/domain/a.rs", &within("super::super::super::store")),
        [3]
    );
}
