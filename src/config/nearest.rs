//! The nearest right name for a wrong one.
//!
//! Invariant: a name is only suggested when it resembles the wrong one; otherwise the names there are get listed, since a
//! wild guess would mislead.

use super::catalogue::Catalogue;
use super::entry::Spelling;

/// Below this, two names are different words rather than one word misspelt (1 is equal).
const RESEMBLANCE: f64 = 0.6;

/// What counts when one name is part of the other: `length` for `min_length`.
const PART_OF: f64 = 0.9;

/// The end of a sentence about an unknown key or section.
pub(super) fn hint(wrong: &str, spelling: Spelling, catalogue: &Catalogue) -> String {
    let sections = catalogue.sections();
    if sections.contains(&wrong) {
        return keys_of(wrong, spelling, catalogue);
    }
    // In a file a name without a dot is most often a section; elsewhere a section alone sets nothing.
    let whole_sections = sections
        .iter()
        .filter(|_| spelling == Spelling::File && !wrong.contains('.'))
        .map(|section| (resemblance(wrong, section), *section));
    let keys = catalogue
        .keys()
        .filter_map(|key| Some((score(wrong, key)?, key)));
    let best = whole_sections
        .chain(keys)
        .filter(|(score, _)| *score >= RESEMBLANCE)
        .max_by(|(left, _), (right, _)| left.total_cmp(right));
    if let Some((_, key)) = best {
        return format!("did you mean `{}`?", spelling.of(key));
    }
    let section = wrong.split_once('.').map_or(wrong, |(section, _)| section);
    if sections.contains(&section) {
        keys_of(section, spelling, catalogue)
    } else {
        format!("the sections are {}", sections.join(", "))
    }
}

fn keys_of(section: &str, spelling: Spelling, catalogue: &Catalogue) -> String {
    let is_in_section = |key: &&str| {
        key.split_once('.')
            .is_some_and(|(first, _)| first == section)
    };
    let keys: Vec<String> = catalogue
        .keys()
        .filter(is_in_section)
        .map(|key| spelling.of(key))
        .collect();
    format!("the keys of `{section}` are {}", keys.join(", "))
}

/// How much a key resembles the wrong one, or nothing if its last part does not at all. The section weighs less: a right
/// key in the wrong section is a likelier slip than a wrong key.
fn score(wrong: &str, key: &str) -> Option<f64> {
    let (key_section, key_name) = key.split_once('.')?;
    let Some((section, name)) = wrong.split_once('.') else {
        let joined = resemblance(wrong, &key.replace('.', "_"));
        return Some(joined.max(resemblance(wrong, key_name)));
    };
    let of_name = resemblance(name, key_name);
    let of_section = strsim::normalized_damerau_levenshtein(section, key_section);
    (of_name >= RESEMBLANCE).then_some(0.75 * of_name + 0.25 * of_section)
}

fn resemblance(left: &str, right: &str) -> f64 {
    let distance = strsim::normalized_damerau_levenshtein(left, right);
    let (short, long) = if left.len() < right.len() {
        (left, right)
    } else {
        (right, left)
    };
    // Three letters: `dir` says something, `in` does not.
    if short.len() >= 3 && short != long && long.contains(short) {
        distance.max(PART_OF)
    } else {
        distance
    }
}

#[cfg(test)]
mod tests {
    use super::super::built_in::built_in;
    use super::*;

    fn for_file(wrong: &str) -> String {
        let (_, catalogue) = built_in().unwrap();
        hint(wrong, Spelling::File, &catalogue)
    }

    #[test]
    fn slips_of_the_keyboard_and_of_memory_find_the_right_key() {
        for (wrong, right) in [
            ("totp.digit", "totp.digits"),
            ("totp.period", "totp.period_seconds"),
            ("totp.algoritm", "totp.algorithm"),
            ("server.host", "server.hosts"),
            ("server.level", "log.level"),
            ("store.cache", "store.cache_mebibytes"),
            ("password.length", "password.min_length"),
            ("session.access_token_minutes", "session.access_minutes"),
            ("sesion.profile", "session.profile"),
            ("listen", "server.listen"),
            ("data_dir", "store.data_dir"),
            ("passwords", "password"),
            ("sever", "server"),
            ("logging", "log"),
        ] {
            assert_eq!(for_file(wrong), format!("did you mean `{right}`?"));
        }
    }

    #[test]
    fn a_name_like_no_other_gets_the_list() {
        assert_eq!(
            for_file("log.colour"),
            "the keys of `log` are log.level, log.format"
        );
        assert_eq!(
            for_file("kitchen"),
            "the sections are server, store, totp, policy, session, password, audit, log, tray"
        );
    }

    #[test]
    fn the_hint_is_spelt_as_the_layer_spells() {
        let (_, catalogue) = built_in().unwrap();
        assert_eq!(
            hint("session.acess_minutes", Spelling::Environment, &catalogue),
            "did you mean `VESTIBULE_SESSION__ACCESS_MINUTES`?"
        );
        assert_eq!(
            hint("log", Spelling::Environment, &catalogue),
            "the keys of `log` are VESTIBULE_LOG__LEVEL, VESTIBULE_LOG__FORMAT"
        );
    }
}
