//! The files of `src` together: which file a path leads to, by way of `pub use` lines as well, and the circles among
//! the files of one room.

use std::collections::BTreeMap;

use super::{
    Violation,
    graph::{Need, check_circles},
    source::{Named, NamedPath, Source, in_crate},
};

/// Longer chains of `use` lines are circles of their own, which the compiler refuses.
const LONGEST_CHAIN: usize = 16;

pub struct House<'a> {
    /// By the module that the file is, and by those written out within it.
    modules: BTreeMap<&'a [String], &'a Source>,
}

impl<'a> House<'a> {
    pub fn new(sources: &'a [Source]) -> Self {
        let is_in_library = |source: &&Source| source.path != "src/main.rs";
        let modules = sources
            .iter()
            .filter(is_in_library)
            .flat_map(|source| source.items.keys().map(move |module| (&**module, source)))
            .collect();
        Self { modules }
    }

    /// The file that defines what `path` names; none where it leads out of the crate or begins with a local name.
    pub fn find(&self, path: &NamedPath) -> Option<&'a Source> {
        let full = self.full(&path.module, &path.segments);
        let full = full.or_else(|| self.by_import(&path.module, &path.segments))?;
        let module = self.walk(&full, 0)?;
        self.modules.get(&*module).copied()
    }

    /// `segments` as seen from `module`, behind `crate`; they may begin with a module within it as well.
    fn full(&self, module: &[String], segments: &[String]) -> Option<Vec<String>> {
        in_crate(module, segments).or_else(|| {
            let child = [module, segments.get(..1)?].concat();
            let is_child = self.modules.contains_key(&*child);
            is_child.then(|| [module, segments].concat())
        })
    }

    /// The same for `segments` that begin with a name which a `use` line of `module` brings.
    fn by_import(&self, module: &[String], segments: &[String]) -> Option<Vec<String>> {
        let (first, rest) = segments.split_first()?;
        let imports = self.modules.get(module)?.imports.get(module)?;
        let (_, path) = imports.iter().find(|(known_as, _)| known_as == first)?;
        Some([&self.full(module, path)?, rest].concat())
    }

    /// Goes down `full` from the crate's root to the module that defines its end.
    fn walk(&self, full: &[String], chain: usize) -> Option<Vec<String>> {
        let mut depth = 0;
        while depth < full.len() && self.modules.contains_key(&full[..=depth]) {
            depth += 1;
        }
        let (module, rest) = full.split_at(depth);
        let [name, ..] = rest else {
            return Some(module.to_vec());
        };
        if chain > LONGEST_CHAIN || self.defines(module, name) {
            return Some(module.to_vec());
        }
        let source = self.modules.get(module)?;
        let imports = source.imports.get(module).into_iter().flatten();
        let mut led_on = imports.filter_map(|(known_as, path)| {
            let is_glob = known_as == "*";
            if !is_glob && known_as != name {
                return None;
            }
            let (stem, rest) = match is_glob {
                true => (&path[..path.len() - 1], rest),
                false => (&path[..], &rest[1..]),
            };
            let target = [&self.full(module, stem)?, rest].concat();
            let found = self.walk(&target, chain + 1)?;
            (!is_glob || self.defines(&found, name)).then_some(found)
        });
        Some(led_on.next().unwrap_or_else(|| module.to_vec()))
    }

    fn defines(&self, module: &[String], name: &str) -> bool {
        let source = self.modules.get(module);
        let items = source.and_then(|source| source.items.get(module));
        items.is_some_and(|items| items.contains(name))
    }
}

/// No file leads back to itself by what the shipped code of its room imports or names. The `pub use` lines of a
/// folder's own file only show what the folder holds: who names that needs the file that defines it.
pub fn check_circles_of_files(sources: &[Source]) -> Vec<Violation> {
    let house = House::new(sources);
    let mut needs = Vec::new();
    for source in sources {
        for path in source.paths.iter().filter(|path| !path.is_test) {
            let Some(target) = house.find(path) else {
                continue;
            };
            let is_in_folder = target.module().starts_with(&source.module());
            let is_shown = path.named == Named::PassedOn && is_in_folder;
            if target.path != source.path && target.room() == source.room() && !is_shown {
                needs.push(Need {
                    file: source.path.clone(),
                    line: path.line,
                    needed: target.path.clone(),
                });
            }
        }
    }
    check_circles(&needs)
}

/// No script leads back to itself by what it imports, at once or later.
pub fn check_circles_of_scripts(scripts: &[(String, String)]) -> Vec<Violation> {
    let mut needs = Vec::new();
    for (file, text) in scripts {
        for (line, number) in text.lines().zip(1..) {
            let quoted = line.split(['\'', '"']).skip(1).step_by(2);
            let imported = quoted.filter(|text| text.starts_with('.') && text.ends_with(".js"));
            needs.extend(imported.map(|import| Need {
                file: file.clone(),
                line: number,
                needed: script_of(file, import),
            }));
        }
    }
    check_circles(&needs)
}

/// The path of the script that `file` imports as `../folder/name.js`.
fn script_of(file: &str, import: &str) -> String {
    let mut words: Vec<&str> = file.split('/').collect();
    words.pop();
    for word in import.split('/') {
        match word {
            "." => {}
            ".." => drop(words.pop()),
            _ => words.push(word),
        }
    }
    words.join("/")
}

/// The files of the one circle among `files`, or nothing.
fn circle(files: &[(&str, &str)]) -> String {
    let sources: Vec<Source> = files
        .iter()
        .map(|(path, text)| Source::new(&format!("src/{path}"), text).expect("Rust"))
        .collect();
    let found = check_circles_of_files(&sources);
    assert!(found.len() < 2, "one circle at most in a test");
    let steps = found.iter().flat_map(|found| found.rule.lines().skip(1));
    let words: Vec<&str> = steps.flat_map(str::split_whitespace).collect();
    words.join(" ").replace("src/", "")
}

#[test]
fn files_beside_each_other_are_found_in_a_circle() {
    let a = ("store/a.rs", "use super::b::B;\npub struct A;");
    let expected = "store/a.rs:1 needs store/b.rs store/b.rs:2 needs store/a.rs";
    for b in [
        "pub struct B;\nuse super::a;",
        "pub struct B;\nuse crate::{store::a::*};",
        "pub struct B;\nfn b() { super::a::A; }",
        "pub struct B;\nfn b() { c!(1, crate::store::a::A) }",
    ] {
        let frame = ("store/mod.rs", "mod a; mod b;");
        assert_eq!(circle(&[frame, a, ("store/b.rs", b)]), expected, "{b}");
    }
    let fine = "pub struct B;\nuse crate::domain::a; use super::c; #[cfg(test)] mod tests { use super::super::a; }";
    assert_eq!(circle(&[a, ("store/b.rs", fine), ("store/c.rs", "")]), "");
}

#[test]
fn what_a_folder_shows_leads_to_where_it_stands() {
    let a = ("store/a.rs", "use super::B; pub struct A;");
    let b = ("store/b.rs", "use super::A; pub struct B;");
    let without_a = ("store/b.rs", "pub struct B;");
    let expected = "store/a.rs:1 needs store/b.rs store/b.rs:1 needs store/a.rs";
    for frame in [
        "mod a; mod b; pub use a::A; pub(crate) use b::B;",
        "mod a; mod b; pub use a::*; pub use self::b::*;",
        "mod a; mod b; pub use {a::A, c::B}; pub mod c { pub use super::b::B; }",
    ] {
        let frame = ("store/mod.rs", frame);
        assert_eq!(circle(&[frame, a, b]), expected, "{}", frame.1);
        assert_eq!(circle(&[frame, a, without_a]), "", "{}", frame.1);
    }
}

#[test]
fn a_folder_that_is_imported_leads_to_its_files() {
    let top = ("store/mod.rs", "mod a; mod b;");
    let frame = ("store/b/mod.rs", "mod c; pub use c::C;");
    let a = ("store/a.rs", "use super::b;\nfn a() { b::C::new() }");
    let c = ("store/b/c.rs", "pub struct C;\nuse crate::store::a;");
    let expected = "store/a.rs:2 needs store/b/c.rs store/b/c.rs:2 needs store/a.rs";
    assert_eq!(circle(&[top, frame, a, c]), expected);
    let c = ("store/b/c.rs", "pub struct C;");
    assert_eq!(circle(&[top, frame, a, c]), "");
}

#[test]
fn a_folder_that_shares_what_it_builds_of_its_files_is_found() {
    let a = ("store/a.rs", "use super::Shared; pub struct A;");
    let expected = "store/a.rs:1 needs store/mod.rs store/mod.rs:2 needs store/a.rs";
    for frame in [
        "mod a; pub struct Shared;\nuse a::A;",
        "mod a; pub struct Shared;\nfn b() { a::A; }",
        "mod a; pub struct Shared {\n a: Vec<a::A> }",
    ] {
        assert_eq!(circle(&[("store/mod.rs", frame), a]), expected, "{frame}");
    }
    let only_shared = ("store/mod.rs", "mod a; pub use a::A; pub struct Shared;");
    assert_eq!(circle(&[only_shared, a]), "");
}

#[test]
fn scripts_in_a_circle_are_found() {
    let script = |path: &str, text: &str| (format!("assets/{path}.js"), text.to_owned());
    let later = "const a = () => part(() => import('../parts/ask.js'));";
    let ui = script("base/ui", later);
    let ask = script("parts/ask", "\nimport { b } from \"./bar.js\";");
    let bar = script("parts/bar", "import '../base/ui.js'; el('./', '.');");
    let found = check_circles_of_scripts(&[ui.clone(), ask.clone(), bar]);
    let steps: Vec<&str> = found.iter().flat_map(|found| found.rule.lines()).collect();
    assert_eq!(
        steps[1..],
        [
            "    assets/base/ui.js:1 needs assets/parts/ask.js",
            "    assets/parts/ask.js:2 needs assets/parts/bar.js",
            "    assets/parts/bar.js:1 needs assets/base/ui.js",
        ]
    );
    let bar = script("parts/bar", "import '../base/api.js';");
    assert!(check_circles_of_scripts(&[ui, ask, bar]).is_empty());
}
