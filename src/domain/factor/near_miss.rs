//! A wrong code that would have been right at another time: the sign of a phone whose clock is off.

use super::totp::{Code, Generator};
use serde::{Deserialize, Serialize};

/// Seconds on each side of now within which such a code is looked for.
pub const REACH_SECONDS: u64 = 600;

/// How far off the code was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearMiss {
    /// Steps that the phone's clock was ahead (or, negative, behind).
    pub offset_steps: i64,
    /// The step whose code it was.
    pub step: u64,
}

impl NearMiss {
    /// Finds the step within reach of step `current` whose code this is, the nearest first.
    pub fn find(generator: &Generator, code: &Code, current: u64) -> Option<Self> {
        let reach = REACH_SECONDS / generator.period_seconds();
        let before = generator.newest_match(code, current.saturating_sub(reach), current);
        let after = generator.newest_match(code, current, current.saturating_add(reach));
        let offset = |step: u64| {
            i64::try_from(step)
                .unwrap_or(i64::MAX)
                .saturating_sub(i64::try_from(current).unwrap_or(i64::MAX))
        };
        [before, after]
            .into_iter()
            .flatten()
            .min_by_key(|step| offset(*step).abs())
            .map(|step| Self {
                offset_steps: offset(step),
                step,
            })
    }

    /// Whether this one and an earlier one are off by the same. One alone may be chance, or a guess;
    /// two successive codes that agree come from a phone.
    pub fn confirms(self, before: Self) -> bool {
        self.step > before.step && (self.offset_steps - before.offset_steps).abs() <= 1
    }
}
