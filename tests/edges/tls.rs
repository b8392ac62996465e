//! TLS over the real binary, with clients that check what they are shown.

use crate::harness::binary::{Instance, Service, output_of, text};
use crate::harness::person::PASSWORD;
use crate::harness::tls::Pair;
use crate::harness::tools::CURL;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

fn settings((certificate, key): &(PathBuf, PathBuf)) -> [(&str, &str); 2] {
    [
        (
            "VESTIBULE_SERVER__TLS_CERTIFICATE",
            certificate.to_str().unwrap(),
        ),
        ("VESTIBULE_SERVER__TLS_KEY", key.to_str().unwrap()),
    ]
}

/// An instance that is served encrypted, and its pair.
fn encrypted(instance: &Instance) -> (Service, Pair) {
    let pair = Pair::new(&["localhost", "door.example.com"]);
    let paths = pair.install(instance);
    (instance.serve_with(&settings(&paths)), pair)
}

/// Asks with a client that is not ours; prints the version of HTTP and the status last.
fn curl(authority: Option<&Path>, arguments: &[&str]) -> Output {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*"]);
    command.args(["--write-out", " %{http_version} %{http_code}"]);
    if let Some(path) = authority {
        command.arg("--cacert").arg(path);
    }
    command.args(arguments).output().unwrap()
}

#[test]
fn a_strict_client_signs_in_over_http_2_and_over_http_1_1() {
    let Some(instance) = CURL.then(Instance::new) else {
        return;
    };
    let (service, _pair) = encrypted(&instance);
    let authority = instance.beside("chain.pem");
    assert!(
        service.base_url.starts_with("https://localhost:"),
        "{}",
        service.base_url
    );
    let arguments = ["user", "add", "bob@example.com", "--password-stdin"];
    instance.json(&arguments, PASSWORD);
    let body = format!(r#"{{"email":"bob@example.com","password":"{PASSWORD}"}}"#);
    let url = format!("{}/auth/sign-in", service.base_url);
    let json = "content-type: application/json";
    for (protocol, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
        let output = curl(
            Some(&authority),
            &[protocol, "--data", &body, "--header", json, &url],
        );
        let said = text(&output.stdout);
        assert!(
            said.ends_with(&format!(" {version} 200")),
            "{said} {}",
            text(&output.stderr)
        );
        assert!(said.contains(r#""stage":"full""#), "{said}");
        let page = curl(
            Some(&authority),
            &[protocol, "--output", "/dev/null", &service.base_url],
        );
        assert_eq!(text(&page.stdout), format!(" {version} 200"));
        let foreign = ["--header", "host: evil.example", &service.base_url];
        let refused = curl(Some(&authority), &[&[protocol][..], &foreign].concat());
        assert!(
            text(&refused.stdout).ends_with(&format!(" {version} 421")),
            "{}",
            text(&refused.stdout)
        );
    }
    let stranger = curl(None, &[&url]);
    assert_eq!(
        stranger.status.code(),
        Some(60),
        "an unknown authority passed"
    );
    let by_address = format!("https://127.0.0.1:{}/", service.port());
    let wrong_name = curl(Some(&authority), &[&by_address]);
    assert_eq!(wrong_name.status.code(), Some(60), "another name passed");
    let old = curl(Some(&authority), &["--tls-max", "1.1", &url]);
    assert_ne!(old.status.code(), Some(0), "TLS 1.1 passed");
    let in_clear = url.replace("https", "http");
    assert_ne!(curl(None, &[&in_clear]).status.code(), Some(0));
}

#[test]
fn a_plain_listener_speaks_http_1_1_alone() {
    let Some(instance) = CURL.then(Instance::new) else {
        return;
    };
    let service = instance.serve();
    let url = format!("{}/health/live", service.base_url);
    assert!(text(&curl(None, &[&url]).stdout).ends_with(" 1.1 200"));
    let output = curl(None, &["--http2-prior-knowledge", &url]);
    assert_ne!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn a_browser_is_told_to_insist_on_tls_for_a_public_name_alone() {
    let Some(instance) = CURL.then(Instance::new) else {
        return;
    };
    let pair = Pair::new(&["localhost", "door.example.com"]);
    let paths = pair.install(&instance);
    let mut settings = settings(&paths).to_vec();
    settings.push(("VESTIBULE_SERVER__BASE_URL", "https://door.example.com"));
    settings.push(("VESTIBULE_LOG__FORMAT", "json"));
    let log = std::fs::File::create(instance.beside("log")).unwrap();
    let mut command = instance.command(&["serve", "--json", "--listen", "127.0.0.1:0"]);
    command.envs(settings);
    let _service = instance.start_with_log(command, log);
    let log = std::fs::read_to_string(instance.beside("log")).unwrap();
    let (_, rest) = log.split_once("127.0.0.1:").unwrap();
    let (port, _) = rest.split_once('"').unwrap();
    let headers = |host: &str| {
        let (name, to) = (host.split(':').next().unwrap(), format!("host: {host}"));
        let resolve = format!("{name}:{port}:127.0.0.1");
        let url = format!("https://{name}:{port}/");
        let arguments = ["--head", "--resolve", &resolve, "--header", &to, &url];
        let output = curl(Some(&paths.0), &arguments);
        let (said, complaint) = (text(&output.stdout), text(&output.stderr));
        assert!(said.ends_with(" 2 200"), "{said} {complaint}");
        said.contains("strict-transport-security: max-age=")
    };
    assert!(headers("door.example.com"));
    assert!(!headers(&format!("localhost:{port}")));
}

#[test]
fn a_renewed_pair_is_taken_up_without_dropping_a_connection() {
    let instance = Instance::new();
    let (service, old) = encrypted(&instance);
    let mut connection = old.connect(service.port()).unwrap();
    let wrong = Pair::new(&["localhost"]);
    let renewed = Pair::new(&["localhost"]);
    // Half of another pair is not taken up.
    std::fs::write(instance.beside("tls.key"), &wrong.key).unwrap();
    for _ in 0..30 {
        connection.get("/health/live").unwrap();
        assert!(old.connect(service.port()).is_ok());
        std::thread::sleep(Duration::from_millis(100));
    }
    renewed.install(&instance);
    let mut attempts = 0;
    while renewed.connect(service.port()).is_err() {
        connection.get("/health/live").unwrap();
        attempts += 1;
        assert!(attempts < 200, "the renewed pair is not taken up");
        std::thread::sleep(Duration::from_millis(50));
    }
    connection.get("/health/live").unwrap();
    assert!(
        old.connect(service.port()).is_err(),
        "the old pair is still shown"
    );
    assert!(service.interrupt().success());
}

#[test]
fn a_pair_that_cannot_be_used_stops_the_start_with_the_reason() {
    let instance = Instance::new();
    let (first, second) = (Pair::new(&["localhost"]), Pair::new(&["localhost"]));
    let paths = first.install(&instance);
    let refused = |because: &str| {
        let mut command = instance.command(&["serve", "--listen", "127.0.0.1:0"]);
        let output = command.envs(settings(&paths)).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(because), "{said}");
        assert!(!instance.data().exists());
    };
    std::fs::write(&paths.1, &second.key).unwrap();
    refused("do not belong together");
    std::fs::write(&paths.1, "no key").unwrap();
    refused("holds no private key");
    std::fs::write(&paths.0, "no certificate").unwrap();
    refused("holds no certificate");
    std::fs::remove_file(&paths.0).unwrap();
    refused("cannot be read");
}

#[test]
fn beyond_loopback_nothing_is_served_in_the_clear() {
    let instance = Instance::new();
    for (listen, settings, because) in [
        ("0.0.0.0:0", &[][..], "server.listen"),
        ("[::]:0", &[], "server.tls_certificate"),
        ("192.0.2.1:6238", &[], "server.trusted_proxies"),
        (
            "0.0.0.0:0",
            &[("VESTIBULE_SERVER__TRUSTED_PROXIES", "192.0.2.7")],
            "server.base_url",
        ),
        (
            "0.0.0.0:0",
            &[
                ("VESTIBULE_SERVER__TRUSTED_PROXIES", "192.0.2.7"),
                ("VESTIBULE_SERVER__BASE_URL", "http://door.example.com"),
            ],
            "server.base_url",
        ),
    ] {
        let mut command = instance.command(&["serve", "--listen", listen]);
        let output = command.envs(settings.iter().copied()).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{listen}: {said}");
        assert!(said.contains(because), "{said}");
        assert!(!instance.data().exists());
    }
}

#[test]
fn the_tests_have_a_client_that_speaks_http_2() {
    let Some(version) = CURL.then(|| output_of("curl", &["--version"])) else {
        return;
    };
    assert!(version.contains("HTTP2"), "{version}");
}
