//! How bodies and answers look beyond their fields: schemas of the domain's types, and objects that are
//! read from JSON objects alone.

pub mod object;
mod schemas;
