//! What the pages say of the audit log: each kind of event has its words, and no words are for a kind that does not exist.

use std::collections::{BTreeMap, BTreeSet};
use vestibule::domain::audit::Action;

const EVENTS: &str = include_str!("../../assets/parts/events.js");

/// The words by the kind's name, as the script has them in `WORDS`, one kind a line.
fn words(script: &str) -> BTreeMap<&str, &str> {
    let (_, table) = script.split_once("export const WORDS = {\n").unwrap();
    let (table, _) = table.split_once("\n};").unwrap();
    let mut words = BTreeMap::new();
    for line in table.lines() {
        let entry = line.trim().strip_prefix('\'');
        let entry = entry.and_then(|rest| rest.strip_suffix("',"));
        let (kind, text) = entry
            .and_then(|entry| entry.split_once("': '"))
            .unwrap_or_else(|| panic!("no kind with its words: {line}"));
        assert!(words.insert(kind, text).is_none(), "{kind} is there twice");
    }
    words
}

/// The kinds that have no words, and the words that have no kind.
fn differences(script: &str) -> Vec<String> {
    let words = words(script);
    let told: BTreeSet<&str> = words.keys().copied().collect();
    let kinds: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    let differences = told.symmetric_difference(&kinds);
    differences.map(|kind| (*kind).to_owned()).collect()
}

#[test]
fn every_kind_of_event_has_its_words() {
    assert_eq!(differences(EVENTS), Vec::<String>::new());
    for (kind, text) in words(EVENTS) {
        let begins =
            text.starts_with(|c: char| c.is_ascii_uppercase()) || text.starts_with("{who}");
        assert!(begins && text.contains(' '), "{kind}: {text}");
    }
}

#[test]
fn words_that_are_missing_and_words_too_many_are_found() {
    let misspelt = EVENTS.replace("'code.refused'", "'code.refuse'");
    assert_eq!(differences(&misspelt), ["code.refuse", "code.refused"]);
    let line =
        "  'audit.pruned': 'Months of the audit log that are no longer kept were cut off',\n";
    assert!(EVENTS.contains(line));
    assert_eq!(differences(&EVENTS.replace(line, "")), ["audit.pruned"]);
}
