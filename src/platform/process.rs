//! What this process denies itself and others: no core dumps, no tracing by processes of the same
//! account, no file that others may read.

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
