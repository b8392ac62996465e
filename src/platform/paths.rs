//! Where things are on this machine.

use std::path::{Path, PathBuf};

/// The files of one instance, all within its data directory.
#[derive(Clone, Debug)]
pub struct DataDirectory {
    root: PathBuf,
}

impl DataDirectory {
    /// The instance in `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.root.join("vestibule.redb")
    }

    /// The store while it is being made.
    pub fn store_prepared(&self) -> PathBuf {
        self.root.join("vestibule.redb.new")
    }

    /// The directory of the key file.
    pub fn keys(&self) -> PathBuf {
        self.root.join("key")
    }

    /// The lock that the one process with the store open holds.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The log of a service whose standard error is not read.
    pub fn log(&self) -> PathBuf {
        self.root.join("vestibule.log")
    }

    /// The lock that the one tray of this instance holds.
    pub fn tray_lock(&self) -> PathBuf {
        self.root.join("tray.lock")
    }

    /// The socket on which the command line reaches the running service.
    pub fn socket(&self) -> PathBuf {
        self.root.join("operator.sock")
    }
}

/// The configuration file of the machine.
pub fn system_configuration() -> PathBuf {
    PathBuf::from("/etc/vestibule/config.toml")
}

/// The configuration file of this account; `None` for an account without a home.
pub fn user_configuration() -> Option<PathBuf> {
    home_or("XDG_CONFIG_HOME", ".config").map(|base| base.join("vestibule/config.toml"))
}

/// Where systemd keeps what is the installed service's own: with `DynamicUser=`, as it is packaged, and
/// with an account that is there for good. In the first case the second path is a link to the first.
const OF_THE_SERVICE: [&str; 2] = ["/var/lib/private/vestibule", "/var/lib/vestibule"];

/// Whether a service was installed for the whole machine, also where this account may not look into it.
pub fn is_installed() -> bool {
    OF_THE_SERVICE
        .iter()
        .any(|path| Path::new(path).symlink_metadata().is_ok())
}

/// The data directory if none is named: that of the installed service if it is there and this
/// account is the service's own or root, else one in the home directory.
pub fn default_data_directory() -> Option<PathBuf> {
    let mut installed = OF_THE_SERVICE.iter().map(Path::new);
    if let Some(path) = installed.find(|path| super::files::may_use_directory(path)) {
        return Some(path.to_owned());
    }
    home_or("XDG_DATA_HOME", ".local/share").map(|base| base.join("vestibule"))
}

/// The lock of the tray that stands beside a service of another account; `None` where there is no
/// directory for it.
pub fn tray_lock_beside() -> Option<PathBuf> {
    absolute("XDG_RUNTIME_DIR").map(|base| base.join("vestibule-tray.lock"))
}

/// Where the programs of this account that start at login are named.
pub fn own_autostart() -> Option<PathBuf> {
    home_or("XDG_CONFIG_HOME", ".config").map(|base| base.join("autostart"))
}

/// Where those of every account are.
pub fn system_autostart() -> PathBuf {
    PathBuf::from("/etc/xdg/autostart")
}

/// The data directory that `VESTIBULE_DATA_DIR` names.
pub fn data_directory_from_environment() -> Option<PathBuf> {
    absolute("VESTIBULE_DATA_DIR")
}

/// The environment, as far as it is text.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn home_or(variable: &str, below_home: &str) -> Option<PathBuf> {
    absolute(variable).or_else(|| Some(std::env::home_dir()?.join(below_home)))
}

fn absolute(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os(variable)?);
    (!path.as_os_str().is_empty()).then(|| std::path::absolute(&path).unwrap_or(path))
}
