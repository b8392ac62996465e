//! Sessions: their stages and tokens, and a user who acts as another.

pub mod claims;
pub mod impersonation;
pub mod jwt;
pub mod opaque_token;
pub mod session;
pub mod session_stage;
