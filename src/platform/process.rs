//! This process: its number, what it was started to ignore, and what it denies itself and others: core
//! dumps, tracing by processes of the same account, files that others may read.

/// Hardens the process as far as the system allows; called once, before anything secret is read.
#[cfg(unix)]
pub fn harden() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(event = "process.not_hardened", %error, "core dumps could not be switched off");
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(event = "process.not_hardened", %error, "tracing by other processes could not be switched off");
        }
    }
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
}

/// The number of this process.
pub fn number() -> u32 {
    std::process::id()
}

/// Whether this process was started to ignore SIGHUP, as `nohup` does.
#[cfg(unix)]
pub fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let bits = ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    // SIGHUP is the first signal, and the lowest bit.
    bits.is_some_and(|bits| bits & 1 == 1)
}
