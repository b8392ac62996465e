//! What stands around the pages: their headers, what an injected text could do, and what a page of another origin in the
//! same browser could.

use crate::harness::app::App;
use crate::harness::binary::Service;
use crate::harness::browser::Browser;
use crate::harness::http::{Answer, GUARDS};
use crate::harness::person::PASSWORD;
use crate::harness::stranger::Stranger;
use crate::harness::visitor::{Visitor, token};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every page, and one where there is none.
pub const PAGES: [&str; 16] = [
    "/",
    "/setup",
    "/enrol",
    "/sign-in",
    "/invitation",
    "/restore-password",
    "/team",
    "/admin",
    "/admin/people",
    "/admin/person",
    "/admin/teams",
    "/admin/readiness",
    "/admin/audit",
    "/admin/system",
    "/api",
    "/nothing",
];

fn ask(service: &Service, path: &str) -> Answer {
    let host = format!("localhost:{}", service.port());
    let headers = [("host", host.as_str()), ("accept", "text/html")];
    service.http.send_raw("GET", path, "", &headers, Vec::new())
}

#[track_caller]
fn is_hardened(path: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap();
    let rules: BTreeSet<&str> = policy.split(';').map(str::trim).collect();
    let wanted = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ];
    assert_eq!(rules, BTreeSet::from(wanted), "{path}");
    for (name, value) in GUARDS {
        assert_eq!(answer.header(name), Some(value), "{path}");
    }
    for name in answer.headers.keys().map(ureq::http::HeaderName::as_str) {
        assert!(
            name != "set-cookie" && !name.starts_with("access-control-"),
            "{path}: {name}"
        );
    }
}

/// The names of all bundled files, each with its folder.
fn assets() -> Vec<String> {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let within = |folder: &str| -> Vec<String> {
        let files = std::fs::read_dir(format!("{root}/assets/{folder}")).unwrap();
        let name = |file: std::io::Result<std::fs::DirEntry>| file.unwrap().file_name();
        files
            .map(|file| name(file).into_string().unwrap())
            .collect()
    };
    let of = |folder: &String| -> Vec<String> {
        let names = within(folder).into_iter();
        names.map(|name| format!("{folder}/{name}")).collect()
    };
    within("").iter().flat_map(of).collect()
}

#[test]
fn every_page_is_sent_with_the_headers_of_the_fence() {
    let names = assets();
    let count = names.iter().filter(|name| name.ends_with(".html")).count();
    assert_eq!(count, PAGES.len(), "a page is not in the list");
    let Some(app) = App::start() else { return };
    for path in PAGES {
        let status = if path == "/nothing" { 404 } else { 200 };
        let answer = ask(app.service(), path).expect(status);
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
        is_hardened(path, &answer);
    }
    for name in &names {
        is_hardened(name, &ask(app.service(), &format!("/assets/{name}")));
    }
    for path in ["/auth/me", "/health/live", "/2fa/status", "/users"] {
        let answer = app.service().http.get(path, "");
        is_hardened(path, &answer);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn what_is_injected_into_a_page_does_not_run() {
    let Some(app) = App::start() else { return };
    let elsewhere = Stranger::serve("read", "Access-Control-Allow-Origin: *\r\n");
    let browser = Browser::start();
    browser.open(&app.url("/sign-in"));
    browser.is_at("Sign in");
    let attempts = [
        "document.body.innerHTML += '<img src=x onerror=window.ran=1>'",
        "const node = document.createElement('script'); node.textContent = 'window.ran = 1'; document.body.append(node)",
        "const node = document.createElement('script'); node.src = 'data:text/javascript,window.ran=1'; document.body.append(node)",
        "const node = document.createElement('p'); node.setAttribute('onclick', 'window.ran = 1'); node.click()",
        "const node = document.createElement('a'); node.href = 'javascript:window.ran=1'; document.body.append(node); node.click()",
        "setTimeout('window.ran = 1', 0)",
    ];
    let runs = |attempt: &str| {
        let wait = "return new Promise((done) => setTimeout(() => done('ran' in window), 50))";
        let code = format!("delete window.ran; try {{ {attempt} }} catch {{}} {wait}");
        browser.script(&code) == true
    };
    for attempt in attempts {
        assert!(!runs(attempt), "{attempt}");
    }
    let send = format!(
        "return fetch('{}').then(() => 'sent', () => 'held back')",
        elsewhere.url()
    );
    assert_eq!(browser.script(&send), "held back");
    // Where nothing forbids it, all of that goes through.
    browser.open(&elsewhere.url());
    assert_eq!(browser.script(&send), "sent");
    for attempt in attempts {
        browser.wait_for(attempt, || runs(attempt).then_some(()));
    }
}

/// What an attack must not touch.
fn state(service: &Service, token: &str) -> [Value; 3] {
    ["/audit/head", "/users", "/teams"].map(|path| service.http.get(path, token).expect(200).json)
}

#[test]
fn a_page_of_another_port_reads_and_changes_nothing() {
    let Some(app) = App::start() else { return };
    let ada = Visitor::administrator(&app);
    let browser = &ada.browser;
    let token = token(browser);
    let before = state(app.service(), &token);
    let victim = browser.tab();
    let page = "<body><button onclick=\"window.other = window.open(location.hash.slice(1))\">Open</button></body>";
    let stranger = Stranger::serve(page, "");
    browser.opens_tab();
    browser.open(&format!("{}/#{}", stranger.url(), app.url("/")));
    let body = json!({ "email": ada.email, "password": PASSWORD, "code": "000000", "token": "x" })
        .to_string();
    let successes = attack(browser, &app.service().base_url, &body);
    assert!(successes.is_empty(), "{successes:?}");
    // The same attack takes what lies open.
    let open = Stranger::serve("read", "Access-Control-Allow-Origin: *\r\n");
    let successes = attack(browser, &open.url(), &body);
    assert!(successes.len() > 15, "{successes:?}");

    is_in_no_frame(&app, browser);
    sends_no_form(&app, browser, &ada.email);
    opens_only_a_stranger(browser);

    browser.goes_to_tab(&victim);
    browser.open(&app.url("/"));
    browser.is_at("Hello, Ada");
    assert_eq!(state(app.service(), &token), before);
}

/// What the hostile page got.
fn attack(browser: &Browser, base: &str, body: &str) -> Vec<Value> {
    let attack = include_str!("hostile.js").replace("] = arguments", "] = given");
    let code = format!("const given = [...arguments]; return (async () => {{ {attack} }})()");
    let got = browser.driver.script(&code, &[base.into(), body.into()]);
    let got = got.unwrap().as_array().unwrap().clone();
    assert!(got.len() > 40, "{got:?}");
    let is_success = |line: &Value| !line.as_str().unwrap().ends_with(": nothing");
    got.into_iter().filter(is_success).collect()
}

fn is_in_no_frame(app: &App, browser: &Browser) {
    let code = format!(
        "const frame = document.createElement('iframe'); frame.src = '{}';
        return new Promise((done) => {{ frame.onload = () => done(frame); document.body.append(frame); }})",
        app.url("/")
    );
    let frame = browser.script(&code);
    browser
        .driver
        .post("/frame", &json!({ "id": frame }))
        .unwrap();
    let shown = browser.script("return location.href");
    assert_eq!(shown, "chrome-error://chromewebdata/");
    browser
        .driver
        .post("/frame", &json!({ "id": null }))
        .unwrap();
}

/// A form needs no permission to be sent; what it brings back is shown, and is a refusal.
fn sends_no_form(app: &App, browser: &Browser, email: &str) {
    let back = browser.address();
    let code = "const [url, email, password] = arguments;
        const form = Object.assign(document.createElement('form'), { method: 'post', action: url, enctype: 'text/plain' });
        const field = document.createElement('input');
        field.name = `{\"email\":\"${email}\",\"password\":\"${password}\",\"x\":\"`;
        field.value = '\"}';
        form.append(field);
        document.body.append(form);
        form.submit();";
    let arguments = [
        app.url("/auth/sign-in"),
        email.to_owned(),
        PASSWORD.to_owned(),
    ];
    browser
        .driver
        .script(code, &arguments.map(Value::from))
        .unwrap();
    browser.sees("ORIGIN_REFUSED");
    browser.open(&back);
}

/// The page opens, and neither of the two windows has a hold of the other.
fn opens_only_a_stranger(browser: &Browser) {
    let tabs = || {
        let all = browser.driver.get("/window/handles").unwrap();
        all.as_array().unwrap().clone()
    };
    let known = tabs();
    browser.press("Open");
    let opened = browser.wait_for("new window", || {
        tabs().into_iter().find(|tab| !known.contains(tab))
    });
    browser.wait_for("end of the hold", || {
        (browser.script("return window.other.closed") == true).then_some(())
    });
    browser.goes_to_tab(opened.as_str().unwrap());
    browser.wait_for("page of the service", || {
        (browser.script("return location.pathname") != "blank").then_some(())
    });
    assert_eq!(browser.script("return window.opener"), Value::Null);
}
