//! What is kept, one file a noun: the methods by which [`super::Read`] and [`super::Write`] get at it.

pub(super) mod audit;
mod factors;
mod impersonations;
pub(super) mod instance;
mod invitations;
pub(super) mod record;
mod sessions;
mod teams;
mod users;
