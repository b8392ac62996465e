//! The lowest layer: the documented `config.toml`, embedded. All keys and their types are read from it.

use super::catalogue::Catalogue;
use super::error::Error;
use super::layer::Layer;

/// The documented defaults.
pub(super) const BUILT_IN: &str = include_str!("../../config.toml");

/// The name of the layer that holds [`BUILT_IN`].
pub(super) const BUILT_IN_LAYER: &str = "built-in";

/// The built-in layer and the catalogue it spells out.
///
/// # Errors
/// Only if the embedded file is broken, which a test rules out.
pub(super) fn built_in() -> Result<(Layer, Catalogue), Error> {
    let layer = Layer::from_toml(BUILT_IN, BUILT_IN_LAYER)?;
    let catalogue = Catalogue::of(&layer.entries);
    layer.check(&catalogue)?;
    Ok((layer, catalogue))
}

#[cfg(test)]
mod tests {
    use super::super::entry::Kind;
    use super::super::raw::Raw;
    use super::*;

    #[test]
    fn the_mirror_has_exactly_the_keys_of_config_toml() {
        toml::from_str::<Raw>(BUILT_IN).unwrap();
        let without_one_key = BUILT_IN.replace("\ndigits = 6\n", "\n");
        assert!(toml::from_str::<Raw>(&without_one_key).is_err());
        let with_one_more = format!("{BUILT_IN}\ncolour = 1\n");
        assert!(toml::from_str::<Raw>(&with_one_more).is_err());
    }

    #[test]
    fn the_catalogue_keeps_the_order_of_the_file() {
        let (_, catalogue) = built_in().unwrap();
        let expected = [
            "server", "store", "totp", "policy", "session", "password", "audit", "log", "tray",
        ];
        assert_eq!(catalogue.sections(), expected);
        assert_eq!(catalogue.keys().next(), Some("server.listen"));
        assert_eq!(catalogue.keys().last(), Some("tray.notifications"));
        assert_eq!(catalogue.kind("server.hosts"), Some(Kind::List));
        assert_eq!(catalogue.kind("totp.digits"), Some(Kind::Whole));
        assert_eq!(catalogue.kind("totp.issuer"), Some(Kind::Text));
        assert_eq!(catalogue.kind("totp"), None);
    }

    #[test]
    fn every_key_is_documented_with_its_reason_unit_and_default() {
        let lines: Vec<&str> = BUILT_IN.lines().collect();
        let mut documented = 0;
        for (number, line) in lines.iter().enumerate() {
            let Some((key, value)) = line.split_once(" = ") else {
                continue;
            };
            if line.starts_with('#') {
                continue;
            }
            let comment: Vec<&str> = lines[..number]
                .iter()
                .rev()
                .take_while(|line| line.starts_with('#'))
                .copied()
                .collect();
            assert!(comment.len() >= 3, "`{key}` says too little");
            let unit_and_default = comment[0];
            assert!(
                unit_and_default.starts_with("# Unit: "),
                "`{key}` names no unit"
            );
            assert!(
                unit_and_default.ends_with(&format!(" Default: {value}.")),
                "`{key}` does not tell its default, {value}"
            );
            assert!(
                comment.iter().any(|line| line.starts_with("# Why: ")),
                "`{key}` gives no reason"
            );
            let what = comment[comment.len() - 1];
            assert!(
                !what.starts_with("# Why: ") && !what.starts_with("# Unit: "),
                "`{key}` does not say what it is"
            );
            documented += 1;
        }
        let (_, catalogue) = built_in().unwrap();
        assert_eq!(documented, catalogue.keys().count());
    }
}
