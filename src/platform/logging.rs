//! The log: lines on standard error or in a file, as text or JSON. Secrets have types that cannot be logged.
//!
//! Every line from `info` upward has an `event`, a name that never changes, for programs. Where
//! standard error is the journal, a line begins with its priority, as `sd-daemon(3)` says, and the
//! time and the colours are left to the journal.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, format};
use tracing_subscriber::registry::LookupSpan;

/// A log file of this size is put aside at the start.
const LONGEST_BYTES: u64 = 1024 * 1024;

/// Starts the log of this process; later calls change nothing.
pub fn start(level: &str, as_json: bool) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(level))
        // Told on standard error, which may be a terminal that is gone: that would be a panic.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    let plain = format().with_target(false);
    // A second start is refused by the library; the first one stands.
    let _ = match (is_journal(), as_json) {
        (true, true) => {
            let lines = Prioritised(plain.json().without_time());
            let fields = format::JsonFields::new();
            builder.fmt_fields(fields).event_format(lines).try_init()
        }
        (true, false) => {
            let lines = Prioritised(plain.compact().with_ansi(false).without_time());
            builder.with_ansi(false).event_format(lines).try_init()
        }
        (false, true) => builder.with_target(false).json().try_init(),
        (false, false) => {
            let builder = builder.with_target(false).with_ansi(is_terminal());
            builder.compact().try_init()
        }
    };
}

/// Starts the log of this process in a file, whose lines of earlier runs are kept; a long file is put
/// aside, in place of the one before.
///
/// # Errors
/// If the file cannot be written; the log is not started then.
pub fn start_in_file(level: &str, as_json: bool, path: &Path) -> io::Result<()> {
    if path.metadata().is_ok_and(|file| file.len() > LONGEST_BYTES) {
        super::files::rename(path, &path.with_extension("log.old"))?;
    }
    let file = super::files::append_private(path)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(level))
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_target(false);
    // A second start is refused by the library; the first one stands.
    let _ = if as_json {
        builder.json().try_init()
    } else {
        builder.compact().try_init()
    };
    Ok(())
}

/// Whether a person or the journal reads what is written to standard error.
pub fn is_read() -> bool {
    is_terminal() || is_journal()
}

fn filter(level: &str) -> EnvFilter {
    EnvFilter::new(format!("warn,vestibule={level}"))
}

fn is_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stderr())
}

/// Whether standard error is the stream that systemd made for the journal, and not another in its
/// place.
fn is_journal() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let file = rustix::fs::fstat(io::stderr());
    file.is_ok_and(|file| stream == format!("{}:{}", file.st_dev, file.st_ino))
}

/// Lines that begin with their priority.
struct Prioritised<F>(F);

impl<S, N, F> FormatEvent<S, N> for Prioritised<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(context, writer, event)
    }
}
