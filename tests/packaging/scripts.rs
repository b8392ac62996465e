//! What the package does when it is installed, upgraded, removed and purged: the key and the store.
//! The scripts run below a directory that stands for `/`; the parts that speak to systemd are put in
//! when the package is made, and run where it is installed.

use super::{said, unpacked};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

const KEY: &str = "etc/vestibule/key-encryption-key";
const STORE: &str = "var/lib/private/vestibule/vestibule.redb";

/// A directory that stands for `/`, with what dpkg has unpacked before a script runs.
pub struct Root(tempfile::TempDir);

impl Root {
    pub fn new() -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(root.path("etc/vestibule")).unwrap();
        root
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "something").unwrap();
    }

    fn run(&self, script: &str, arguments: &[&str]) -> Output {
        Command::new("sh")
            .arg(format!("packaging/linux/maintainer/{script}"))
            .args(arguments)
            .env("DPKG_ROOT", self.0.path())
            .output()
            .unwrap()
    }

    /// As dpkg does after it has unpacked the package; `before` is the version that was there.
    #[track_caller]
    pub fn configure(&self, before: &[&str]) -> String {
        let mut arguments = vec!["configure"];
        arguments.extend(before);
        let output = self.run("postinst", &arguments);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    }

    fn key(&self) -> Option<String> {
        fs::read_to_string(self.path(KEY)).ok()
    }
}

#[test]
fn the_first_installation_makes_a_key_that_only_root_reads() {
    let root = Root::new();
    // Left by an installation that was killed.
    root.write("etc/vestibule/key-encryption-key.new");
    let told = root.configure(&[]);
    assert!(told.contains("sudo vestibule setup-url"), "{told}");
    let key = root.key().unwrap();
    assert_eq!((key.len(), &key[64..]), (65, "\n"));
    assert!(
        key[..64]
            .chars()
            .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    );
    let mode = fs::metadata(root.path(KEY)).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert!(!root.path("etc/vestibule/key-encryption-key.new").exists());
    assert!(!told.contains(&key[..64]));
    let other = Root::new();
    other.configure(&[]);
    assert_ne!(other.key().unwrap(), key);
}

#[test]
fn no_later_installation_makes_another_key() {
    let root = Root::new();
    root.configure(&[]);
    let key = root.key();
    assert_eq!(root.configure(&["0.1.0-1"]), "");
    // Removed, then installed again: dpkg names the version whose settings are still there.
    assert!(root.run("postrm", &["remove"]).status.success());
    root.configure(&["0.1.0-1"]);
    root.configure(&[]);
    assert_eq!(root.key(), key);
    for word in ["abort-upgrade", "abort-remove", "abort-deconfigure"] {
        let bare = Root::new();
        assert!(bare.run("postinst", &[word, "0.1.0-1"]).status.success());
        assert_eq!(bare.key(), None, "{word}");
    }
}

#[test]
fn a_key_that_is_lost_beside_its_store_is_told_and_never_replaced() {
    for made in ["var/lib/private/vestibule/key/systemd-credential", STORE] {
        let root = Root::new();
        root.write(made);
        let told = root.configure(&["0.1.0-1"]);
        assert!(told.contains("put the key back"), "{told}");
        assert_eq!(root.key(), None, "{made}");
    }
    // An instance that has its key beside it does not miss one; the unit needs a file all the same.
    let root = Root::new();
    root.write(STORE);
    root.write("var/lib/private/vestibule/key/key-encryption-key");
    root.configure(&["0.1.0-1"]);
    assert!(root.key().is_some());
}

#[test]
fn removing_keeps_store_and_key_and_purging_takes_what_is_ours() {
    let root = Root::new();
    root.configure(&[]);
    root.write(STORE);
    std::os::unix::fs::symlink("private/vestibule", root.path("var/lib/vestibule")).unwrap();
    root.write("etc/vestibule/chain.pem");
    for word in [
        "remove",
        "upgrade",
        "failed-upgrade",
        "abort-install",
        "disappear",
    ] {
        assert!(root.run("postrm", &[word]).status.success());
        assert!(root.path(STORE).exists() && root.key().is_some(), "{word}");
    }
    for _ in 0..2 {
        let output = root.run("postrm", &["purge"]);
        assert!(output.status.success(), "{}", said(&output));
        assert!(!root.path("var/lib/private/vestibule").exists());
        assert!(root.path("var/lib/vestibule").symlink_metadata().is_err());
        assert_eq!(root.key(), None);
        assert!(root.path("etc/vestibule/chain.pem").exists());
    }
    fs::remove_file(root.path("etc/vestibule/chain.pem")).unwrap();
    assert!(root.run("postrm", &["purge"]).status.success());
    assert!(!root.path("etc/vestibule").exists());
    assert!(root.path("var/lib").exists());
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_packed_scripts_speak_to_systemd() {
    for (script, says) in [
        ("postinst", "deb-systemd-helper enable vestibule.service"),
        (
            "postinst",
            "deb-systemd-invoke $_dh_action vestibule.service",
        ),
        ("postinst", "_dh_action=restart"),
        ("prerm", "deb-systemd-invoke stop vestibule.service"),
        ("postrm", "deb-systemd-helper purge vestibule.service"),
    ] {
        let text = fs::read_to_string(unpacked().join("DEBIAN").join(script)).unwrap();
        assert!(text.contains("\nset -e\n"), "{text}");
        assert!(text.contains(says), "{says}: {text}");
        assert!(!text.contains("#DEBHELPER#"), "{text}");
    }
}
