//! People and teams: accounts, passwords, who may do what, and the links by which people come in.

pub mod authority;
pub mod invitation;
pub mod link;
pub mod notice;
pub mod password;
pub mod set_up;
pub mod team;
pub mod user;
