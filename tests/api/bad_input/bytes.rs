//! Requests written by hand, as bytes on a socket.

use super::assert_alive;
use crate::harness::{Answer, Person, Server};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Sends these bytes, and reads until the service closes.
fn exchange(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // The service may answer and close before it has read everything.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}"),
    }
    String::from_utf8(bytes).unwrap()
}

/// Sends a request with these header lines, and reads the answer.
fn ask(server: &Server, line: &str, headers: &str, body: &[u8]) -> Answer {
    let mut request = format!("{line}\r\n{headers}connection: close\r\n\r\n").into_bytes();
    request.extend_from_slice(body);
    Answer::read(&exchange(server, &request))
}

/// The header line of the service's own host.
fn our_host(server: &Server) -> String {
    format!("host: localhost:{}\r\n", server.address().port())
}

const LIVE: &str = "GET /health/live HTTP/1.1";

#[test]
fn only_our_own_hosts_are_served() {
    let server = Server::start();
    let port = server.address().port();
    for host in ["localhost", "LocalHost", "127.0.0.1", "[::1]"] {
        let header = format!("host: {host}:{port}\r\n");
        ask(&server, LIVE, &header, b"").expect(200);
    }
    for headers in [
        String::new(),
        "host: \r\n".to_owned(),
        "host: localhost\r\n".to_owned(),
        "host: evil.example\r\n".to_owned(),
        format!("host: evil.example:{port}\r\n"),
        format!("host: localhost.evil.example:{port}\r\n"),
        format!("host: localhost:{port}@evil.example\r\n"),
        format!("host: localhost:{}\r\n", port - 1),
        format!("host: localhost:{port}\r\nhost: evil.example:{port}\r\n"),
        format!("host: localhost:{port}\r\nhost: localhost:{port}\r\n"),
        "host: b\u{fc}cher.example\r\n".to_owned(),
    ] {
        let answer = ask(&server, LIVE, &headers, b"");
        assert_eq!(answer.code(), "UNKNOWN_HOST", "{headers:?}");
        answer.refused(421, "UNKNOWN_HOST");
    }
    let line = format!("GET http://evil.example:{port}/health/live HTTP/1.1");
    ask(&server, &line, &our_host(&server), b"").refused(421, "UNKNOWN_HOST");
    assert_alive(&server);
}

#[test]
fn other_origins_are_refused_before_their_body_is_read() {
    let server = Server::start();
    let port = server.address().port();
    let base_url = vestibule::config::Config::default().server.base_url;
    for origin in [
        format!("http://localhost:{port}"),
        format!("http://127.0.0.1:{port}"),
        base_url,
    ] {
        let headers = format!("{}origin: {origin}\r\n", our_host(&server));
        ask(&server, LIVE, &headers, b"").expect(200);
    }
    for origin in [
        "null".to_owned(),
        String::new(),
        "http://evil.example".to_owned(),
        format!("https://localhost:{port}"),
        format!("http://evil.example:{port}"),
        format!("http://localhost:{}", port - 1),
        format!("http://localhost:{port}.evil.example"),
        format!("http://localhost:{port}\r\norigin: http://evil.example"),
    ] {
        let headers = format!("{}origin: {origin}\r\n", our_host(&server));
        let answer = ask(&server, LIVE, &headers, b"");
        assert_eq!(answer.code(), "ORIGIN_REFUSED", "{origin:?}");
        let answer = answer.refused(403, "ORIGIN_REFUSED");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    // A length is promised and nothing of it sent: the refusal does not wait for it.
    let headers = format!(
        "{}origin: null\r\ncontent-length: 1000\r\n",
        our_host(&server)
    );
    ask(&server, "POST /auth/sign-in HTTP/1.1", &headers, b"").refused(403, "ORIGIN_REFUSED");
    assert_alive(&server);
}

#[test]
fn an_oversized_head_is_refused() {
    let server = Server::start();
    let host = our_host(&server);
    let long = format!("{host}x-long: {}\r\n", "a".repeat(64 * 1024));
    let many = format!("{host}{}", "x-many: 1\r\n".repeat(200));
    for headers in [long, many] {
        assert_eq!(ask(&server, LIVE, &headers, b"").status, 431);
    }
    let path = format!("GET /{} HTTP/1.1", "a".repeat(70_000));
    let answer = ask(&server, &path, &host, b"");
    assert!([414, 431].contains(&answer.status), "{}", answer.status);
    assert_alive(&server);
}

#[test]
fn what_is_no_request_ends_its_connection_alone() {
    let server = Server::start();
    for bytes in [
        &b"\r\n\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"\xff\xff\xff\xff\r\n\r\n",
    ] {
        let text = {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(bytes).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut text = Vec::new();
            let _ = stream.read_to_end(&mut text);
            String::from_utf8(text).unwrap()
        };
        let status = Answer::read(&text).status;
        assert!(status == 0 || status == 400, "{bytes:?}: {text}");
    }
    assert_alive(&server);
}

/// The target of CONNECT is a host (RFC 9112, section 3.2.3); any method may come with one.
#[test]
fn a_target_without_a_path_is_not_found() {
    let server = Server::start();
    let host = our_host(&server);
    let port = server.address().port();
    for method in ["CONNECT", "GET", "POST", "BREW"] {
        let line = format!("{method} localhost:{port} HTTP/1.1");
        ask(&server, &line, &host, b"").refused(404, "NOT_FOUND");
    }
    let line = format!("CONNECT evil.example:{port} HTTP/1.1");
    ask(&server, &line, &host, b"").refused(421, "UNKNOWN_HOST");
    ask(&server, "OPTIONS * HTTP/1.1", &host, b"").refused(404, "NOT_FOUND");
    assert_alive(&server);
}

#[test]
fn a_megabyte_is_refused_however_it_comes() {
    let server = Server::start();
    let line = "POST /auth/sign-in HTTP/1.1";
    let common = format!("{}content-type: application/json\r\n", our_host(&server));
    let headers = format!("{common}content-length: 1048576\r\n");
    let body = vec![b' '; 1024 * 1024];
    ask(&server, line, &headers, &body).refused(413, "BODY_TOO_LARGE");
    // Told before a byte of it was sent.
    ask(&server, line, &headers, b"").refused(413, "BODY_TOO_LARGE");
    let headers = format!("{common}transfer-encoding: chunked\r\n");
    let mut chunks = Vec::new();
    for _ in 0..256 {
        chunks.extend_from_slice(b"1000\r\n");
        chunks.extend_from_slice(&[b' '; 4096]);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    ask(&server, line, &headers, &chunks).refused(413, "BODY_TOO_LARGE");
    assert_alive(&server);
}

#[test]
fn chunked_bodies_are_put_together() {
    let server = Server::start();
    let grace = Person::added(&server, "grace@example.com", &["User"]);
    let line = "POST /auth/sign-in HTTP/1.1";
    let headers = format!(
        "{}content-type: application/json\r\ntransfer-encoding: chunked\r\n",
        our_host(&server)
    );
    let json = format!(
        r#"{{"email":"{}","password":"{}"}}"#,
        grace.email, grace.password
    );
    let (first, second) = json.split_at(17);
    let chunks = format!(
        "{:x}\r\n{first}\r\n{:x};note=1\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    let answer = ask(&server, line, &headers, chunks.as_bytes());
    assert_eq!(answer.status, 200);
    let cut = ask(&server, line, &headers, b"zz\r\nnonsense\r\n");
    cut.refused(400, "INVALID_REQUEST");
    assert_alive(&server);
}

#[test]
fn a_body_that_stalls_is_told_that_it_came_too_late() {
    let server = Server::start();
    let headers = format!(
        "{}content-type: application/json\r\ncontent-length: 100\r\n",
        our_host(&server)
    );
    let line = "POST /auth/sign-in HTTP/1.1";
    let answer = ask(&server, line, &headers, b"{\"email\":");
    answer.refused(408, "REQUEST_TIMEOUT");
    assert_alive(&server);
}

#[test]
fn headers_that_come_twice_do_not_confuse() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let host = our_host(&server);
    let (good, bad) = (format!("Bearer {}", ada.access), "Bearer nonsense");
    // Which of the two counts would be each program's own guess.
    for (first, second) in [(good.as_str(), bad), (bad, good.as_str())] {
        let headers = format!("{host}authorization: {first}\r\nauthorization: {second}\r\n");
        let answer = ask(&server, "GET /auth/me HTTP/1.1", &headers, b"");
        answer.refused(400, "INVALID_REQUEST");
    }
    let headers = format!(
        "{host}content-type: text/plain\r\ncontent-type: application/json\r\ncontent-length: 2\r\n"
    );
    ask(&server, "POST /auth/sign-in HTTP/1.1", &headers, b"{}").refused(400, "INVALID_REQUEST");
    let headers = format!("{host}authorization: Bearer \u{fc}\r\n");
    ask(&server, "GET /auth/me HTTP/1.1", &headers, b"").refused(401, "UNAUTHORIZED");
    assert_alive(&server);
}
