//! The layers that are made of strings: the environment and the flags.
//!
//! Invariant: a string becomes the type of its key or is refused; nothing is guessed from how it looks.

use super::catalogue::Catalogue;
use super::entry::{Entry, Kind, Setting, Spelling, VARIABLE_PREFIX};
use super::error::Error;
use super::layer::{Layer, unknown};

/// Names the instance, not a setting, and is read before any configuration is.
const DATA_DIR_VARIABLE: &str = "VESTIBULE_DATA_DIR";

impl Layer {
    /// The variables named `VESTIBULE_SECTION__KEY`; others are not ours. Names may be in any case, as on Windows.
    pub(super) fn from_environment(
        variables: &[(String, String)],
        catalogue: &Catalogue,
    ) -> Result<Self, Error> {
        let mut entries = Vec::new();
        for (name, value) in variables {
            let upper = name.to_ascii_uppercase();
            let Some(key) = upper.strip_prefix(VARIABLE_PREFIX) else {
                continue;
            };
            if upper != DATA_DIR_VARIABLE {
                let key = key.to_ascii_lowercase().replace("__", ".");
                let origin = format!("environment {name}");
                entries.push(entry(key, value, origin, Spelling::Environment, catalogue)?);
            }
        }
        Ok(Self { entries })
    }

    /// Flags, given as the key each stands for and its value.
    pub(super) fn from_flags(
        flags: &[(String, String)],
        catalogue: &Catalogue,
    ) -> Result<Self, Error> {
        let mut entries = Vec::new();
        for (key, value) in flags {
            let origin = format!("flag {}", Spelling::Flag.of(key));
            entries.push(entry(
                key.clone(),
                value,
                origin,
                Spelling::Flag,
                catalogue,
            )?);
        }
        Ok(Self { entries })
    }
}

/// A value from the environment or a flag, which are all text, read as the type of its key.
fn entry(
    key: String,
    value: &str,
    origin: String,
    spelling: Spelling,
    catalogue: &Catalogue,
) -> Result<Entry, Error> {
    let setting = match catalogue.kind(&key) {
        None => return Err(unknown(&key, &origin, spelling, catalogue)),
        Some(Kind::Text) => Setting::Text(value.into()),
        Some(Kind::List) if value.trim().is_empty() => Setting::List(Vec::new()),
        Some(Kind::List) => {
            Setting::List(value.split(',').map(|item| item.trim().into()).collect())
        }
        Some(Kind::Whole) => match value.trim().parse() {
            Ok(number) => Setting::Whole(number),
            Err(_) => {
                return Err(Error::Invalid {
                    key,
                    layer: origin,
                    found: format!("{value:?}"),
                    expected: "a whole number".into(),
                });
            }
        },
    };
    Ok(Entry {
        key,
        setting,
        origin,
        spelling,
    })
}

#[cfg(test)]
mod tests {
    use super::super::built_in::built_in;
    use super::*;

    fn variable(name: &str, value: &str) -> String {
        let (_, catalogue) = built_in().unwrap();
        match Layer::from_environment(&[(name.into(), value.into())], &catalogue) {
            Ok(layer) => format!("{} keys", layer.entries.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn variables_are_read_as_the_type_of_the_key() {
        assert_eq!(variable("VESTIBULE_TOTP__DIGITS", "8"), "1 keys");
        assert_eq!(
            variable("VESTIBULE_SERVER__HOSTS", "a.example, b.example"),
            "1 keys"
        );
        for value in ["yes", "6.4", "", "six"] {
            assert_eq!(
                variable("VESTIBULE_TOTP__DIGITS", value),
                format!(
                    "`totp.digits` (environment VESTIBULE_TOTP__DIGITS) is {value:?}, but it must be a whole number"
                )
            );
        }
    }

    #[test]
    fn variables_of_others_are_left_alone_and_misspelt_ones_are_not() {
        assert_eq!(variable("PATH", "/bin"), "0 keys");
        assert_eq!(variable("VESTIBULES", "2"), "0 keys");
        assert_eq!(variable("VESTIBULE_DATA_DIR", "/srv"), "0 keys");
        assert_eq!(variable("vestibule_data_dir", "/srv"), "0 keys");
        assert_eq!(variable("VESTIBULE_STORE__DATA_DIR", "/srv"), "1 keys");
        assert_eq!(
            variable("VESTIBULE_TOTP_DIGITS", "6"),
            "`totp_digits` (environment VESTIBULE_TOTP_DIGITS) is unknown; did you mean `VESTIBULE_TOTP__DIGITS`?"
        );
        assert!(variable("VESTIBULE_TOTP", "6").contains("is unknown"));
        assert!(variable("VESTIBULE_A__B__C", "6").contains("is unknown"));
        assert!(variable("VESTIBULE_", "6").contains("is unknown"));
    }

    #[test]
    fn flags_are_read_as_the_type_of_the_key() {
        let (_, catalogue) = built_in().unwrap();
        let flag = |key: &str, value: &str| {
            Layer::from_flags(&[(key.into(), value.into())], &catalogue)
                .map(|layer| layer.entries[0].origin.clone())
                .map_err(|error| error.to_string())
        };
        assert_eq!(flag("server.listen", "x"), Ok("flag --listen".into()));
        assert_eq!(flag("store.data_dir", "x"), Ok("flag --data-dir".into()));
        assert_eq!(
            flag("server.connections", "many"),
            Err("`server.connections` (flag --connections) is \"many\", but it must be a whole number".into())
        );
        assert!(
            flag("server.lisen", "x")
                .unwrap_err()
                .contains("`--listen`")
        );
    }
}
