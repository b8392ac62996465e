//! Floor 0: what is true on paper. Rules as pure functions and state machines over plain values.
//!
//! Nothing here waits, reads a clock, draws randomness or touches a disk: time and random bytes
//! arrive as arguments, and verdicts leave together with the changes that `service` applies.

pub mod audit;
pub mod budget;
mod factor;
pub mod housekeeping;
pub mod id;
pub mod network;
pub mod pause;
mod people;
pub mod policy;
pub mod seal;
pub mod secret;
mod sessions;
pub mod text;
pub mod time;

pub use factor::{code_check, enrolment, lockout, near_miss, recovery, totp};
pub use people::{authority, invitation, link, notice, password, set_up, team, user};
pub use sessions::{claims, impersonation, jwt, opaque_token, session, session_stage};
