//! Small files, small functions, a header on each file.

use super::{
    Violation,
    source::{Source, after_group, is_word},
};

pub const FILE_LINES: usize = 400;
pub const FUNCTION_LINES: usize = 70;

pub fn check_file_size(source: &Source) -> Vec<Violation> {
    let lines = source.text.lines().count();
    let rule = format!("a file has at most {FILE_LINES} lines, this one {lines}");
    let violation = Violation::new(&source.path, lines, rule);
    if lines > FILE_LINES {
        vec![violation]
    } else {
        Vec::new()
    }
}

pub fn check_header(source: &Source) -> Vec<Violation> {
    if source.text.starts_with("//!") {
        return Vec::new();
    }
    let rule = "a file opens with `//!`: what it is and its invariant";
    vec![Violation::new(&source.path, 1, rule)]
}

/// Counts from the word `fn` to the closing brace.
pub fn check_function_sizes(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for index in 0..source.tokens.len() {
        let name = source.at(index + 1);
        if source.at(index) != "fn" || !is_word(name) {
            continue;
        }
        let Some(open) = body(source, index) else {
            continue;
        };
        let first = source.tokens[index].line;
        let last = source.tokens[after_group(&source.tokens, open) - 1].line;
        let lines = last - first + 1;
        if lines > FUNCTION_LINES {
            let rule = format!("a function has at most {FUNCTION_LINES} lines, `{name}` {lines}");
            violations.push(Violation::new(&source.path, first, rule));
        }
    }
    violations
}

/// The brace that opens the function's body; a declaration in a trait has none.
fn body(source: &Source, mut index: usize) -> Option<usize> {
    loop {
        match source.at(index) {
            "{" => return Some(index),
            "" | ";" => return None,
            "(" | "[" => index = after_group(&source.tokens, index),
            _ => index += 1,
        }
    }
}

fn function_of(lines: usize) -> String {
    format!("fn long(a: [u8; 2]) {{{}}}\n", "\n".repeat(lines - 1))
}

#[test]
fn a_long_file_is_found() {
    let check = |lines| check_file_size(&Source::new("src/lib.rs", &"\n".repeat(lines))).len();
    assert_eq!((check(FILE_LINES), check(FILE_LINES + 1)), (0, 1));
}

#[test]
fn a_long_function_is_found() {
    let check = |text: &str| check_function_sizes(&Source::new("src/lib.rs", text));
    assert!(check(&function_of(FUNCTION_LINES)).is_empty());
    let text = format!(
        "trait A {{ fn short(&self); }}\n{}",
        function_of(FUNCTION_LINES + 1)
    );
    let found = check(&text);
    assert_eq!((found.len(), found[0].line), (1, 2));
    assert!(check("type A = fn(u8) -> u8; // fn a() {\n").is_empty());
}

#[test]
fn a_missing_header_is_found() {
    let check = |text| check_header(&Source::new("src/lib.rs", text)).len();
    assert_eq!(
        (
            check("//! What.\n"),
            check("\n//! What.\n"),
            check("// What.\n"),
            check("")
        ),
        (0, 1, 1, 1)
    );
}
