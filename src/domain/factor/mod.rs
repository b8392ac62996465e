//! The second factor: codes, how they are checked and counted, and how a factor comes to be.

pub mod code_check;
pub mod enrolment;
pub mod lockout;
pub mod near_miss;
pub mod recovery;
pub mod totp;
