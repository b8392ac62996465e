//! Texts that people read: what they must not hold, since it would make one text look like another.

/// Whether a text holds a control character, a line or paragraph separator, or a character that formats
/// and is not seen: direction marks, zero-width ones, tags (Unicode's Cc, Cf, Zl and Zp).
pub fn has_hidden(text: &str) -> bool {
    text.chars().any(is_hidden)
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0001}'
                | '\u{e0020}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_found_wherever_it_stands() {
        for hidden in [
            '\u{202e}',
            '\u{2028}',
            '\u{2029}',
            '\u{200b}',
            '\u{200d}',
            '\u{feff}',
            '\u{2066}',
            '\u{ad}',
            '\u{61c}',
            '\u{e0041}',
            '\n',
            '\u{85}',
            '\0',
        ] {
            assert!(has_hidden(&format!("Ada{hidden}")), "{hidden:?}");
            assert!(has_hidden(&format!("{hidden}Ada")), "{hidden:?}");
        }
    }

    #[test]
    fn names_of_all_scripts_are_taken() {
        for name in [
            "Ada",
            "Zoë",
            "O'Brien-Smith",
            "李小龍",
            "Ångström",
            "محمد",
            "שרה",
            "Nguyễn",
            "अनु",
            "Ⅳ",
            "Jr.",
        ] {
            assert!(!has_hidden(name), "{name}");
        }
    }
}
