//! Files and who needs whom among them, and the circles therein.

use std::collections::{BTreeMap, BTreeSet};

use super::Violation;

/// One place where a file needs another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    pub file: String,
    pub line: usize,
    pub needed: String,
}

/// One violation for each group of files that need each other, with the first line of each need among them.
pub fn check_circles(needs: &[Need]) -> Vec<Violation> {
    let mut needed_by: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for need in needs {
        let needed = needed_by.entry(&need.file).or_default();
        needed.insert(&need.needed);
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = needed_by
        .keys()
        .map(|file| (*file, reachable(file, &needed_by)))
        .collect();
    let reaches = |from: &str, to: &str| reach.get(from).is_some_and(|files| files.contains(to));
    let mut violations = Vec::new();
    let mut told = BTreeSet::new();
    for file in needed_by.keys().filter(|file| reaches(file, file)) {
        if told.contains(file) {
            continue;
        }
        let in_circle = |other: &str| reaches(file, other) && reaches(other, file);
        told.extend(needed_by.keys().copied().filter(|other| in_circle(other)));
        let mut steps: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for need in needs {
            if in_circle(&need.file) && in_circle(&need.needed) {
                let line = steps.entry((&need.file, &need.needed)).or_insert(need.line);
                *line = need.line.min(*line);
            }
        }
        let steps: Vec<String> = steps
            .iter()
            .map(|((file, needed), line)| format!("\n    {file}:{line} needs {needed}"))
            .collect();
        let rule = format!("files in a circle:{}", steps.concat());
        violations.push(Violation::new(file, 0, rule));
    }
    violations
}

/// The files that `from` needs, directly or by way of others; itself only if it stands in a circle.
fn reachable<'a>(
    from: &str,
    needed_by: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for needed in needed_by.get(file).into_iter().flatten() {
            if reached.insert(*needed) {
                open.push(needed);
            }
        }
    }
    reached
}

fn circles(needs: &[(&str, &str)]) -> Vec<String> {
    let needs: Vec<Need> = needs
        .iter()
        .zip(1..)
        .map(|((file, needed), line)| Need {
            file: (*file).to_owned(),
            line,
            needed: (*needed).to_owned(),
        })
        .collect();
    check_circles(&needs)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_tree_has_no_circle() {
    let none: [String; 0] = [];
    assert_eq!(circles(&[("a", "b"), ("a", "c"), ("b", "c")]), none);
}

#[test]
fn circles_are_told_step_by_step() {
    let found = circles(&[("a", "b"), ("b", "a"), ("b", "a"), ("b", "c"), ("z", "a")]);
    assert_eq!(
        found,
        ["a: files in a circle:\n    a:1 needs b\n    b:2 needs a"]
    );
    let found = circles(&[
        ("a", "b"),
        ("b", "c"),
        ("c", "a"),
        ("x", "y"),
        ("y", "x"),
        ("c", "x"),
    ]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("c:3 needs a"), "{found:?}");
}
