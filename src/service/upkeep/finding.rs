//! Something that is wrong with an instance.

use serde::Serialize;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at; a name that never changes.
    pub check: &'static str,
    /// What is wrong.
    pub finding: String,
    /// What that comes from, or leads to.
    pub cause: String,
    /// What to do.
    pub cure: String,
}

impl Finding {
    /// A finding of a check.
    pub fn new(
        check: &'static str,
        finding: impl Into<String>,
        cause: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            check,
            finding: finding.into(),
            cause: cause.into(),
            cure: cure.into(),
        }
    }
}
