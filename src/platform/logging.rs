//! The log: lines on standard error, as text or JSON. Secrets have types that cannot be logged.

use tracing_subscriber::EnvFilter;

/// Starts the log of this process; later calls change nothing.
pub fn start(level: &str, as_json: bool) {
    let filter = EnvFilter::new(format!("warn,vestibule={level}"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    // A second start is refused by the library; the first one stands.
    let _ = if as_json {
        builder.json().try_init()
    } else {
        let on_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        builder.with_ansi(on_terminal).compact().try_init()
    };
}
