//! The life of the package on a Debian 12 of its own: installed, used, killed, upgraded, removed, installed
//! again and purged. systemd is the real one, and starts the service by the packed unit.

use super::machine::Machine;
use super::{package, said};
use crate::harness::binary::output_of;
use crate::harness::person::{PASSWORD, secret_of};
use crate::harness::tls::Pair;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const DATA: &str = "var/lib/private/vestibule";
const KEY: &str = "etc/vestibule/key-encryption-key";

#[test]
#[ignore = "needs the package and minutes: tests/run --full"]
fn the_package_lives_and_goes_on_a_debian_of_its_own() {
    let package = package();
    let machine = Machine::new();
    fs::copy(package, machine.path("var/tmp/vestibule.deb")).unwrap();
    let told = install(&machine);
    assert!(told.contains("sudo vestibule setup-url"), "{told}");
    the_service_runs_with_nothing_but_what_the_unit_gives(&machine);
    let ada = Ada::protected(&machine);
    only_this_machine_is_answered(&machine);
    an_ordinary_account_finds_the_service_and_starts_no_other(&machine);
    a_killed_service_comes_back(&machine);
    ada.is_known(&machine);
    an_upgrade_keeps_key_settings_and_store(&machine);
    ada.is_known(&machine);
    other_machines_are_served_as_the_example_says(&machine);
    removing_keeps_what_is_not_the_packages(&machine);
    install(&machine);
    ada.is_known(&machine);
    ada.signs_in(&machine, "+30 seconds");
    a_lost_key_stops_the_start(&machine);
    purging_leaves_nothing(&machine);
}

fn install(machine: &Machine) -> String {
    let told = machine.does(&["apt-get", "install", "--yes", "/var/tmp/vestibule.deb"]);
    assert!(!told.contains("did not start"), "{told}");
    assert_eq!(
        machine
            .does(&["systemctl", "is-active", "vestibule"])
            .trim(),
        "active"
    );
    told
}

/// What a double-click of somebody does who may not look into the service's directory.
fn an_ordinary_account_finds_the_service_and_starts_no_other(machine: &Machine) {
    let ordinary = "setpriv --reuid nobody --regid nogroup --clear-groups env HOME=/var/tmp/home";
    machine.shell("install -d -o nobody /var/tmp/home");
    let told = machine.shell(&format!("{ordinary} vestibule"));
    assert!(told.contains("running on http://localhost:6238"), "{told}");
    machine.does(&["systemctl", "stop", "vestibule"]);
    let told = machine.shell(&format!("{ordinary} vestibule 2>&1 || echo ended with $?"));
    assert!(told.contains("systemctl start vestibule"), "{told}");
    assert!(told.contains("ended with 3"), "{told}");
    machine.does(&["systemctl", "start", "vestibule"]);
    assert!(is_ready(machine));
    machine.shell("rmdir /var/tmp/home");
}

fn property(machine: &Machine, name: &str) -> String {
    let value = machine.does(&[
        "systemctl",
        "show",
        "--value",
        "--property",
        name,
        "vestibule",
    ]);
    value.trim().to_owned()
}

fn is_ready(machine: &Machine) -> bool {
    machine.http("GET", "/health/ready", "", &Value::Null).0 == 200
}

fn the_service_runs_with_nothing_but_what_the_unit_gives(machine: &Machine) {
    assert_eq!(
        machine
            .does(&["systemctl", "is-enabled", "vestibule"])
            .trim(),
        "enabled"
    );
    assert!(is_ready(machine));
    assert!(property(machine, "StatusText").contains("http://localhost:6238"));
    let status = machine.shell("cat /proc/$(systemctl show --value -p MainPID vestibule)/status");
    for line in [
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
    ] {
        assert!(status.contains(line), "{line}: {status}");
    }
    let data = fs::metadata(machine.path(DATA)).unwrap();
    assert!((61_184..=65_519).contains(&data.uid()), "{}", data.uid());
    assert_eq!(data.permissions().mode() & 0o7777, 0o700);
    assert!(
        status.contains(&format!("Uid:\t{0}\t{0}\t{0}\t{0}", data.uid())),
        "{status}"
    );
    let key = fs::metadata(machine.path(KEY)).unwrap();
    assert_eq!((key.uid(), key.permissions().mode() & 0o7777), (0, 0o600));
    // The key came as a credential, and no other was drawn.
    assert!(machine.path(DATA).join("key/systemd-credential").exists());
    assert!(!machine.path(DATA).join("key/key-encryption-key").exists());
    let journal = machine.does(&["journalctl", "--unit", "vestibule"]);
    assert!(
        !journal.contains("WARN") && !journal.contains("ERROR"),
        "{journal}"
    );
    assert!(
        machine
            .does(&["vestibule", "setup-url"])
            .contains("/setup#token=")
    );
}

/// Somebody with an account and a second factor.
struct Ada {
    secret: String,
}

impl Ada {
    fn protected(machine: &Machine) -> Self {
        let add = "vestibule user add ada@example.com --role super-admin --password-stdin";
        machine.shell(&format!("echo '{PASSWORD}' | {add}"));
        let token = first_door(machine);
        let (status, shown) = machine.http("GET", "/2fa/generate-qr", &token, &Value::Null);
        assert_eq!(status, 200, "{shown}");
        let ada = Self {
            secret: secret_of(shown["link"].as_str().unwrap()),
        };
        let body = json!({ "code": ada.code("now") });
        let (status, enabled) = machine.http("POST", "/2fa/enable-two-factor-auth", &token, &body);
        assert_eq!(status, 200, "{enabled}");
        ada
    }

    fn code(&self, when: &str) -> String {
        let code = output_of(
            "oathtool",
            &["--totp", "--base32", "--now", when, &self.secret],
        );
        code.trim().to_owned()
    }

    fn signs_in(&self, machine: &Machine, when: &str) {
        let token = first_door(machine);
        let body = json!({ "code": self.code(when) });
        let (status, session) = machine.http("POST", "/2fa/authenticate", &token, &body);
        assert_eq!(status, 200, "{session}");
        let token = session["accessToken"].as_str().unwrap();
        let (status, me) = machine.http("GET", "/auth/me", token, &Value::Null);
        assert_eq!((status, &me["email"]), (200, &json!("ada@example.com")));
        // It was used once, and that is over.
        let (status, refusal) =
            machine.http("POST", "/2fa/authenticate", &first_door(machine), &body);
        assert_eq!(
            (status, &refusal["code"]),
            (400, &json!("INVALID_TWO_FACTOR_AUTH_CODE")),
            "{refusal}"
        );
    }

    fn is_known(&self, machine: &Machine) {
        let shown = machine.does(&["vestibule", "user", "show", "ada@example.com", "--json"]);
        assert!(shown.contains("Super Admin"), "{shown}");
    }
}

fn first_door(machine: &Machine) -> String {
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let (status, answer) = machine.http("POST", "/auth/sign-in", "", &body);
    assert_eq!(status, 200, "{answer}");
    answer["accessToken"].as_str().unwrap().to_owned()
}

const DROP_INS: &str = "/etc/systemd/system/vestibule.service.d";

/// Gives the unit a drop-in beside its own lines, or takes the one before away again.
fn with_drop_in(machine: &Machine, lines: Option<&str>) {
    let directory = machine.path(DROP_INS.trim_start_matches('/'));
    match lines {
        Some(lines) => {
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("test.conf"), lines).unwrap();
        }
        None => fs::remove_dir_all(&directory).unwrap(),
    }
    machine.shell("systemctl daemon-reload; systemctl restart vestibule");
}

/// Without its own exception for this machine the unit's filter lets nothing through: it is in force.
fn only_this_machine_is_answered(machine: &Machine) {
    with_drop_in(machine, Some("[Service]\nIPAddressAllow=\n"));
    assert_eq!(machine.http("GET", "/health/live", "", &Value::Null).0, 0);
    with_drop_in(machine, None);
    assert!(is_ready(machine));
}

fn other_machines_are_served_as_the_example_says(machine: &Machine) {
    let pair = Pair::new(&["door.example.com"]);
    fs::write(machine.path("etc/vestibule/chain.pem"), &pair.certificate).unwrap();
    fs::write(machine.path("etc/vestibule/key.pem"), &pair.key).unwrap();
    machine.shell("chmod 600 /etc/vestibule/key.pem");
    // An address of the system that is not its loopback, as other machines would have it.
    let added = machine.network(&["ip", "address", "add", "192.0.2.1/32", "dev", "lo"]);
    assert!(added.status.success(), "{}", said(&added));
    let example = "usr/share/doc/vestibule/examples/beyond-this-machine.conf";
    let example = fs::read_to_string(machine.path(example)).unwrap();
    let settings = machine.path("etc/vestibule/config.toml");
    let before = fs::read_to_string(&settings).unwrap();
    let mut changed = before.clone();
    let told = example
        .lines()
        .filter_map(|line| line.strip_prefix("#     "));
    for setting in told {
        let (key, _) = setting.split_once(" = ").unwrap();
        let lines = changed.lines();
        let is_it = |line: &&str| line.starts_with(&format!("#{key} = "));
        let line = lines.into_iter().find(is_it).unwrap().to_owned();
        changed = changed.replace(&line, setting);
    }
    fs::write(&settings, changed).unwrap();
    let certificate = machine.path("etc/vestibule/chain.pem");
    let live_at = |address: &str| {
        let resolved = format!("door.example.com:443:{address}");
        let options = [
            "--cacert",
            certificate.to_str().unwrap(),
            "--resolve",
            &resolved,
        ];
        machine
            .curl(&[&options[..], &["https://door.example.com/health/live"]].concat())
            .0
    };
    // Listening alone opens nothing: the unit's filter stands between.
    with_drop_in(machine, Some(&example.replace("IPAddressAllow=any\n", "")));
    assert_eq!((live_at("127.0.0.1"), live_at("192.0.2.1")), (200, 0));
    with_drop_in(machine, Some(&example));
    assert_eq!((live_at("127.0.0.1"), live_at("192.0.2.1")), (200, 200));
    fs::write(&settings, before).unwrap();
    fs::remove_file(machine.path("etc/vestibule/chain.pem")).unwrap();
    fs::remove_file(machine.path("etc/vestibule/key.pem")).unwrap();
    with_drop_in(machine, None);
    assert!(is_ready(machine));
}

fn a_killed_service_comes_back(machine: &Machine) {
    machine.does(&["systemctl", "kill", "--signal=KILL", "vestibule"]);
    machine.wait_until("systemd has started it again", |machine| {
        property(machine, "NRestarts") == "1" && is_ready(machine)
    });
}

fn an_upgrade_keeps_key_settings_and_store(machine: &Machine) {
    let key = fs::read(machine.path(KEY)).unwrap();
    let before = property(machine, "MainPID");
    machine.shell("sed -i 's/^#issuer = .*/issuer = \"Our door\"/' /etc/vestibule/config.toml");
    let upgrade = [
        "apt-get",
        "install",
        "--reinstall",
        "--yes",
        "/var/tmp/vestibule.deb",
    ];
    let told = machine.does(&upgrade);
    assert!(!told.contains("setup-url"), "{told}");
    assert_ne!(property(machine, "MainPID"), before);
    assert!(is_ready(machine));
    assert_eq!(fs::read(machine.path(KEY)).unwrap(), key);
    assert!(
        machine
            .does(&["vestibule", "config", "show"])
            .contains("Our door")
    );
}

fn removing_keeps_what_is_not_the_packages(machine: &Machine) {
    machine.does(&["apt-get", "remove", "--yes", "vestibule"]);
    assert!(!machine.path("usr/bin/vestibule").exists());
    assert!(
        !machine
            .run(&["systemctl", "is-active", "vestibule"])
            .status
            .success()
    );
    assert_eq!(machine.http("GET", "/health/live", "", &Value::Null).0, 0);
    for kept in [
        KEY,
        "etc/vestibule/config.toml",
        "var/lib/private/vestibule/vestibule.redb",
    ] {
        assert!(machine.path(kept).exists(), "{kept}");
    }
}

fn a_lost_key_stops_the_start(machine: &Machine) {
    let lost = machine.path("var/tmp/lost");
    fs::rename(machine.path(KEY), &lost).unwrap();
    let output = machine.run(&["systemctl", "restart", "vestibule"]);
    assert!(!output.status.success());
    let reinstall = ["dpkg", "--install", "/var/tmp/vestibule.deb"];
    let told = machine.does(&reinstall);
    assert!(told.contains("put the key back"), "{told}");
    assert!(!machine.path(KEY).exists());
    fs::rename(&lost, machine.path(KEY)).unwrap();
    machine.shell("systemctl reset-failed vestibule; systemctl restart vestibule");
    assert!(is_ready(machine));
}

fn purging_leaves_nothing(machine: &Machine) {
    machine.does(&["apt-get", "purge", "--yes", "vestibule"]);
    fs::remove_file(machine.path("var/tmp/vestibule.deb")).unwrap();
    machine.does(&["systemctl", "daemon-reload"]);
    let left = "find / -xdev -name '*vestibule*' -not -path '/var/log/*'; find /run -name '*vestibule*' -not -path '/run/log/*'";
    assert_eq!(machine.shell(left), "");
    let unit = machine.run(&["systemctl", "cat", "vestibule"]);
    assert!(!unit.status.success());
}
