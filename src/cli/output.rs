//! What is printed: tables and sentences for people, one JSON document for programs. The only file
//! that writes to the standard streams.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where output goes"
)]

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use std::io::IsTerminal;

/// Whether a person reads what is printed.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// A sentence, or several lines.
pub(super) fn line(text: &str) {
    println!("{text}");
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
pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>, empty: &str) {
    if rows.is_empty() {
        println!("{empty}");
        return;
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(head);
    for row in rows {
        table.add_row(row);
    }
    println!("{}", table.trim_fmt());
}

/// Names and values, one a line.
pub(super) fn fields(pairs: &[(&str, String)]) {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in pairs {
        println!("{name:width$}  {value}");
    }
}

/// A one-time link, with what it is for and until when; as a QR code too where a person reads it.
pub(super) fn link(answer: &Value, what: &str) {
    let url = text(&answer["url"]);
    println!("{url}");
    if is_terminal() {
        qr(&url);
        println!("Good once, until {}. {what}", text(&answer["expiresAt"]));
    }
}

/// A QR code of half-block characters, for the camera of a phone.
pub(super) fn qr(text: &str) {
    if let Ok(code) = qrcode::QrCode::new(text) {
        let picture = code
            .render::<qrcode::render::unicode::Dense1x2>()
            .dark_color(qrcode::render::unicode::Dense1x2::Light)
            .light_color(qrcode::render::unicode::Dense1x2::Dark)
            .build();
        println!("{picture}");
    }
}

/// The completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell, command: &mut clap::Command) {
    clap_complete::generate(shell, command, "vestibule", &mut std::io::stdout());
}

/// The text of a JSON value: texts without quotes, lists joined by commas, nothing as a dash.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
