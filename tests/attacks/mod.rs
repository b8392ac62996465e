//! Attempts to get in, each naming the statement of the security design that it checks.

mod codes;
mod sealed;
mod secrets;
mod sessions;
