//! The store and its writer, on media that fail, and instances at their first start.

mod damage;
mod first_start;
mod migration;
mod power_cuts;
mod writer;
