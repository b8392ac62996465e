//! The bundled pages, and texts that are kept packed.

pub mod embedded;
pub mod packed;
