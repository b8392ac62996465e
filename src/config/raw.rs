//! The configuration as it is written: the mirror of `config.toml` for serde.
//!
//! Invariant: unknown and missing fields are refused, so that the mirror and the file cannot drift apart.

use serde::Deserialize;

/// All layers merged; types are right, ranges are not checked yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub server: Server,
    pub store: Store,
    pub totp: Totp,
    pub policy: Policy,
    pub session: Session,
    pub password: Password,
    pub audit: Audit,
    pub log: Log,
    pub tray: Tray,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    pub listen: String,
    pub base_url: String,
    pub hosts: Vec<String>,
    pub tls_certificate: String,
    pub tls_key: String,
    pub trusted_proxies: Vec<String>,
    pub connections: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    pub data_dir: String,
    pub cache_mebibytes: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Totp {
    pub issuer: String,
    pub algorithm: String,
    pub digits: i64,
    pub period_seconds: i64,
    pub window: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub require_two_factor: String,
    pub grace_days: i64,
    pub registration: String,
    pub impersonation: String,
    pub impersonation_reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    pub profile: String,
    pub access_minutes: i64,
    pub refresh_idle_hours: i64,
    pub refresh_absolute_days: i64,
    pub signing_algorithm: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    pub min_length: i64,
    pub min_strength: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audit {
    pub keep_months: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub level: String,
    pub format: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tray {
    pub enabled: String,
    pub notifications: String,
}
