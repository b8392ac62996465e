//! The unit of the installed service: how little it may do, and that the program runs as it says.

use super::scripts::Root;
use super::{packed, run, said};
use crate::harness::binary::{Instance, output_of, text};
use crate::harness::person::PASSWORD;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const UNIT: &str = "usr/lib/systemd/system/vestibule.service";

/// Ten times the exposure that is allowed: 1.5, where 10 is a service without any protection.
const THRESHOLD: &str = "15";

/// What the unit says under this key, in order.
fn values(key: &str) -> Vec<String> {
    let unit = fs::read_to_string(packed(UNIT)).unwrap();
    let lines = unit.lines();
    let values = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.map(str::to_owned).collect()
}

fn value(key: &str) -> String {
    let values = values(key);
    assert_eq!(values.len(), 1, "{key}: {values:?}");
    values[0].clone()
}

/// The unit under its own name, with this text.
fn unit_in(directory: &Path, unit: &str) -> String {
    let path = directory.join("vestibule.service");
    fs::write(&path, unit).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_unit_is_exposed_at_most_by_one_and_a_half() {
    let judge = |unit: &str| {
        let threshold = format!("--threshold={THRESHOLD}");
        run(
            "systemd-analyze",
            &["security", "--no-pager", "--offline=true", &threshold, unit],
        )
    };
    let output = judge(&packed(UNIT));
    assert!(output.status.success(), "{}", said(&output));
    // Nor is it with what the example for other machines adds.
    let directory = tempfile::tempdir().unwrap();
    let example = packed("usr/share/doc/vestibule/examples/beyond-this-machine.conf");
    let both = fs::read_to_string(packed(UNIT)).unwrap() + &fs::read_to_string(example).unwrap();
    let output = judge(&unit_in(directory.path(), &both));
    assert!(output.status.success(), "{}", said(&output));
    // The same service without its protection is found out.
    let bare = "[Service]\nType=notify\nExecStart=/usr/bin/vestibule serve\n";
    let output = judge(&unit_in(directory.path(), bare));
    assert!(!output.status.success(), "{}", said(&output));
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn systemd_understands_every_line_of_the_unit() {
    let directory = tempfile::tempdir().unwrap();
    let unit = fs::read_to_string(packed(UNIT)).unwrap();
    let program = packed("usr/bin/vestibule");
    let unit = unit.replace("=/usr/bin/vestibule ", &format!("={program} "));
    let verify = |unit: &str| {
        let path = unit_in(directory.path(), unit);
        said(&run("systemd-analyze", &["verify", "--man=no", &path]))
    };
    // Of this machine's other units it may complain as it likes.
    let complaints = |said: String| {
        said.lines()
            .filter(|line| line.contains("vestibule"))
            .count()
    };
    assert_eq!(complaints(verify(&unit)), 0, "{}", verify(&unit));
    let mistyped = unit.replace("NoNewPrivileges=yes", "NoNewPrivilege=yes");
    assert_ne!(complaints(verify(&mistyped)), 0);
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_unit_gives_the_service_what_the_card_asks_for() {
    for (key, wanted) in [
        ("Type", "notify"),
        ("DynamicUser", "yes"),
        ("StateDirectory", "vestibule"),
        ("StateDirectoryMode", "0700"),
        ("IPAddressDeny", "any"),
        ("IPAddressAllow", "localhost"),
        ("Restart", "on-failure"),
        ("WantedBy", "multi-user.target"),
    ] {
        assert_eq!(value(key), wanted, "{key}");
    }
    assert!(!value("WatchdogSec").is_empty());
}

#[test]
#[ignore = "needs the package, which tests/run builds"]
fn the_packed_program_serves_as_the_unit_says() {
    let version = output_of(packed("usr/bin/vestibule"), &["--version"]);
    assert_eq!(
        version.trim(),
        concat!("vestibule ", env!("CARGO_PKG_VERSION"))
    );
    let root = Root::new();
    root.configure(&[]);
    let instance = Instance::new();
    // As systemd does: a copy of the key for the service alone, under the name that the unit gives.
    let (name, path) = value("LoadCredential")
        .split_once(':')
        .map(|(name, path)| (name.to_owned(), path.to_owned()))
        .unwrap();
    let credentials = instance.beside("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::copy(
        root.path(path.trim_start_matches('/')),
        credentials.join(name),
    )
    .unwrap();
    let manager = UnixDatagram::bind(instance.beside("notify")).unwrap();
    manager
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let start = value("ExecStart");
    let mut words = start.split(' ');
    let mut command = Command::new(packed(words.next().unwrap().trim_start_matches('/')));
    command
        .args(words)
        .args(["--json", "--listen", "127.0.0.1:0"])
        .env_clear()
        .env("VESTIBULE_DATA_DIR", instance.data())
        .env("CREDENTIALS_DIRECTORY", &credentials)
        .env("NOTIFY_SOCKET", instance.beside("notify"));
    let service = instance.start(command);
    let mut heard = [0; 512];
    let count = manager.recv(&mut heard).unwrap();
    assert!(text(&heard[..count]).starts_with("READY=1\n"));
    service.http.get("/health/ready", "").expect(200);
    instance.json(
        &["user", "add", "ada@example.com", "--password-stdin"],
        PASSWORD,
    );
    // The key that the package made is the key of the instance; no other was drawn.
    assert!(instance.data().join("key/systemd-credential").exists());
    assert!(!instance.data().join("key/key-encryption-key").exists());
    assert!(service.interrupt().success());
}
