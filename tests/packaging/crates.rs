//! What the program is built from, on every system, and what builds and tests it: under which licences, from where, and
//! what is there in two versions. Security advisories are not looked up here: their list lies on the network.

use crate::harness::binary::text;
use crate::harness::tools;
use serde_json::Value;
use spdx::{Expression, ParseMode};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Licences that let the program be given away under its own two.
const LICENCES: [&str; 8] = [
    "Apache-2.0",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The one place that crates come from.
const SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Crates that stand on older versions of others, and why that is borne: what comes by no other way may be there twice.
const BEHIND: [(&str, &str); 9] = [
    (
        "asn1-rs-derive",
        "below x509-parser, and runs at build time",
    ),
    ("bit-set", "below proptest, in tests alone"),
    ("headers", "below warp: an older base64 and sha1"),
    ("jsonwebtoken", "cryptography of the generation before ours"),
    ("png", "below image: an older miniz_oxide"),
    ("postcard", "older embedded-io, a few traits"),
    ("ring", "below rustls: older getrandom and windows-sys"),
    ("syn", "each macro chooses its own, and runs at build time"),
    ("winit", "on Windows and macOS alone"),
];

/// All crates by their ids, as cargo tells of them.
struct Crates {
    all: BTreeMap<String, Value>,
    needs: BTreeMap<String, Vec<String>>,
    root: String,
}

impl Crates {
    /// `None` where the crates of other systems were never fetched.
    fn read() -> Option<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version=1", "--locked", "--offline"])
            .output()
            .unwrap();
        tools::require(output.status.success(), "what `cargo fetch` brings")?;
        let told: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        let id = |value: &Value| value.as_str().unwrap().to_owned();
        let list = |value: &Value| value.as_array().unwrap().clone();
        let needs = list(&told["resolve"]["nodes"]).into_iter().map(|node| {
            let below = list(&node["deps"]);
            let below = below.iter().map(|one| id(&one["pkg"])).collect();
            (id(&node["id"]), below)
        });
        let all = list(&told["packages"]).into_iter();
        Some(Self {
            all: all.map(|one| (id(&one["id"]), one)).collect(),
            needs: needs.collect(),
            root: id(&told["resolve"]["root"]),
        })
    }

    fn name(&self, id: &str) -> &str {
        self.all[id]["name"].as_str().unwrap()
    }

    /// Which crates come in several versions, when those named are left out with what they alone bring.
    fn several(&self, without: &[&str]) -> BTreeSet<String> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![self.root.as_str()]);
        let (mut names, mut several) = (BTreeSet::new(), BTreeSet::new());
        while let Some(id) = open.pop() {
            if without.contains(&self.name(id)) || !seen.insert(id) {
                continue;
            }
            if !names.insert(self.name(id)) {
                several.insert(self.name(id).to_owned());
            }
            open.extend(self.needs[id].iter().map(String::as_str));
        }
        several
    }
}

/// Whether one may take the crate under licences of the list alone.
fn is_allowed(licence: &str) -> bool {
    // Older crates write a stroke for "or".
    let expression = Expression::parse_mode(licence, ParseMode::LAX);
    expression.is_ok_and(|expression| {
        expression.evaluate(|needed| {
            let name = needed.license.to_string();
            needed.addition.is_none() && LICENCES.contains(&name.as_str())
        })
    })
}

#[test]
fn every_crate_may_be_given_away_with_the_program_and_comes_from_the_registry() {
    let Some(crates) = Crates::read() else { return };
    assert!(crates.all.len() > 100);
    let mut found = Vec::new();
    for (id, one) in &crates.all {
        let licence = one["license"].as_str().unwrap_or("none");
        if !is_allowed(licence) {
            found.push(format!("{id}: licence {licence}"));
        }
        if *id != crates.root && one["source"] != SOURCE {
            found.push(format!("{id}: source {}", one["source"]));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_comes_in_two_versions_is_explained() {
    let Some(crates) = Crates::read() else { return };
    let behind = BEHIND.map(|(name, _)| name);
    let several = crates.several(&behind);
    assert!(several.is_empty(), "in several versions: {several:?}");
    // An explanation that nothing needs any more has to go.
    for name in behind {
        let others: Vec<&str> = behind.into_iter().filter(|one| *one != name).collect();
        assert!(
            !crates.several(&others).is_empty(),
            "{name} explains nothing"
        );
    }
}

#[test]
fn a_licence_that_asks_for_more_is_found() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR GPL-2.0-only) AND ISC",
    ] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "AGPL-3.0-or-later",
        "none",
        "",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(!is_allowed(bad), "{bad}");
    }
}
