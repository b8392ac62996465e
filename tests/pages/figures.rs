//! What a page costs whoever opens it for the first time: bytes, the time until something is painted, and that nothing
//! moves afterwards. `TEST_FIGURES=1 cargo test -- pages::figures` prints the table.

use super::fences::PAGES;
use crate::harness::app::App;
use crate::harness::browser::Browser;
use crate::harness::person::PASSWORD;
use crate::harness::visitor::{Visitor, fills_claim, opens_first_door};
use serde_json::{Value, json};
use std::io::Write;

const MEASURE: &str = include_str!("measure.js");
const MOST_BYTES: u64 = 60_000;
/// Less than an eye sees: where a busy machine paints half of a page first, something small may move by a hair.
const MOST_SHIFT: f64 = 0.001;
const LOADS: usize = 5;

struct Figures {
    page: String,
    bytes: u64,
    requests: u64,
    /// Median of the loads, in milliseconds.
    paint: f64,
    problems: Vec<String>,
}

/// Loads the page several times, each as if for the first time, once in a narrow window.
fn measure(browser: &Browser, url: &str, heading: &str) -> Figures {
    let mut paints = Vec::new();
    let mut worst = Figures {
        page: url.split(['#', '?']).next().unwrap().to_owned(),
        bytes: 0,
        requests: 0,
        paint: 0.0,
        problems: Vec::new(),
    };
    for load in 0..LOADS {
        browser.open("about:blank");
        browser.devtools("Network.clearBrowserCache", json!({}));
        let width = if load == 0 { 360 } else { 1200 };
        browser.has_size(width, 800);
        browser.open(url);
        browser.is_at(heading);
        let told = browser.script(MEASURE);
        assert_eq!(told["cached"], json!([]), "{url} did not fetch all anew");
        worst.bytes = worst.bytes.max(told["bytes"].as_u64().unwrap());
        worst.requests = worst.requests.max(told["requests"].as_u64().unwrap());
        paints.push(told["paint"].as_f64().expect("nothing was painted"));
        if told["shift"].as_f64().unwrap() >= MOST_SHIFT {
            worst.problems.push(format!(
                "{width} wide, moved by {}: {}",
                told["shift"], told["moved"]
            ));
        }
    }
    paints.sort_by(f64::total_cmp);
    worst.paint = paints[LOADS / 2];
    if worst.bytes >= MOST_BYTES {
        worst.problems.push(format!("{} bytes", worst.bytes));
    }
    worst
}

#[test]
fn every_page_is_light_and_nothing_in_it_moves() {
    let Some(app) = App::start() else { return };
    let mut all = Vec::new();
    let mut look = |browser: &Browser, path: &str, heading: &str| {
        all.push(measure(browser, &app.url(path), heading));
    };
    let browser = Browser::start();
    let fragment = |link: &str| link.split_once('#').unwrap().1.to_owned();
    let link = fragment(&app.set_up_link());
    look(
        &browser,
        &format!("/setup#{link}"),
        "Create the first administrator",
    );
    fills_claim(&app, &browser);
    browser.is_at("Set up your second factor");
    look(&browser, "/enrol", "Set up your second factor");
    let ada = Visitor::goes_on(browser);
    let grace = Visitor::added(&app, "grace@example.com");
    app.instance.json(&["team", "add", "Engine room"], "");
    app.instance.json(
        &["user", "add", "linus@example.com", "--password-stdin"],
        PASSWORD,
    );
    for (path, heading) in [
        ("/", "Hello, Ada"),
        ("/admin", "Overview"),
        ("/admin/people", "People"),
        ("/admin/person?id=2", "Grace Hopper"),
        ("/admin/teams", "Teams"),
        ("/admin/readiness", "Readiness"),
        ("/admin/audit", "Audit"),
        ("/admin/system", "System"),
        ("/team?id=2", "Engine room"),
        ("/api", "API reference"),
        ("/nothing", "There is nothing at this address"),
    ] {
        look(&ada.browser, path, heading);
    }
    drop(ada);
    grace.signs_out(&app);
    look(&grace.browser, "/sign-in", "Sign in");
    let invitation = app
        .instance
        .json(&["user", "add", "tim@example.com", "--invite"], "");
    let invitation = fragment(invitation["url"].as_str().unwrap());
    look(
        &grace.browser,
        &format!("/invitation#{invitation}"),
        "Welcome",
    );
    let restore = app
        .instance
        .json(&["user", "reset-password", "grace@example.com"], "");
    let restore = fragment(restore["url"].as_str().unwrap());
    look(
        &grace.browser,
        &format!("/restore-password#{restore}"),
        "Choose a new password",
    );
    assert_eq!(all.len(), PAGES.len(), "a page was not looked at");
    print(&all, &app.service().base_url);
    let problems = all.iter().flat_map(|one| {
        one.problems
            .iter()
            .map(move |problem| format!("{}: {problem}", one.page))
    });
    let problems: Vec<String> = problems.collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn print(all: &[Figures], base: &str) {
    if std::env::var_os("TEST_FIGURES").is_none() {
        return;
    }
    let mut out =
        String::from("\n| page | requests | transferred | first paint |\n|---|---|---|---|\n");
    for one in all {
        let page = one.page.strip_prefix(base).unwrap();
        let kilobytes = Value::from(one.bytes / 100).as_f64().unwrap() / 10.0;
        out += &format!(
            "| `{page}` | {} | {kilobytes:.1} kB | {:.0} ms |\n",
            one.requests, one.paint
        );
    }
    std::io::stdout().write_all(out.as_bytes()).unwrap();
}

/// The measure can tell: what moves is seen to move.
#[test]
fn what_moves_is_seen() {
    let Some(app) = App::start() else { return };
    app.instance.json(
        &["user", "add", "grace@example.com", "--password-stdin"],
        PASSWORD,
    );
    let browser = Browser::start();
    opens_first_door(&app, &browser, "grace@example.com");
    browser.is_at("Hello, grace");
    let calm = browser.script(MEASURE);
    assert_eq!(calm["shift"], 0, "{calm}");
    browser.script("document.querySelector('main').style.paddingTop = '200px'");
    browser.wait_for("shift", || {
        (browser.script(MEASURE)["shift"].as_f64()? > 0.01).then_some(())
    });
}
