//! The local socket itself: how much may be sent over it.

use crate::harness::Answer;
use crate::harness::binary::Instance;
use serde_json::json;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

const KIBIBYTE: usize = 1024;
const MEBIBYTE: usize = 1024 * KIBIBYTE;
const CREATE: &str = "/operator/users";

/// Sends a body with its length told, or another length than it has, and reads the answer.
fn exchange<S: Read + Write>(mut stream: S, path: &str, length: usize, body: &[u8]) -> Answer {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    // The service may answer and close before it has read everything.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}"),
    }
    Answer::read(&String::from_utf8(bytes).unwrap())
}

fn over_socket(path: &PathBuf, target: &str, length: usize, body: &[u8]) -> Answer {
    let stream = UnixStream::connect(path).unwrap();
    let longest = Some(Duration::from_secs(30));
    stream.set_read_timeout(longest).unwrap();
    exchange(stream, target, length, body)
}

/// A well-formed body of this length, in which the password is too long to be taken.
fn body(length: usize) -> Vec<u8> {
    let with = |password: &str| {
        json!({
            "email": "bob@example.com", "firstName": "Bob", "lastName": "Stone",
            "password": password,
        })
        .to_string()
        .into_bytes()
    };
    let frame = with("").len();
    with(&"a".repeat(length - frame))
}

/// "413 over 16 KiB, 64 MiB under `/operator/`", which the socket alone has.
#[test]
fn large_bodies_are_for_the_operators_routes_alone() {
    let instance = Instance::new();
    let service = instance.serve();
    let socket = instance.data().join("operator.sock");
    let most = 64 * MEBIBYTE;
    // The largest of all has to arrive within five seconds, which a busy machine may miss.
    let is_full = std::env::var_os("TEST_FULL").is_some();
    for length in [20 * KIBIBYTE, if is_full { most } else { MEBIBYTE }] {
        let answer = over_socket(&socket, CREATE, length, &body(length));
        answer.refused(400, "WEAK_PASSWORD");
    }
    let users = instance.json(&["user", "list"], "");
    assert_eq!(users["users"], json!([]));
    // Told before a byte of it was sent.
    let answer = over_socket(&socket, CREATE, most + 1, b"").refused(413, "BODY_TOO_LARGE");
    assert!(answer.text.contains("64 MiB"), "{}", answer.text);
    for path in ["/auth/sign-in", "/operators", "/users/../operator/users"] {
        let most = 16 * KIBIBYTE;
        let answer = over_socket(&socket, path, most + 1, &body(most + 1));
        let answer = answer.refused(413, "BODY_TOO_LARGE");
        assert!(answer.text.contains("16 KiB"), "{}", answer.text);
    }
    let most = 16 * KIBIBYTE;
    let answer = over_socket(&socket, "/auth/sign-in", most, &body(most));
    answer.refused(400, "INVALID_CREDENTIALS");
    service.http.get("/health/ready", "").expect(200);
}

/// "`/operator/*` does not exist on TCP", and has no larger bodies there.
#[test]
fn over_tcp_nothing_is_the_operators() {
    let instance = Instance::new();
    let service = instance.serve();
    service
        .http
        .post(CREATE, "", json!({ "email": "bob@example.com" }))
        .refused(404, "NOT_FOUND");
    let large = 20 * KIBIBYTE;
    let headers = [("content-type", "application/json")];
    service
        .http
        .send_raw("POST", CREATE, "", &headers, body(large))
        .refused(413, "BODY_TOO_LARGE");
    // The name of the socket's host makes no operator of a caller over TCP.
    let stream = TcpStream::connect(service.listen()).unwrap();
    exchange(stream, CREATE, 2, b"{}").refused(421, "UNKNOWN_HOST");
}
