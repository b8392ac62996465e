//! What every use case stands on: who is calling, the transaction that acts for them, the check of a
//! code, the picture of a link, and why something was not done.

pub mod acting;
pub mod budgets;
pub mod codes;
pub mod context;
pub mod error;
pub mod identify;
pub mod jobs;
pub mod qr;
mod refusal_rows;
pub mod refusals;
