//! Pictures of the main pages, light and dark. `TEST_SCREENSHOTS=1 cargo test -- pages::screenshots` puts them where the
//! README shows them; otherwise they are made and looked at only.

use super::tour;
use crate::harness::app::App;
use crate::harness::browser::Browser;
use std::collections::BTreeSet;
use std::path::Path;

const SIZE: (u32, u32) = (1200, 800);
/// Stops of the tour and the names of their pictures.
const SHOWN: &[(&str, &str)] = &[
    ("set-up", "set-up"),
    ("enrolment", "enrolment"),
    ("enrolment, recovery codes", "recovery-codes"),
    ("code", "code"),
    ("account, of a user", "account"),
    ("overview", "overview"),
    ("person", "person"),
    ("readiness, what if", "readiness"),
    ("account, acting as", "acting-as"),
];

/// Takes the picture and looks at it; how bright it is on the whole, from 0 to 255.
fn picture(browser: &Browser, file: &Path) -> u64 {
    let bytes = browser.picture();
    std::fs::write(file, &bytes).unwrap();
    let drawn = image::load_from_memory(&bytes).unwrap().to_luma8();
    assert_eq!(drawn.dimensions(), SIZE, "{}", file.display());
    let shades: BTreeSet<u8> = drawn.pixels().map(|pixel| pixel.0[0]).collect();
    assert!(shades.len() > 40, "{} is empty", file.display());
    let sum: u64 = drawn.pixels().map(|pixel| u64::from(pixel.0[0])).sum();
    sum / u64::from(SIZE.0 * SIZE.1)
}

#[test]
fn the_main_pages_are_drawn_light_and_dark() {
    let Some(app) = App::start() else { return };
    let aside = tempfile::tempdir().unwrap();
    let asked = std::env::var("TEST_SCREENSHOTS").unwrap_or_default();
    let folder = match asked.as_str() {
        "" => aside.path().to_owned(),
        "all" => std::env::temp_dir().join("vestibule-screenshots"),
        _ => Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("packaging/screenshots"),
    };
    std::fs::create_dir_all(&folder).unwrap();
    let mut left: BTreeSet<&str> = SHOWN.iter().map(|(stop, _)| *stop).collect();
    tour::walk(app, &mut |browser, stop| {
        let shown = SHOWN.iter().find(|(name, _)| *name == stop);
        let name = match shown {
            Some((_, name)) => (*name).to_owned(),
            None if asked == "all" => stop.replace(|c: char| !c.is_alphanumeric(), "-"),
            None => return,
        };
        left.remove(stop);
        browser.has_size(SIZE.0, SIZE.1);
        let [light, dark] = ["light", "dark"].map(|scheme| {
            browser.prefers(scheme);
            picture(browser, &folder.join(format!("{name}-{scheme}.png")))
        });
        assert!(light > dark + 60, "{name}: {light} light, {dark} dark");
        browser.prefers("light");
    });
    assert!(left.is_empty(), "not shown: {left:?}");
}
