//! Start and end of the real binary: what it needs, what it leaves, and what it survives.

use crate::harness::binary::{Instance, output_of, text};
use crate::harness::person::PASSWORD;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

#[test]
fn the_binary_needs_nothing_beyond_the_libc_family() {
    let listed = output_of("ldd", &[env!("CARGO_BIN_EXE_vestibule")]);
    let known = [
        "linux-vdso",
        "libc.",
        "libm.",
        "libgcc_s.",
        "ld-linux",
        "libpthread.",
        "libdl.",
    ];
    for line in listed.lines() {
        assert!(known.iter().any(|name| line.contains(name)), "{line}");
    }
    assert!(listed.contains("libc."), "{listed}");
}

#[test]
fn files_are_private() {
    let instance = Instance::new();
    let service = instance.serve();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    let data = instance.data();
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("key")), 0o700);
    for file in [
        "vestibule.redb",
        "lock",
        "operator.sock",
        "key/key-encryption-key",
    ] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", service.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let values: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(values[4..6], ["0", "0"], "{core}");
}

#[test]
fn a_half_sent_request_does_not_keep_the_service_from_ending() {
    let instance = Instance::new();
    let service = instance.serve();
    let mut half = TcpStream::connect(service.listen()).unwrap();
    half.write_all(b"POST /auth/sign-in HTTP/1.1\r\nHost: localhost\r\n")
        .unwrap();
    let mut body = TcpStream::connect(service.listen()).unwrap();
    let port = service.listen().rsplit(':').next().unwrap().to_owned();
    let head = format!(
        "POST /auth/sign-in HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 50\r\n\r\n{{"
    );
    body.write_all(head.as_bytes()).unwrap();
    // Wait until both have been read, so that they are under way when the signal comes.
    half.set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let _ = half.read(&mut [0; 1]);
    assert!(service.interrupt().success());
    assert!(!instance.data().join("operator.sock").exists());
}

#[test]
fn a_second_start_and_a_taken_port_are_refused_with_the_reason() {
    let instance = Instance::new();
    let service = instance.serve();
    let second = instance.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(3));
    assert!(text(&second.stderr).contains("another process is using the instance"));
    let other = Instance::new();
    let taken = other.run(&["serve", "--listen", &service.listen()]);
    assert_eq!(taken.status.code(), Some(3));
    let reason = text(&taken.stderr);
    assert!(reason.contains("is in use"), "{reason}");
    assert!(reason.contains("--listen"), "{reason}");
}

#[test]
fn nothing_beyond_loopback_is_listened_on() {
    let instance = Instance::new();
    let refused = instance.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(!instance.data().exists());
}

#[test]
fn a_first_start_killed_at_any_moment_goes_on() {
    let rounds = if std::env::var_os("TEST_FULL").is_some() {
        300
    } else {
        30
    };
    for round in 0..rounds {
        let instance = Instance::new();
        let mut child = instance
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(round * 24_000 / rounds));
        child.kill().unwrap();
        child.wait().unwrap();
        let service = instance.serve();
        service.http.get("/health/ready", "").expect(200);
    }
}

#[test]
fn kills_lose_nothing_that_was_acknowledged() {
    let rounds = if std::env::var_os("TEST_FULL").is_some() {
        1000
    } else {
        12
    };
    let instance = Instance::new();
    let mut service = instance.serve();
    let listen = service.listen();
    let arguments = ["user", "add", "bob@example.com", "--password-stdin"];
    instance.json(&arguments, PASSWORD);
    let body = json!({ "email": "bob@example.com", "password": PASSWORD });
    let answer = service.http.post("/auth/sign-in", "", body).expect(200);
    let mut refresh = answer.text_field("refreshToken");
    for _ in 0..rounds {
        for _ in 0..5 {
            let body = json!({ "refreshToken": refresh });
            let answer = service
                .http
                .post("/auth/refresh-token", "", body)
                .expect(200);
            refresh = answer.text_field("refreshToken");
        }
        service.kill();
        service = instance.serve_on(&listen);
    }
    let body = json!({ "refreshToken": refresh });
    service
        .http
        .post("/auth/refresh-token", "", body)
        .expect(200);
    assert_eq!(instance.json(&["audit", "verify"], "")["intact"], true);
}
