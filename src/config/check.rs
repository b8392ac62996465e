//! Merged values against their ranges: from [`Raw`] to [`Config`].
//!
//! Invariant: a `Config` that comes out of here is right as a whole, and a value that is refused is refused with the name
//! of the layer that set it.

use std::path::PathBuf;

use crate::domain::jwt::SigningAlgorithm;
use crate::domain::password::Rules;
use crate::domain::session::Lifetimes;
use crate::domain::totp::{Algorithm, Parameters, Window};

use super::built_in::BUILT_IN_LAYER;
use super::error::Error;
use super::origins::Origins;
use super::policy;
use super::raw::{self, Raw};
use super::server;
use super::settings::{Audit, Config, Format, Level, Log, Session, Store, Totp, Tray};

const BYTES_PER_MEBIBYTE: usize = 1024 * 1024;
const SECONDS_PER_MINUTE: u64 = 60;
const SECONDS_PER_HOUR: u64 = 60 * SECONDS_PER_MINUTE;
const SECONDS_PER_DAY: u64 = 24 * SECONDS_PER_HOUR;

/// What `session.profile = "strict"` puts in place of the built-in hours and days.
const STRICT_REFRESH_IDLE_HOURS: i64 = 1;
const STRICT_REFRESH_ABSOLUTE_DAYS: i64 = 1;
const STRICT_LAYER: &str = "session.profile = \"strict\"";

/// Checks every value, and works out those that follow from others.
pub(super) fn check(raw: Raw, origins: &mut Origins) -> Result<Config, Error> {
    Ok(Config {
        server: server::server(raw.server, origins)?,
        store: store(&raw.store, origins)?,
        totp: totp(raw.totp, origins)?,
        policy: policy::check(&raw.policy, origins)?,
        session: session(&raw.session, origins)?,
        password: Rules {
            min_length: origins.whole("password.min_length", raw.password.min_length, 8..=64)?,
            min_strength: origins.whole(
                "password.min_strength",
                raw.password.min_strength,
                0..=4,
            )?,
        },
        audit: Audit {
            keep_months: origins.whole("audit.keep_months", raw.audit.keep_months, 1..=120)?,
        },
        log: log(&raw.log, origins)?,
        tray: tray(&raw.tray, origins)?,
    })
}

fn tray(raw: &raw::Tray, origins: &Origins) -> Result<Tray, Error> {
    let switch = |key, value: &str| origins.choice(key, value, &[("off", false), ("on", true)]);
    Ok(Tray {
        enabled: switch("tray.enabled", &raw.enabled)?,
        notifications: switch("tray.notifications", &raw.notifications)?,
    })
}

fn store(raw: &raw::Store, origins: &Origins) -> Result<Store, Error> {
    // No shell stands between a file and us: a folder called `~` would be made, and a new, empty instance in it.
    if raw.data_dir.starts_with('~') {
        let expected = "a path without ~, which only a shell understands";
        return Err(origins.refuse_text("store.data_dir", &raw.data_dir, expected));
    }
    let data_dir = (!raw.data_dir.is_empty()).then(|| PathBuf::from(&raw.data_dir));
    let mebibytes: usize = origins.whole("store.cache_mebibytes", raw.cache_mebibytes, 4..=1024)?;
    Ok(Store {
        data_dir,
        cache_bytes: mebibytes * BYTES_PER_MEBIBYTE,
    })
}

fn totp(raw: raw::Totp, origins: &Origins) -> Result<Totp, Error> {
    let length_fits = (1..=64).contains(&raw.issuer.chars().count());
    let forbidden = |character: char| character == ':' || character.is_control();
    if !length_fits || raw.issuer.trim().is_empty() || raw.issuer.contains(forbidden) {
        let expected = "a name of 1 to 64 characters, without colons and control characters";
        return Err(origins.refuse_text("totp.issuer", &raw.issuer, expected));
    }
    let algorithms = [
        ("SHA1", Algorithm::Sha1),
        ("SHA256", Algorithm::Sha256),
        ("SHA512", Algorithm::Sha512),
    ];
    let windows = [("both", (1, 1)), ("past", (1, 0)), ("none", (0, 0))];
    let (past_steps, future_steps) = origins.choice("totp.window", &raw.window, &windows)?;
    Ok(Totp {
        parameters: Parameters {
            algorithm: origins.choice("totp.algorithm", &raw.algorithm, &algorithms)?,
            digits: origins.whole("totp.digits", raw.digits, 6..=8)?,
            period_seconds: origins.whole("totp.period_seconds", raw.period_seconds, 15..=120)?,
        },
        window: Window {
            past_steps,
            future_steps,
        },
        issuer: raw.issuer,
    })
}

fn session(raw: &raw::Session, origins: &mut Origins) -> Result<Session, Error> {
    const IDLE: &str = "session.refresh_idle_hours";
    const ABSOLUTE: &str = "session.refresh_absolute_days";
    let strict = origins.choice(
        "session.profile",
        &raw.profile,
        &[("standard", false), ("strict", true)],
    )?;
    let (mut idle, mut absolute) = (raw.refresh_idle_hours, raw.refresh_absolute_days);
    if strict && origins.layer(IDLE) == BUILT_IN_LAYER {
        idle = STRICT_REFRESH_IDLE_HOURS;
        origins.derive(IDLE, &idle, STRICT_LAYER);
    }
    if strict && origins.layer(ABSOLUTE) == BUILT_IN_LAYER {
        absolute = STRICT_REFRESH_ABSOLUTE_DAYS;
        origins.derive(ABSOLUTE, &absolute, STRICT_LAYER);
    }
    let access_minutes: u64 =
        origins.whole("session.access_minutes", raw.access_minutes, 1..=60)?;
    let idle_hours: u64 = origins.whole(IDLE, idle, 1..=720)?;
    let absolute_days: u64 = origins.whole(ABSOLUTE, absolute, 1..=365)?;
    let lifetimes = Lifetimes {
        access_seconds: access_minutes * SECONDS_PER_MINUTE,
        refresh_idle_seconds: idle_hours * SECONDS_PER_HOUR,
        refresh_absolute_seconds: absolute_days * SECONDS_PER_DAY,
    };
    if lifetimes.refresh_idle_seconds > lifetimes.refresh_absolute_seconds {
        let expected = format!(
            "no longer than {ABSOLUTE}, which is {absolute_days} ({})",
            origins.layer(ABSOLUTE)
        );
        return Err(origins.refuse(IDLE, idle.to_string(), expected));
    }
    let algorithms = [
        ("EdDSA", SigningAlgorithm::EdDsa),
        ("ES256", SigningAlgorithm::Es256),
    ];
    Ok(Session {
        lifetimes,
        signing_algorithm: origins.choice(
            "session.signing_algorithm",
            &raw.signing_algorithm,
            &algorithms,
        )?,
    })
}

fn log(raw: &raw::Log, origins: &Origins) -> Result<Log, Error> {
    let levels = Level::ALL.map(|level| (level.name(), level));
    let formats = [("text", Format::Text), ("json", Format::Json)];
    Ok(Log {
        level: origins.choice("log.level", &raw.level, &levels)?,
        format: origins.choice("log.format", &raw.format, &formats)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Sources, load};
    use super::*;
    use crate::domain::policy::RequireTwoFactor;

    /// Loads with these keys set by flags.
    fn with(flags: &[(&str, &str)]) -> Result<Config, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).into(), (*value).into());
        let sources = Sources {
            flags: flags.iter().map(owned).collect(),
            ..Sources::default()
        };
        match load(&sources) {
            Ok(loaded) => Ok(loaded.config),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn whole_numbers_keep_to_their_ranges() {
        for (key, least, most) in [
            ("server.connections", 16, 16384),
            ("store.cache_mebibytes", 4, 1024),
            ("totp.digits", 6, 8),
            ("totp.period_seconds", 15, 120),
            ("policy.grace_days", 0, 365),
            ("session.access_minutes", 1, 60),
            ("session.refresh_absolute_days", 1, 365),
            ("password.min_length", 8, 64),
            ("password.min_strength", 0, 4),
            ("audit.keep_months", 1, 120),
        ] {
            for right in [least, most] {
                with(&[(key, &right.to_string())]).unwrap();
            }
            for wrong in [least - 1, most + 1] {
                let message = with(&[(key, &wrong.to_string())]).unwrap_err();
                assert!(
                    message.starts_with(&format!("`{key}` (flag --")),
                    "{message}"
                );
                let end =
                    format!(" is {wrong}, but it must be a whole number from {least} to {most}");
                assert!(message.ends_with(&end), "{message}");
            }
        }
    }

    #[test]
    fn choices_are_spelt_exactly() {
        assert_eq!(
            with(&[("totp.algorithm", "sha1")]).unwrap_err(),
            "`totp.algorithm` (flag --algorithm) is \"sha1\", but it must be \"SHA1\", \"SHA256\" or \"SHA512\""
        );
        let config = with(&[
            ("totp.algorithm", "SHA512"),
            ("totp.window", "past"),
            ("policy.require_two_factor", "everybody"),
            ("session.signing_algorithm", "ES256"),
            ("log.level", "trace"),
            ("log.format", "json"),
        ])
        .unwrap();
        assert_eq!(config.totp.parameters.algorithm, Algorithm::Sha512);
        assert_eq!(config.totp.window.past_steps, 1);
        assert_eq!(config.totp.window.future_steps, 0);
        let required = config.policy.require_two_factor;
        assert_eq!(required, RequireTwoFactor::Everybody);
        assert_eq!(config.session.signing_algorithm, SigningAlgorithm::Es256);
        assert_eq!(config.log.level, Level::Trace);
        assert_eq!(config.log.format, Format::Json);
        for key in [
            "totp.window",
            "policy.require_two_factor",
            "policy.registration",
            "policy.impersonation",
            "policy.impersonation_reason",
            "session.profile",
            "session.signing_algorithm",
            "log.level",
            "log.format",
        ] {
            assert!(
                with(&[(key, "")])
                    .unwrap_err()
                    .contains("is \"\", but it must be \"")
            );
        }
    }

    #[test]
    fn the_issuer_fits_into_a_link() {
        with(&[("totp.issuer", &"ä".repeat(64))]).unwrap();
        for wrong in ["", " ", "a:b", "a\nb", &"a".repeat(65)] {
            assert!(with(&[("totp.issuer", wrong)]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_data_folder_is_a_path_and_not_shell_language() {
        let folder = with(&[("store.data_dir", "/srv/vestibule")])
            .unwrap()
            .store
            .data_dir;
        assert_eq!(folder, Some(PathBuf::from("/srv/vestibule")));
        assert!(with(&[("store.data_dir", "~/vestibule")]).is_err());
    }

    #[test]
    fn a_profile_gives_way_to_what_is_set() {
        let hours = |flags: &[(&str, &str)]| {
            let lifetimes = with(flags).unwrap().session.lifetimes;
            (
                lifetimes.refresh_idle_seconds / 3600,
                lifetimes.refresh_absolute_seconds / 3600,
            )
        };
        let strict = ("session.profile", "strict");
        assert_eq!(hours(&[]), (12, 7 * 24));
        assert_eq!(hours(&[strict]), (1, 24));
        assert_eq!(
            hours(&[strict, ("session.refresh_idle_hours", "12")]),
            (12, 24)
        );
        assert_eq!(
            hours(&[("session.refresh_absolute_days", "7"), strict]),
            (1, 7 * 24)
        );
        assert_eq!(
            with(&[strict, ("session.refresh_idle_hours", "25")]).unwrap_err(),
            "`session.refresh_idle_hours` (flag --refresh-idle-hours) is 25, but it must be no longer than \
             session.refresh_absolute_days, which is 1 (session.profile = \"strict\")"
        );
        with(&[
            ("session.refresh_absolute_days", "30"),
            ("session.refresh_idle_hours", "720"),
        ])
        .unwrap();
        assert!(with(&[("session.refresh_idle_hours", "721")]).is_err());
    }

    #[test]
    fn derived_values_tell_what_they_follow_from() {
        let sources = Sources {
            flags: vec![("session.profile".into(), "strict".into())],
            ..Sources::default()
        };
        let origins = load(&sources).unwrap().origins;
        let find = |key: &str| origins.iter().find(|origin| origin.key == key).cloned();
        let idle = find("session.refresh_idle_hours").unwrap();
        assert_eq!(
            (idle.value.as_str(), idle.layer.as_str()),
            ("1", STRICT_LAYER)
        );
        let url = find("server.base_url").unwrap();
        assert_eq!(url.value, "http://localhost:6238");
        assert_eq!(url.layer, "from server.listen");
    }
}
