//! Layers laid over each other.
//!
//! Invariant: of two layers that set a key the later one wins; a list is replaced as a whole, never joined.

use ::config::ConfigError;

use super::Loaded;
use super::check;
use super::error::Error;
use super::layer::Layer;
use super::origins::Origins;
use super::raw::Catalogue;

/// Lays the layers over each other, later wins, and checks the result.
pub(super) fn resolve(layers: Vec<Layer>, catalogue: &Catalogue) -> Result<Loaded, Error> {
    let mut builder = ::config::Config::builder();
    for layer in layers {
        builder = builder.add_source(layer);
    }
    let merged = builder.build().map_err(|error| merge_fault(&error))?;
    let origins = Origins::of(&merged, catalogue).map_err(|error| merge_fault(&error))?;
    let raw = merged
        .try_deserialize()
        .map_err(|error| merge_fault(&error))?;
    check::check(raw, origins)
}

fn merge_fault(error: &ConfigError) -> Error {
    Error::Merge {
        reason: error.to_string(),
    }
}
