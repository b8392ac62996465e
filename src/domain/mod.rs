//! Floor 0: what is true on paper. Rules as pure functions and state machines over plain values.
//!
//! Nothing here waits, reads a clock, draws randomness or touches a disk: time and random bytes
//! arrive as arguments, and verdicts leave together with the changes that somebody else applies.

pub mod audit;
pub mod authority;
pub mod budget;
pub mod claims;
pub mod code_check;
pub mod enrolment;
pub mod housekeeping;
pub mod id;
pub mod impersonation;
pub mod invitation;
pub mod jwt;
pub mod link;
pub mod lockout;
pub mod near_miss;
pub mod network;
pub mod notice;
pub mod opaque_token;
pub mod password;
pub mod pause;
pub mod policy;
pub mod recovery;
pub mod seal;
pub mod secret;
pub mod session;
pub mod session_stage;
pub mod set_up;
pub mod team;
pub mod text;
pub mod time;
pub mod totp;
pub mod user;
