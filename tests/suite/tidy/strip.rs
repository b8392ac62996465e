//! Leaves only the code of a Rust file: comments, strings and character literals become spaces.
//!
//! Invariant: every line break stays where it was, so that a line number in the result is a line number in the file.

/// Replaces by spaces whatever the compiler does not read as code.
pub fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let opaque = opaque_length(rest);
        let length = opaque.unwrap_or_else(|| word_length(rest).max(first.len_utf8()));
        let (piece, tail) = rest.split_at(length);
        if opaque.is_some() {
            code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            code.push_str(piece);
        }
        rest = tail;
    }
    code
}

/// The length of the comment or literal that begins here, if one does. Only asked at the beginning of a word, so that a
/// name that ends in `r` or `b` is not taken for a prefix.
fn opaque_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    raw_string_length(rest)
        .or_else(|| string_length(rest))
        .or_else(|| character_length(rest))
}

fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(rest.len())
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut position = 0;
    while position < rest.len() {
        let here = &rest.as_bytes()[position..];
        if here.starts_with(b"/*") {
            depth += 1;
            position += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            position += 2;
            if depth == 0 {
                return position;
            }
        } else {
            position += 1;
        }
    }
    rest.len()
}

fn raw_string_length(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"]
        .into_iter()
        .find(|prefix| rest.starts_with(prefix))?;
    let after = &rest[prefix.len()..];
    let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let opening = rest.len() - body.len();
    Some(
        body.find(&end)
            .map_or(rest.len(), |found| opening + found + end.len()),
    )
}

fn string_length(rest: &str) -> Option<usize> {
    let body = ["\"", "b\"", "c\""]
        .into_iter()
        .find_map(|opening| rest.strip_prefix(opening))?;
    let opening = rest.len() - body.len();
    Some(closing_quote(body, b'"').map_or(rest.len(), |found| opening + found + 1))
}

/// `'x'` and `'\n'` are characters, `'x` is a lifetime or a label.
fn character_length(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    if body.starts_with('\\') {
        return closing_quote(body, b'\'').map(|found| found + 2);
    }
    let character = body.chars().next()?.len_utf8();
    body[character..].starts_with('\'').then_some(character + 2)
}

/// The offset of the first quote that no backslash escapes. Quotes and backslashes are ASCII, so bytes will do.
fn closing_quote(body: &str, quote: u8) -> Option<usize> {
    let mut bytes = body.bytes().enumerate();
    while let Some((offset, byte)) = bytes.next() {
        if byte == b'\\' {
            bytes.next();
        } else if byte == quote {
            return Some(offset);
        }
    }
    None
}

/// What is left of `text`, as words between single spaces.
fn words(text: &str) -> String {
    code_only(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn comments_go_and_nested_ones_too() {
    assert_eq!(words("a // b\nc /* d /* e */ f */ g"), "a c g");
    assert_eq!(words("//! a\n/// b\nc /* never closed"), "c");
    assert_eq!(words("a / b * c"), "a / b * c");
}

#[test]
fn strings_go_with_their_escapes() {
    assert_eq!(words(r#"a("b \" c", d)"#), "a( , d)");
    assert_eq!(words(r#"a("\\", b)"#), "a( , b)");
    assert_eq!(words(r#"a(b"c", c"d") "never closed"#), "a( , )");
    assert_eq!(words(r#"a("/* b", c, "*/")"#), "a( , c, )");
}

#[test]
fn raw_strings_go_and_raw_names_stay() {
    assert_eq!(words("a(r\"b\\\", c)"), "a( , c)");
    assert_eq!(words("a(r##\"b \"# c\"##, d)"), "a( , d)");
    assert_eq!(words("a(br#\"b\"#, cr\"c\", d)"), "a( , , d)");
    assert_eq!(words("r#match(other, number)"), "r#match(other, number)");
}

#[test]
fn characters_go_and_lifetimes_stay() {
    assert_eq!(
        words(r"a('b', '\'', '\\', '\u{1F511}', 'é')"),
        "a( , , , , )"
    );
    assert_eq!(words("a(b'{', '\"', c)"), "a(b , , c)");
    assert_eq!(
        words("fn a<'b, 'c>(d: &'b str) { 'e: loop {} }"),
        "fn a<'b, 'c>(d: &'b str) { 'e: loop {} }"
    );
}

#[test]
fn lines_keep_their_numbers() {
    let text = "a /* \n\n */ b \"c\n\\\nd\" e // f\r\n r#\"\n\"# g 'é'\n";
    assert_eq!(code_only(text).lines().count(), text.lines().count());
    assert_eq!(code_only(text).lines().nth(4).map(str::trim), Some("e"));
}
