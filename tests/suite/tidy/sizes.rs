//! Small files, small functions, small folders, and a head on each file.

use std::collections::BTreeMap;

use super::{Violation, source::Source};

struct Limits {
    file: usize,
    function: usize,
}

const SHIPPED: Limits = Limits {
    file: 300,
    function: 60,
};
const TESTS: Limits = Limits {
    file: 400,
    function: 70,
};
const FOLDER: usize = 16;

fn limits(source: &Source) -> Limits {
    if source.path.starts_with("src/") {
        SHIPPED
    } else {
        TESTS
    }
}

/// A file has at most 300 lines of code, below `tests` 400; comments, blank lines and `#[cfg(test)]` modules do not count.
pub fn check_file_size(source: &Source) -> Vec<Violation> {
    let (lines, limit) = (source.code_lines, limits(source).file);
    let rule = format!("a file has at most {limit} lines of code, this one {lines}");
    let violation = Violation::new(&source.path, 0, rule);
    if lines > limit {
        vec![violation]
    } else {
        Vec::new()
    }
}

/// A function has at most 60 lines from the word `fn` to the closing brace, in tests 70.
pub fn check_function_sizes(source: &Source) -> Vec<Violation> {
    let limit_of = |is_test| match is_test {
        true => TESTS.function,
        false => limits(source).function,
    };
    let functions = source.functions.iter();
    let long = functions.filter(|function| function.lines > limit_of(function.is_test));
    long.map(|function| {
        let (name, lines, limit) = (&function.name, function.lines, limit_of(function.is_test));
        let rule = format!("a function has at most {limit} lines, `{name}` {lines}");
        Violation::new(&source.path, function.line, rule)
    })
    .collect()
}

/// A folder of `src` holds at most 16 files.
pub fn check_folder_sizes<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<Violation> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        *counts.entry(folder).or_default() += 1;
    }
    let full = counts.iter().filter(|(_, count)| **count > FOLDER);
    full.map(|(folder, count)| {
        let rule = format!("a folder holds at most {FOLDER} files, this one {count}");
        Violation::new(folder, 0, rule)
    })
    .collect()
}

/// A file opens with `//!`: what it is, and what always holds in it.
pub fn check_header(source: &Source) -> Vec<Violation> {
    if source.text.starts_with("//!") {
        return Vec::new();
    }
    vec![Violation::new(&source.path, 1, "a file opens with `//!`")]
}

fn found(check: fn(&Source) -> Vec<Violation>, path: &str, text: &str) -> Vec<usize> {
    let source = Source::new(path, text).expect("Rust");
    check(&source).iter().map(|found| found.line).collect()
}

#[test]
fn a_long_file_is_found() {
    let not_code = "//! a\n\n// b\n/* c\nd */\n/// e\n#[cfg(test)]\nmod tests {\n fn a() {}\n}\n";
    let of_lines = |count| {
        format!(
            "{not_code}{}",
            "const A: &str =\n\"\n\";\n".repeat(count / 3)
        )
    };
    for (path, limit) in [("src/app.rs", SHIPPED.file), ("tests/api/a.rs", TESTS.file)] {
        let limit = limit / 3 * 3;
        assert_eq!(found(check_file_size, path, &of_lines(limit)), [0; 0]);
        assert_eq!(found(check_file_size, path, &of_lines(limit + 3)), [0]);
    }
}

#[test]
fn a_long_function_is_found() {
    let of_lines = |lines| format!("fn a(b: [u8; 2]) {{{}}}\n", "\n".repeat(lines - 1));
    let check = |path, text: &str| found(check_function_sizes, path, text);
    let (fine, long) = (of_lines(SHIPPED.function), of_lines(SHIPPED.function + 1));
    assert_eq!(check("src/app.rs", &fine), [0; 0]);
    let in_trait = format!("trait A {{ fn short(&self);\n {long} }}");
    for text in [
        format!("\n{long}"),
        format!("impl A {{\n {long} }}"),
        in_trait,
        format!("fn short() {{ let a = {{\n {long} }}; }}").replace("short", "outer"),
    ] {
        assert!(check("src/app.rs", &text).contains(&2), "{text}");
    }
    let in_tests = format!("#[cfg(test)] mod tests {{ {} }}", of_lines(TESTS.function));
    assert_eq!(check("src/app.rs", &in_tests), [0; 0]);
    let text = of_lines(TESTS.function + 1);
    assert_eq!(check("tests/api/a.rs", &text), [1]);
}

#[test]
fn a_full_folder_is_found() {
    let paths: Vec<String> = (0..=FOLDER)
        .map(|number| format!("src/a/{number}.rs"))
        .collect();
    let check = |count| check_folder_sizes(paths[..count].iter().map(String::as_str));
    assert!(check(FOLDER).is_empty());
    assert_eq!(check(FOLDER + 1)[0].file, "src/a");
}

#[test]
fn a_missing_head_is_found() {
    let check = |text| found(check_header, "src/lib.rs", text);
    assert_eq!(check("//! What.\n"), [0; 0]);
    for text in ["\n//! What.\n", "// What.\n", ""] {
        assert_eq!(check(text), [1], "{text}");
    }
}
