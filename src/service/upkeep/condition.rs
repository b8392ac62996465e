//! How the service is, as far as that can be seen without a write.

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The store can be read, and has not failed.
    pub store_works: bool,
    /// There is space left on the store's disk.
    pub disk_has_room: bool,
    /// The clock is not before 2026, nor behind the newest event.
    pub clock_is_sane: bool,
}

impl Condition {
    /// Whether nothing is the matter.
    pub fn is_good(self) -> bool {
        self.store_works && self.disk_has_room && self.clock_is_sane
    }
}
