//! The steps of the schema, oldest first. Frozen once released.

pub(super) mod m0001_initial;
pub(super) mod m0002_people;
