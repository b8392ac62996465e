//! The real binary: with real peers, through restarts and kills, and from the command line.

mod command_line;
mod documented;
mod impersonation;
mod lifecycle;
mod openapi;
mod peers;
mod socket;
