//! What the scripts ask the API for, send it and read of its answers is what the document of the API tells of: a type
//! checker reads both.

use super::declarations::declarations;
use crate::harness::Server;
use crate::harness::tools::{TYPESCRIPT, path_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a value may be anything: elements, what only passes through, and the reference, which reads any document.
const ANYTHING: [&str; 4] = [
    "base/session.js",
    "base/ui.js",
    "pages/reference.js",
    "parts/dialogs.js",
];
/// Codes that no answer has: of a request that had none, and of a tab that is back with its own session.
const OWN_CODES: [&str; 3] = ["IMPERSONATION_ENDED", "NETWORK", "UNREADABLE"];

/// Methods of more than four letters, which would pass for codes.
const METHODS: [&str; 2] = ["DELETE", "PATCH"];

fn document() -> Value {
    let server = Server::start();
    server.http.get("/openapi.json", "").expect(200).json
}

/// The name of every script with its text.
fn scripts() -> Vec<(String, String)> {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let root = Path::new(&root).join("assets");
    let mut scripts = Vec::new();
    for folder in ["base", "parts", "pages"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap() {
            let file = file.unwrap();
            let name = format!("{folder}/{}", file.file_name().to_string_lossy());
            if name.ends_with(".js") {
                scripts.push((name, std::fs::read_to_string(file.path()).unwrap()));
            }
        }
    }
    assert!(scripts.len() > 30, "{} scripts", scripts.len());
    scripts
}

/// What the checker finds wrong with the scripts by the document; `None` where there is no checker.
fn findings(scripts: &[(String, String)], document: &Value) -> Option<Vec<String>> {
    let checker = TYPESCRIPT.then(|| path_of("typescript"))?;
    let folder = tempfile::tempdir().unwrap();
    let within = |name: &str| folder.path().join(name);
    for (name, text) in scripts {
        std::fs::create_dir_all(within(name).parent().unwrap()).unwrap();
        std::fs::write(within(name), text).unwrap();
    }
    std::fs::write(within("api.d.ts"), declarations(document)).unwrap();
    let options = json!({
        "allowJs": true,
        "checkJs": true,
        "noEmit": true,
        "strict": true,
        // An element that a page must have is not asked for; what may be absent of an answer is in its schema.
        "strictNullChecks": false,
        // What is caught is an `ApiError` or a mistake of our own, and read as the former.
        "useUnknownInCatchVariables": false,
        "noUnusedLocals": true,
        "noUnusedParameters": true,
        "target": "esnext",
        "module": "esnext",
        "moduleResolution": "bundler",
        "lib": ["esnext", "dom", "dom.iterable"],
        "types": [],
    });
    let project = json!({ "compilerOptions": options, "include": ["**/*"] });
    std::fs::write(within("tsconfig.json"), project.to_string()).unwrap();
    Some(run(&checker, folder.path()))
}

fn run(checker: &PathBuf, folder: &Path) -> Vec<String> {
    let output = Command::new(checker)
        .args(["--pretty", "false", "--project", "."])
        .current_dir(folder)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let is_finding = |line: &&str| line.contains(": error TS");
    let found: Vec<String> = told.lines().filter(is_finding).map(str::to_owned).collect();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), found.is_empty(), "{told}{errors}");
    found
}

#[test]
fn the_scripts_know_the_api_as_its_document_tells_of_it() {
    if let Some(found) = findings(&scripts(), &document()) {
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

/// The control: slips on either side are found, each where it is.
#[test]
fn slips_in_scripts_and_in_the_document_are_found() {
    let document = document();
    let slips = [
        (
            "parts/directory.js",
            "person.recoveryCodesLeft <= 3",
            "person.recoveryCodeLeft <= 3",
        ),
        (
            "pages/people.js",
            "cursor = page.nextCursor",
            "cursor = page.next",
        ),
        (
            "pages/account-impersonation.js",
            "const { impersonations }",
            "const { impersonation }",
        ),
        (
            "pages/account-acts.js",
            "{ firstName: value(",
            "{ forename: value(",
        ),
        ("pages/enrol.js", "/2fa/generate-qr", "/2fa/generateQr"),
        ("base/api.js", "refusal.description", "refusal.details"),
        (
            "pages/person.js",
            "\nlet person",
            "\nexport const first = (person) => person.name; let person",
        ),
    ];
    let mut spoilt = scripts();
    let mut wanted = Vec::new();
    for (file, right, wrong) in slips {
        let (_, text) = spoilt.iter_mut().find(|(name, _)| name == file).unwrap();
        let (before, _) = text
            .split_once(right)
            .unwrap_or_else(|| panic!("{file}: {right}"));
        let line = before.lines().count() + usize::from(right.starts_with('\n'));
        wanted.push(format!("{file}({line},"));
        *text = text.replacen(right, wrong, 1);
    }
    are_found(findings(&spoilt, &document), &wanted);

    let mut told = document.to_string();
    let mut wanted = Vec::new();
    for (right, wrong, file) in [
        ("\"graceUntil\"", "\"graceEnds\"", "pages/readiness.js"),
        ("\"qrCode\"", "\"picture\"", "pages/enrol.js"),
        (
            "\"currentPassword\"",
            "\"oldPassword\"",
            "pages/account-acts.js",
        ),
        ("\"/sign-ins\"", "\"/pauses\"", "pages/system.js"),
    ] {
        assert!(told.contains(right), "the document has no {right}");
        told = told.replace(right, wrong);
        wanted.push(format!("{file}("));
    }
    let other = serde_json::from_str(&told).unwrap();
    are_found(findings(&scripts(), &other), &wanted);
}

#[track_caller]
fn are_found(found: Option<Vec<String>>, wanted: &[String]) {
    let Some(found) = found else {
        return;
    };
    for place in wanted {
        let named = found.iter().any(|line| line.starts_with(place.as_str()));
        assert!(named, "nothing at {place}: {found:#?}");
    }
}

/// What is caught has no type, but the same few fields everywhere.
#[test]
fn what_is_read_of_a_refusal_is_there() {
    let fields = [
        "code",
        "description",
        "message",
        "name",
        "retryAfter",
        "status",
    ];
    let mut seen = 0;
    for (file, text) in scripts() {
        for rest in text.split("error.").skip(1) {
            let ends = |c: char| !c.is_ascii_alphanumeric();
            let field = rest.split(ends).next().unwrap();
            assert!(fields.contains(&field), "{file}: error.{field}");
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} reads were found");
}

/// A value of the type `any` is not checked.
#[test]
fn answers_are_never_just_anything() {
    let mut told = 0;
    let mut anything = BTreeSet::new();
    for (name, text) in scripts() {
        for one in types(&text) {
            told += 1;
            let mut words = one.split(|c: char| !c.is_alphanumeric());
            if words.any(|word| ["any", "Object", "Function"].contains(&word)) {
                anything.insert(name.clone());
            }
        }
        assert!(!text.contains("@ts-"), "{name} is not checked in whole");
    }
    assert!(told > 100, "only {told} types were found");
    assert_eq!(anything, ANYTHING.map(str::to_owned).into());
}

/// The types that a script's comments give, each with what stands between its braces.
fn types(script: &str) -> Vec<String> {
    let comments = script.split("/**").skip(1);
    let comments = comments.filter_map(|rest| rest.split("*/").next());
    let mut types = Vec::new();
    for comment in comments.filter(|comment| comment.contains('@')) {
        let mut depth = 0;
        let mut one = String::new();
        for c in comment.chars() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth > 0 {
                one.push(c);
            } else if !one.is_empty() {
                types.push(std::mem::take(&mut one));
            }
        }
    }
    types
}

#[test]
fn every_code_that_a_script_goes_by_can_come() {
    let document = document();
    let codes = &document["components"]["schemas"]["Error"]["properties"]["code"]["enum"];
    let codes = codes.as_array().unwrap().iter().filter_map(Value::as_str);
    let codes: BTreeSet<&str> = codes.chain(OWN_CODES).collect();
    let mut seen = 0;
    for (name, text) in scripts() {
        for code in text.split('\'') {
            let is_code = code.len() > 4
                && code.starts_with(|c: char| c.is_ascii_uppercase())
                && code.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                && !METHODS.contains(&code);
            assert!(!is_code || codes.contains(code), "{name}: {code}");
            seen += usize::from(is_code);
        }
    }
    assert!(seen > 15, "only {seen} codes were found");
}
