//! A Rust file as the checks see it: words and signs with line numbers, and which part of it is compiled for
//! tests only.
//!
//! This is no parser. It knows brackets and attributes, and with `paths` what is named: all that the rules ask about.

use std::ops::Range;

use super::strip::code_only;

/// A word, a lifetime, `::` or a single sign.
pub struct Token {
    pub text: String,
    pub line: usize,
}

pub struct Source {
    /// Relative to the top of the repository, with `/` on every system.
    pub path: String,
    pub text: String,
    pub tokens: Vec<Token>,
    test_parts: Vec<Range<usize>>,
    whole_file_is_test: bool,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let tokens = tokens(&code_only(text));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            test_parts: test_parts(&tokens),
            whole_file_is_test: false,
            tokens,
        }
    }

    /// The path of the module that this file is, below `crate`.
    pub fn module(&self) -> Vec<&str> {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let mut module: Vec<&str> = below.trim_end_matches(".rs").split('/').collect();
        let is_root = matches!(module[..], ["lib" | "main"]);
        if is_root || module.last() == Some(&"mod") {
            module.pop();
        }
        module
    }

    /// The folder or file right below `src`: `domain`, `app`, `main`.
    pub fn room(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        below
            .split('/')
            .next()
            .map_or("", |room| room.trim_end_matches(".rs"))
    }

    /// Whether the token stands under `#[cfg(test)]`.
    pub fn is_test(&self, token: usize) -> bool {
        self.whole_file_is_test || self.test_parts.iter().any(|part| part.contains(&token))
    }

    /// The word or sign at `index`, or nothing beyond the end.
    pub fn at(&self, index: usize) -> &str {
        text_at(&self.tokens, index)
    }

    /// The word or sign `back` places before `index`, or nothing before the beginning.
    pub fn before(&self, index: usize, back: usize) -> &str {
        index.checked_sub(back).map_or("", |index| self.at(index))
    }

    /// For each token the number of `mod name { … }` around it.
    pub fn inline_depths(&self) -> Vec<usize> {
        let mut depths = vec![0; self.tokens.len()];
        for index in 0..self.tokens.len() {
            if self.at(index) == "mod" && self.at(index + 2) == "{" {
                let end = after_group(&self.tokens, index + 2);
                depths[index + 2..end]
                    .iter_mut()
                    .for_each(|depth| *depth += 1);
            }
        }
        depths
    }
}

/// Marks the files behind a `#[cfg(test)] mod name;` as test code throughout.
pub fn mark_test_files(sources: &mut [Source]) {
    let mut test_modules: Vec<String> = Vec::new();
    for source in &*sources {
        for part in &source.test_parts {
            let end = part.end;
            if source.before(end, 1) == ";" && source.before(end, 3) == "mod" {
                let mut module = source.module();
                module.push(source.before(end, 2));
                test_modules.push(format!("{}::", module.join("::")));
            }
        }
    }
    for source in sources {
        let module = format!("{}::", source.module().join("::"));
        source.whole_file_is_test = test_modules.iter().any(|test| module.starts_with(test));
    }
}

/// The index after the bracket that closes the one at `open`.
pub fn after_group(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

pub fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn text_at(tokens: &[Token], index: usize) -> &str {
    tokens.get(index).map_or("", |token| token.text.as_str())
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = if first == '\'' { &rest[1..] } else { rest };
            let word_length = word
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(word.len());
            let length = match first {
                ':' if rest.starts_with("::") => 2,
                '\'' => 1 + word_length,
                _ => word_length.max(first.len_utf8()),
            };
            tokens.push(Token {
                text: rest[..length].to_owned(),
                line: number + 1,
            });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// The items under an attribute that compiles them for tests only. `cfg(any(test, …))` is not one: it may be shipped.
fn test_parts(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    for index in 0..tokens.len() {
        let is_inner = text_at(tokens, index + 1) == "!";
        let open = index + 1 + usize::from(is_inner);
        let is_configuration = text_at(tokens, index) == "#"
            && text_at(tokens, open) == "["
            && text_at(tokens, open + 1) == "cfg";
        if !is_configuration {
            continue;
        }
        let end = after_group(tokens, open);
        let names = |word: &str| tokens[open..end].iter().any(|token| token.text == word);
        if names("test") && !names("not") && !names("any") {
            let part_end = if is_inner {
                tokens.len()
            } else {
                item_end(tokens, end)
            };
            parts.push(index..part_end);
        }
    }
    parts
}

const ITEM_WORDS: [&str; 16] = [
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "let",
    "macro_rules",
    "mod",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
    "use",
];

/// The index after the item, field, variant or statement that begins at `index`, or at the attributes before it.
fn item_end(tokens: &[Token], mut index: usize) -> usize {
    while text_at(tokens, index) == "#" {
        index = after_group(tokens, index + 1);
    }
    if text_at(tokens, index) == "pub" {
        index += 1;
        if text_at(tokens, index) == "(" {
            index = after_group(tokens, index);
        }
    }
    let is_item = ITEM_WORDS.contains(&text_at(tokens, index));
    while index < tokens.len() {
        match text_at(tokens, index) {
            "{" => return after_group(tokens, index),
            "(" | "[" => index = after_group(tokens, index),
            ")" | "]" | "}" => return index,
            ";" => return index + 1,
            "," if !is_item => return index + 1,
            _ => index += 1,
        }
    }
    index
}

/// The words of `text` that count as test code.
fn test_words(text: &str) -> String {
    let source = Source::new("src/domain/a.rs", text);
    let words = source
        .tokens
        .iter()
        .enumerate()
        .filter_map(|(index, token)| {
            let is_letter = token.text.len() == 1 && is_word(&token.text);
            (is_letter && source.is_test(index)).then_some(token.text.as_str())
        });
    words.collect()
}

#[test]
fn test_code_is_told_from_shipped_code() {
    assert_eq!(
        test_words("a #[cfg(test)] #[allow(b)] mod tests { c { d } e } f"),
        "bcde"
    );
    assert_eq!(test_words("#[cfg(test)] use a::b; c"), "ab");
    assert_eq!(
        test_words("struct S { #[cfg(test)] pub(crate) a: u8, b: u8 } c"),
        "a"
    );
    assert_eq!(
        test_words("#[cfg(test)] fn f<a, b>(c: [u8; 3]) -> d { e } f"),
        "fabc3de"
    );
    assert_eq!(
        test_words("#[cfg(not(test))] mod a { b } #[cfg(any(test, c))] mod d { e }"),
        ""
    );
    assert_eq!(test_words("#![cfg(test)] fn a() { b }"), "ab");
}

#[test]
fn a_test_module_in_a_file_of_its_own_is_test_code() {
    let mut sources = [
        Source::new("src/domain/totp.rs", "#[cfg(test)]\nmod tests;"),
        Source::new("src/domain/totp/tests.rs", "a"),
        Source::new("src/domain/totp/tests_of_old.rs", "a"),
    ];
    mark_test_files(&mut sources);
    let last_two = [&sources[1], &sources[2]].map(|source| source.is_test(0));
    assert_eq!(last_two, [true, false]);
}

#[test]
fn files_know_their_module_and_room() {
    let of = |path| {
        let source = Source::new(path, "");
        (source.module().join("::"), source.room().to_owned())
    };
    assert_eq!(of("src/lib.rs"), (String::new(), "lib".to_owned()));
    assert_eq!(of("src/app.rs"), ("app".to_owned(), "app".to_owned()));
    assert_eq!(
        of("src/http/mod.rs"),
        ("http".to_owned(), "http".to_owned())
    );
    assert_eq!(
        of("src/http/api/lib.rs"),
        ("http::api::lib".to_owned(), "http".to_owned())
    );
}
