//! Randomness. The only file that draws it.

use crate::domain::secret::Secret;

/// The operating system gave no random bytes. Nothing is made without them.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct EntropyError;

/// Draws random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// If no randomness could be had; `bytes` are then not to be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system's generator.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}

/// `N` random bytes.
///
/// # Errors
/// If no randomness could be had.
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

/// `N` random bytes that are to stay secret.
///
/// # Errors
/// If no randomness could be had.
pub fn secret<const N: usize>(entropy: &dyn Entropy) -> Result<Secret<N>, EntropyError> {
    bytes(entropy).map(Secret::new)
}
