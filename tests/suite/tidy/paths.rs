//! The paths that a Rust file names, with every `use` group written out.

use super::source::{Source, is_word};

/// A path such as `crate::store::Store`; a group in braces is written out as one path for each of its leaves.
pub struct NamedPath {
    pub segments: Vec<String>,
    pub line: usize,
    /// The index of the path's first token.
    pub token: usize,
    /// Follows `use` or `extern crate`.
    pub imported: bool,
}

impl Source {
    /// Every path and every lone word in the file.
    pub fn paths(&self) -> Vec<NamedPath> {
        let mut paths = Vec::new();
        let mut index = 0;
        while index < self.tokens.len() {
            if self.begins_path(index) {
                let mut walk = PathWalk {
                    source: self,
                    start: index,
                    paths: &mut paths,
                };
                index = walk.tree(index, Vec::new());
            } else {
                index += 1;
            }
        }
        paths
    }

    fn begins_path(&self, index: usize) -> bool {
        let (last, last_but_one) = (self.before(index, 1), self.before(index, 2));
        let is_segment = is_word(last_but_one) && !BEFORE_A_PATH.contains(&last_but_one);
        let continues = last == "::" && (is_segment || last_but_one == ">");
        let is_member = last == "." && last_but_one != ".";
        is_word(self.at(index))
            && !BEFORE_A_PATH.contains(&self.at(index))
            && !continues
            && !is_member
    }
}

/// Keywords behind which `::` begins a path instead of going on with one.
const BEFORE_A_PATH: [&str; 14] = [
    "as", "break", "const", "dyn", "else", "for", "if", "impl", "in", "match", "mut", "return",
    "use", "while",
];

struct PathWalk<'a> {
    source: &'a Source,
    start: usize,
    paths: &'a mut Vec<NamedPath>,
}

impl PathWalk<'_> {
    /// Reads one path from its word at `index`, behind the segments already read; returns the index after it.
    fn tree(&mut self, mut index: usize, mut segments: Vec<String>) -> usize {
        loop {
            segments.push(self.source.at(index).to_owned());
            let next = self.source.at(index + 2);
            if self.source.at(index + 1) != "::" {
                break;
            }
            if next == "{" {
                return self.group(index + 3, &segments);
            }
            if !is_word(next) && next != "*" {
                break;
            }
            index += 2;
        }
        self.paths.push(NamedPath {
            segments,
            line: self.source.tokens[index].line,
            token: self.start,
            imported: matches!(self.source.before(self.start, 1), "use" | "crate")
                || self.source.before(self.start, 2) == "use",
        });
        index + 1
    }

    /// Reads the branches between braces; `index` is right behind the opening one.
    fn group(&mut self, mut index: usize, stem: &[String]) -> usize {
        while index < self.source.tokens.len() && self.source.at(index) != "}" {
            let here = self.source.at(index);
            if here == "as" {
                index += 2;
            } else if is_word(here) || here == "*" {
                index = self.tree(index, stem.to_vec());
            } else {
                index += 1;
            }
        }
        index + 1
    }
}

fn written_out(text: &str) -> Vec<String> {
    Source::new("src/domain/a.rs", text)
        .paths()
        .iter()
        .filter(|path| path.segments.len() > 1)
        .map(|path| path.segments.join("::"))
        .collect()
}

#[test]
fn paths_are_written_out() {
    assert_eq!(written_out("use crate :: a\n:: b;"), ["crate::a::b"]);
    assert_eq!(
        written_out("use std::{env, time::{Instant as Moment, *}}; let x = ::warp::y::<Z>(1);"),
        ["std::env", "std::time::Instant", "std::time::*", "warp::y"]
    );
    assert_eq!(
        written_out(
            "a.rand::<u8>(); for x in 0..rand::max() {} Vec::<u8>::rand(); <T as U>::rand()"
        ),
        ["rand::max"]
    );
    assert_eq!(written_out("// use a::b\n\"a::b\""), [""; 0]);
}
