//! What is printed: tables and sentences for people, one JSON document for programs. The only file
//! that writes to the standard streams.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where output goes"
)]

use super::global::Global;
use crate::wire::Done;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::IsTerminal;

/// Whether standard output is a terminal, that is, a person reads it.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// A sentence, or several lines.
pub(super) fn line(text: &str) {
    println!("{text}");
}

/// What a command answers: a document for programs, lines for people.
pub(super) struct Report {
    document: Value,
    text: String,
}

impl Report {
    pub(super) fn new(document: &impl Serialize, text: impl Into<String>) -> Self {
        Self {
            document: json!(document),
            text: text.into(),
        }
    }

    /// What was done, in the instance's own words.
    pub(super) fn done(done: &Done) -> Self {
        Self::new(done, format!("{}. {}", done.message, done.description))
    }

    /// Prints the document with `--json`, else the lines.
    pub(super) fn print(&self, global: &Global) {
        match global.json {
            true => document(&self.document),
            false => line(&self.text),
        }
    }
}

/// An object on a line of its own.
pub(super) fn json_line(value: &impl Serialize) {
    println!("{}", json!(value));
}

/// One JSON document.
pub(super) fn document(value: &Value) {
    println!("{value:#}");
}

/// A failure, in one sentence with what to do next.
pub(super) fn error(text: &str, as_json: bool) {
    if as_json {
        eprintln!("{}", json!({ "error": text }));
    } else {
        eprintln!("vestibule: {text}");
    }
}

/// A table; `empty` stands in for one without rows.
pub(super) fn table(
    head: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    empty: &str,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(head)
        .add_rows(rows);
    match table.is_empty() {
        true => empty.to_owned(),
        false => table.trim_fmt(),
    }
}

/// Names and values, one pair on each line.
pub(super) fn fields(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:width$}  {value}");
    pairs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A one-time link; on a terminal with its QR code and a remark.
pub(super) fn link(url: &str, remark: &str) -> String {
    if is_terminal() {
        format!("{url}{}\n{remark}", qr(url))
    } else {
        url.to_owned()
    }
}

/// A QR code of half-block characters on lines of its own, for the camera of a phone.
fn qr(text: &str) -> String {
    let Ok(code) = qrcode::QrCode::new(text) else {
        return String::new();
    };
    let picture = code
        .render::<qrcode::render::unicode::Dense1x2>()
        .dark_color(qrcode::render::unicode::Dense1x2::Light)
        .light_color(qrcode::render::unicode::Dense1x2::Dark)
        .build();
    format!("\n{picture}")
}

/// The completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell, command: &mut clap::Command) {
    clap_complete::generate(shell, command, "vestibule", &mut std::io::stdout());
}

/// A value that may be missing: then a dash.
pub(super) fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

pub(super) fn yes_or_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
