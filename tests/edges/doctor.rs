//! `vestibule doctor`: finds what was planted, and nothing on a healthy instance.

use crate::harness::binary::{Instance, Service, text};
use crate::harness::person::{PASSWORD, code_of, secret_of};
use crate::harness::tls::Pair;
use crate::harness::{Person, Server};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{SystemTime, UNIX_EPOCH};

/// Two Super Admins with their second factors, the first one in the support team.
fn healthy() -> (Instance, Service) {
    let instance = Instance::new();
    let service = instance.serve();
    for email in ["ada@example.com", "eve@example.com"] {
        let arguments = [
            "user",
            "add",
            email,
            "--role",
            "super-admin",
            "--password-stdin",
        ];
        instance.json(&arguments, PASSWORD);
        enrol(&service, email);
    }
    (instance, service)
}

fn enrol(service: &Service, email: &str) {
    let body = json!({ "email": email, "password": PASSWORD });
    let signed_in = service.http.post("/auth/sign-in", "", body).expect(200);
    let access = signed_in.text_field("accessToken");
    let shown = service.http.get("/2fa/generate-qr", &access).expect(200);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let code = code_of(&secret_of(&shown.text_field("link")), now);
    let path = "/2fa/enable-two-factor-auth";
    service
        .http
        .post(path, &access, json!({ "code": code }))
        .expect(200);
}

/// What the doctor says, with these settings: its checks and findings.
#[track_caller]
fn examined(instance: &Instance, settings: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut command = instance.command(&["doctor", "--json"]);
    // Whoever else uses this machine may hold the usual port.
    command.env("VESTIBULE_SERVER__LISTEN", "127.0.0.1:0");
    let output = command.envs(settings.iter().copied()).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(document["healthy"], findings.is_empty());
    let code = i32::from(!findings.is_empty());
    assert_eq!(output.status.code(), Some(code), "{document}");
    let of = |finding: &Value| {
        let text = |field: &str| finding[field].as_str().unwrap().to_owned();
        assert!(
            !text("cause").is_empty() && !text("cure").is_empty(),
            "{finding}"
        );
        (text("check"), text("finding"))
    };
    findings.iter().map(of).collect()
}

/// The doctor finds exactly one thing, of this check and with these words.
#[track_caller]
fn finds(instance: &Instance, settings: &[(&str, &str)], check: &str, words: &str) {
    let found = examined(instance, settings);
    let fits = matches!(found.as_slice(), [(of, text)] if of == check && text.contains(words));
    assert!(fits, "{check}, {words}: {found:?}");
}

fn finds_nothing(instance: &Instance) {
    assert_eq!(examined(instance, &[]), []);
}

#[test]
fn nothing_is_wrong_with_a_healthy_instance_running_or_not() {
    let (instance, service) = healthy();
    finds_nothing(&instance);
    let said = text(&instance.run(&["doctor"]).stdout);
    assert!(
        said.contains("Nothing is wrong.") && said.contains("head of the audit log"),
        "{said}"
    );
    let document = instance.json(&["doctor"], "");
    assert_eq!(
        (
            document["running"].as_bool(),
            &document["facts"]["accounts"]
        ),
        (Some(true), &json!(2))
    );
    assert!(service.interrupt().success());
    finds_nothing(&instance);
    let nowhere = Instance::new();
    assert_eq!(nowhere.run(&["doctor"]).status.code(), Some(3));
    assert!(!nowhere.data().exists());
}

#[test]
fn planted_faults_of_files_and_keys_are_found() {
    let (instance, service) = healthy();
    let (data, key) = (
        instance.data(),
        instance.data().join("key/key-encryption-key"),
    );
    let right = fs::read(&key).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    finds(
        &instance,
        &[],
        "permissions",
        "is open to other accounts (mode 0755)",
    );
    fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    assert!(service.interrupt().success());
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    finds(
        &instance,
        &[],
        "permissions",
        "key-encryption-key is open to other accounts",
    );
    finds_nothing(&instance);
    fs::remove_file(&key).unwrap();
    finds(&instance, &[], "keys", "is missing");
    fs::write(&key, "ab".repeat(32)).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    finds(&instance, &[], "keys", "does not open this store");
    fs::remove_file(&key).unwrap();
    fs::write(instance.beside("key"), &right).unwrap();
    symlink(instance.beside("key"), &key).unwrap();
    let found = examined(&instance, &[]);
    let checks: Vec<&str> = found.iter().map(|(check, _)| check.as_str()).collect();
    assert_eq!(checks, ["permissions", "keys"], "{found:?}");
    fs::remove_file(&key).unwrap();
    fs::write(&key, &right).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    finds_nothing(&instance);
}

#[test]
fn planted_faults_of_the_store_and_the_audit_log_are_found() {
    let (instance, service) = healthy();
    assert!(service.interrupt().success());
    let store = instance.data().join("vestibule.redb");
    let right = fs::read(&store).unwrap();
    use redb::ReadableTable;
    let table: redb::TableDefinition<'_, u64, &[u8]> = redb::TableDefinition::new("audit_1");
    let database = redb::Database::open(&store).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut rows = transaction.open_table(table).unwrap();
        let mut row = rows.get(3).unwrap().unwrap().value().to_vec();
        *row.last_mut().unwrap() ^= 1;
        rows.insert(3, row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    drop(database);
    finds(&instance, &[], "audit", "broken at event 3");
    fs::write(&store, &right[..right.len() / 2]).unwrap();
    finds(&instance, &[], "store", "left as it is");
    fs::write(&store, "").unwrap();
    finds(&instance, &[], "store", "missing or empty");
    fs::write(&store, &right).unwrap();
    finds_nothing(&instance);
}

#[test]
fn planted_faults_of_ports_and_addresses_are_found() {
    let (instance, service) = healthy();
    assert!(service.interrupt().success());
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let listen = [("VESTIBULE_SERVER__LISTEN", address.as_str())];
    finds(
        &instance,
        &listen,
        "ports",
        &format!("process {}", std::process::id()),
    );
    let url = [("VESTIBULE_SERVER__BASE_URL", "https://door.example.com")];
    finds(
        &instance,
        &url,
        "addresses",
        "nothing that is configured speaks TLS",
    );
    let proxy = [url[0], ("VESTIBULE_SERVER__TRUSTED_PROXIES", "127.0.0.1")];
    assert_eq!(examined(&instance, &proxy), []);
}

#[test]
fn planted_faults_of_the_certificate_are_found() {
    let (instance, _service) = healthy();
    let pair = Pair::new(&["localhost", "*.example.com"]);
    let (certificate, key) = pair.install(&instance);
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let tls = [
        (
            "VESTIBULE_SERVER__TLS_CERTIFICATE",
            certificate.to_str().unwrap(),
        ),
        ("VESTIBULE_SERVER__TLS_KEY", key.to_str().unwrap()),
    ];
    assert_eq!(examined(&instance, &tls), []);
    let named = |host: &'static str| [tls[0], tls[1], ("VESTIBULE_SERVER__BASE_URL", host)];
    assert_eq!(
        examined(&instance, &named("https://door.example.com:8443")),
        []
    );
    let other = named("https://a.door.example.com");
    finds(
        &instance,
        &other,
        "tls",
        "is not made for a.door.example.com",
    );
    fs::set_permissions(&key, Permissions::from_mode(0o604)).unwrap();
    finds(
        &instance,
        &tls,
        "permissions",
        "tls.key is open to other accounts",
    );
    fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    assert_eq!(examined(&instance, &tls), []);
    fs::write(&certificate, Pair::new(&["localhost"]).certificate).unwrap();
    finds(&instance, &tls, "tls", "do not belong together");
    Pair::until(&["localhost"], 2020).install(&instance);
    finds(&instance, &tls, "tls", "has expired");
    fs::remove_file(&certificate).unwrap();
    finds(&instance, &tls, "tls", "cannot be read");
}

#[test]
fn planted_gaps_of_the_policy_are_found() {
    let (instance, _service) = healthy();
    instance.json(
        &[
            "user",
            "add",
            "max@example.com",
            "--role",
            "admin",
            "--password-stdin",
        ],
        PASSWORD,
    );
    finds(
        &instance,
        &[],
        "policy",
        "without a second factor: max@example.com",
    );
    instance.json(&["user", "archive", "max@example.com"], "");
    instance.json(&["user", "archive", "eve@example.com"], "");
    finds(&instance, &[], "policy", "one Super Admin alone");
    instance.json(&["user", "restore", "eve@example.com"], "");
    finds_nothing(&instance);
    instance.json(&["user", "archive", "ada@example.com"], "");
    let found = examined(&instance, &[]);
    assert!(
        found[1]
            .1
            .contains("no administrator is in the support team"),
        "{found:?}"
    );
    let unclaimed = Instance::new();
    let _service = unclaimed.serve();
    finds(&unclaimed, &[], "policy", "there is no Super Admin");
}

#[test]
fn a_clock_that_was_set_back_is_found() {
    let server = Server::start();
    let _ada = Person::super_admin(&server);
    let clock = || {
        let answer = server
            .operator("POST", "/operator/doctor", None)
            .expect(200);
        let findings = answer.json["findings"].as_array().unwrap().clone();
        let of_clock = findings
            .iter()
            .filter(|finding| finding["check"] == "clock");
        of_clock
            .map(|finding| finding["finding"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(clock(), [""; 0]);
    server.clock.jump(-3600);
    let found = clock();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("3600 seconds in the future"), "{found:?}");
    assert!(
        found[1].contains("in the future for ada@example.com"),
        "{found:?}"
    );
    server.clock.jump(-365 * 24 * 3600);
    assert!(clock()[0].contains("before 2026"));
    server.clock.jump(366 * 24 * 3600);
    assert_eq!(clock(), [""; 0]);
}
