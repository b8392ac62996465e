//! What every command takes.

use std::path::PathBuf;

/// What every command takes.
#[derive(clap::Args, Clone)]
pub(super) struct Global {
    /// A configuration file, read after the machine's and your own.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The directory of the instance [default: that of the installed service, else one in your home].
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub(super) json: bool,
}
