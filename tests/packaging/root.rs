//! Root asks the service of another account, as on a machine with the package: over the socket alone.

use crate::harness::binary::{Instance, text};
use crate::harness::person::PASSWORD;
use crate::harness::tools;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Nobody's account, and nobody's files either.
const OTHER: u32 = 61_184;

fn is_root() -> bool {
    vestibule::platform::account::own() == 0
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn root_uses_the_service_of_another_account_and_never_its_files() {
    if !is_root() {
        tools::left_out("only root can start a service as another account");
        return;
    }
    let instance = Instance::new();
    let program = instance.beside("vestibule");
    fs::copy(env!("CARGO_BIN_EXE_vestibule"), &program).unwrap();
    open_to_all(instance.root());
    open_to_all(&program);
    fs::create_dir(instance.data()).unwrap();
    fs::set_permissions(instance.data(), Permissions::from_mode(0o700)).unwrap();
    std::os::unix::fs::chown(instance.data(), Some(OTHER), Some(OTHER)).unwrap();
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", &OTHER.to_string(), "--regid", &OTHER.to_string()])
        .arg("--clear-groups")
        .arg(&program)
        .args(["serve", "--json", "--listen", "127.0.0.1:0"])
        .env_clear()
        .env("VESTIBULE_DATA_DIR", instance.data());
    let service = instance.start(command);
    let add = ["user", "add", "ada@example.com", "--password-stdin"];
    instance.json(&add, PASSWORD);
    let link = instance.json(&["setup-url"], "");
    assert!(link["url"].as_str().unwrap().contains("#token="), "{link}");
    let doctor = instance.run(&["doctor", "--json"]);
    let said = text(&doctor.stdout);
    assert!(said.contains("\"running\": true"), "{said}");
    assert!(!said.contains("\"permissions\""), "{said}");
    assert!(service.interrupt().success());
    let stopped = instance.run(&["user", "list"]);
    let said = text(&stopped.stderr);
    assert_eq!(stopped.status.code(), Some(3), "{said}");
    assert!(said.contains("belongs to uid 61184"), "{said}");
    assert!(said.contains("systemctl start vestibule"), "{said}");
    let serve = instance.run(&["serve", "--listen", "127.0.0.1:0"]);
    let said = text(&serve.stderr);
    assert_eq!(serve.status.code(), Some(3), "{said}");
    assert!(said.contains("belongs to another account"), "{said}");
}
