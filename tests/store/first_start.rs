//! First starts that were cut off, and directories in which something is missing: healed or refused,
//! never taken for a first run.

use crate::harness::binary::{Instance, text};
use crate::harness::person::PASSWORD;
use std::fs;

fn settled() -> Instance {
    let instance = Instance::new();
    assert!(instance.serve().interrupt().success());
    let arguments = ["user", "add", "bob@example.com", "--password-stdin"];
    instance.json(&arguments, PASSWORD);
    instance
}

fn refused(instance: &Instance, because: &str) {
    let output = instance.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains(because), "{said}");
}

fn has_bob(instance: &Instance) {
    let users = instance.json(&["user", "list"], "");
    assert_eq!(users["users"][0]["email"], "bob@example.com");
}

#[test]
fn a_key_that_was_not_put_in_place_yet_is_put_there() {
    let instance = settled();
    let key = instance.data().join("key/key-encryption-key");
    fs::rename(&key, instance.data().join("key/key-encryption-key.new")).unwrap();
    has_bob(&instance);
    assert!(key.exists());
}

#[test]
fn leftovers_before_the_store_was_in_place_are_begun_anew() {
    let instance = Instance::new();
    let data = instance.data();
    fs::create_dir_all(data.join("key")).unwrap();
    fs::write(data.join("key/key-encryption-key.new"), "half a k").unwrap();
    fs::write(data.join("vestibule.redb.new"), "half a store").unwrap();
    assert!(instance.serve().interrupt().success());
    assert!(!data.join("vestibule.redb.new").exists());
    assert!(!data.join("key/key-encryption-key.new").exists());
}

#[test]
fn a_missing_or_empty_store_beside_a_key_is_refused() {
    for empty in [false, true] {
        let instance = settled();
        let store = instance.data().join("vestibule.redb");
        fs::remove_file(&store).unwrap();
        if empty {
            fs::write(&store, "").unwrap();
        }
        refused(&instance, "missing or empty");
        assert_eq!(store.metadata().map_or(0, |file| file.len()), 0);
    }
}

#[test]
fn a_missing_wrong_or_linked_key_is_refused_and_nothing_changes() {
    let instance = settled();
    let key = instance.data().join("key/key-encryption-key");
    let right = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    refused(&instance, "is missing");
    assert!(!key.exists());
    fs::write(&key, "ab".repeat(32)).unwrap();
    refused(&instance, "does not open this store");
    fs::remove_file(&key).unwrap();
    let elsewhere = instance.beside("key");
    fs::write(&elsewhere, &right).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &key).unwrap();
    refused(&instance, "is a link");
    fs::remove_file(&key).unwrap();
    fs::write(&key, &right).unwrap();
    has_bob(&instance);
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    let instance = settled();
    let store = instance.data().join("vestibule.redb");
    let mut bytes = fs::read(&store).unwrap();
    for byte in bytes.iter_mut().skip(64) {
        *byte ^= 0x5a;
    }
    fs::write(&store, &bytes).unwrap();
    refused(&instance, "left as it is");
    fs::write(&store, "not a store at all").unwrap();
    refused(&instance, "left as it is");
    assert_eq!(fs::read(&store).unwrap(), b"not a store at all");
}
