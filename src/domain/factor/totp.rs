//! Time-based one-time passwords (RFC 6238): parameters, the window, and the link for an
//! authenticator app.

use crate::domain::secret::{Secret, equal};
use data_encoding::BASE32_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use totp_rs::{Builder, Totp};

/// Bytes of a seed: 160 bits, as RFC 4226, section 4, recommends.
pub const SEED_BYTES: usize = 20;

/// The secret that phone and service share.
pub type Seed = Secret<SEED_BYTES>;

/// The hash of the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// What every authenticator app speaks.
    Sha1,
    /// Some apps ignore it silently.
    Sha256,
    /// Some apps ignore it silently.
    Sha512,
}

/// What a factor is computed with; kept with each factor, so that a change of the configuration
/// leaves the phones that are enrolled alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// The hash of the HMAC.
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    pub digits: u8,
    /// Seconds of a step.
    pub period_seconds: u64,
}

impl Parameters {
    /// What apps assume when a link does not say otherwise.
    pub const DEFAULT: Self = Self {
        algorithm: Algorithm::Sha1,
        digits: 6,
        period_seconds: 30,
    };
}

/// Which steps around the current one are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Steps before the current one.
    pub past_steps: u64,
    /// Steps after the current one.
    pub future_steps: u64,
}

/// A code of exactly the right number of ASCII digits.
#[derive(Clone)]
pub struct Code(String);

impl Code {
    /// Reads what a person typed: ASCII spaces and hyphens are dropped, and exactly `digits` ASCII
    /// digits must remain.
    pub fn parse(text: &str, digits: u8) -> Option<Self> {
        let kept: String = strip_separators(text);
        let right = kept.len() == usize::from(digits) && kept.bytes().all(|b| b.is_ascii_digit());
        right.then_some(Self(kept))
    }
}

/// Drops the ASCII spaces and hyphens that people group codes with.
pub fn strip_separators(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '-')).collect()
}

/// Computes the codes of one seed.
pub struct Generator {
    totp: Totp,
    period_seconds: u64,
}

impl Generator {
    /// A generator for `seed`.
    pub fn new(seed: &Seed, parameters: Parameters) -> Self {
        let algorithm = match parameters.algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        let period_seconds = parameters.period_seconds.max(1);
        let totp = Builder::new()
            .with_algorithm(algorithm)
            .with_digits(parameters.digits.clamp(6, 8))
            .with_step_duration(period_seconds)
            .with_secret(seed.expose().to_vec())
            .build_noncompliant();
        Self {
            totp,
            period_seconds,
        }
    }

    /// Seconds of a step.
    pub fn period_seconds(&self) -> u64 {
        self.period_seconds
    }

    /// The step of a moment in Unix seconds.
    pub fn step_at(&self, unix_seconds: u64) -> u64 {
        unix_seconds / self.period_seconds
    }

    /// The text of a step's code, for programs that stand in for an authenticator app.
    pub fn text(&self, step: u64) -> String {
        self.code(step).0
    }

    /// The code of a step.
    pub fn code(&self, step: u64) -> Code {
        let time = step.saturating_mul(self.period_seconds);
        Code(self.totp.generate(time).to_string())
    }

    /// The newest step from `oldest` to `newest` whose code this is. Every step is looked at, and
    /// every comparison takes the same time.
    pub fn newest_match(&self, code: &Code, oldest: u64, newest: u64) -> Option<u64> {
        let mut found = None;
        for step in oldest..=newest {
            if equal(self.code(step).0.as_bytes(), code.0.as_bytes()) {
                found = Some(step);
            }
        }
        found
    }
}

/// What may stand unescaped in a label: letters, digits, the unreserved marks of RFC 3986 and `@`.
const LABEL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

/// The `otpauth://` link that an authenticator app reads. Parameters are named only where they
/// differ from what apps assume.
pub fn link(issuer: &str, account: &str, seed: &Seed, parameters: Parameters) -> String {
    let issuer = utf8_percent_encode(issuer, LABEL).to_string();
    let account = utf8_percent_encode(account, LABEL);
    let secret = BASE32_NOPAD.encode(seed.expose());
    let mut link = format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}");
    let algorithm = match parameters.algorithm {
        Algorithm::Sha1 => None,
        Algorithm::Sha256 => Some("SHA256"),
        Algorithm::Sha512 => Some("SHA512"),
    };
    // Writing to a String cannot fail.
    if let Some(name) = algorithm {
        let _ = write!(link, "&algorithm={name}");
    }
    if parameters.digits != Parameters::DEFAULT.digits {
        let _ = write!(link, "&digits={}", parameters.digits);
    }
    if parameters.period_seconds != Parameters::DEFAULT.period_seconds {
        let _ = write!(link, "&period={}", parameters.period_seconds);
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Seed {
        Seed::new(*b"12345678901234567890")
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        let parameters = Parameters {
            digits: 8,
            ..Parameters::DEFAULT
        };
        let generator = Generator::new(&seed(), parameters);
        for (time, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(generator.code(generator.step_at(time)).0, code);
        }
    }

    #[test]
    fn only_ascii_digits_of_the_right_number_are_a_code() {
        for good in ["123456", "123 456", " 123-456 ", "1-2-3-4-5-6"] {
            assert_eq!(Code::parse(good, 6).unwrap().0, "123456");
        }
        for bad in [
            "",
            "12345",
            "1234567",
            "+12345",
            "-",
            "１２３４５６",
            "12345٦",
            "123\u{a0}456",
            "12345a",
            "123\t456",
        ] {
            assert!(Code::parse(bad, 6).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_link_names_only_what_apps_do_not_assume() {
        let plain = link(
            "Vestibule",
            "user@example.com",
            &seed(),
            Parameters::DEFAULT,
        );
        assert_eq!(
            plain,
            "otpauth://totp/Vestibule:user@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Vestibule"
        );
        let other = Parameters {
            algorithm: Algorithm::Sha256,
            digits: 8,
            period_seconds: 60,
        };
        let link = link("A & B", "ü:x@example.com", &seed(), other);
        assert!(link.starts_with("otpauth://totp/A%20%26%20B:%C3%BC%3Ax@example.com?secret="));
        assert!(link.ends_with("&issuer=A%20%26%20B&algorithm=SHA256&digits=8&period=60"));
    }
}
