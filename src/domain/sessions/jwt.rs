//! Signing keys and signed tokens (RFC 7515, 7517, 7519, 8037), with one algorithm per key.
//!
//! `kid` only looks up a fixed map; the algorithm comes from the key found, never from the token.
//! The library's own clock checks are off: `claims` judges every claim with the time as an argument.

use super::claims::{AUDIENCE, AccessClaims};
use crate::domain::secret::Secret;
use jsonwebtoken::crypto::JwtSigner;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// `typ` of an access token (RFC 9068, section 2.1).
pub const ACCESS_TYPE: &str = "at+jwt";

/// What tokens are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// Ed25519 (RFC 8037).
    EdDsa,
    /// ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4).
    Es256,
}

impl SigningAlgorithm {
    fn algorithm(self) -> Algorithm {
        match self {
            Self::EdDsa => Algorithm::EdDSA,
            Self::Es256 => Algorithm::ES256,
        }
    }

    /// PKCS#8 of a private key (RFC 5958) up to the 32 bytes of the key itself.
    fn pkcs8_prefix(self) -> &'static [u8] {
        match self {
            Self::EdDsa => &[
                0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
                0x04, 0x20,
            ],
            Self::Es256 => &[
                0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27,
                0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
            ],
        }
    }
}

/// Why a key or a token could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the signing key could not be used")]
pub struct SigningError;

/// A private key with its public half.
pub struct SigningKey {
    id: String,
    algorithm: SigningAlgorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Jwk,
}

impl SigningKey {
    /// The key made of 32 random bytes, known as `id`.
    ///
    /// # Errors
    /// If the bytes are no key of the algorithm, which for P-256 happens once in 2³² draws.
    pub fn new(
        id: &str,
        algorithm: SigningAlgorithm,
        secret: &Secret<32>,
    ) -> Result<Self, SigningError> {
        let mut der = Zeroizing::new(algorithm.pkcs8_prefix().to_vec());
        der.extend_from_slice(secret.expose());
        let encoding = match algorithm {
            SigningAlgorithm::EdDsa => EncodingKey::from_ed_der(&der),
            SigningAlgorithm::Es256 => EncodingKey::from_ec_der(&der),
        };
        let mut public =
            Jwk::from_encoding_key(&encoding, algorithm.algorithm()).map_err(|_| SigningError)?;
        public.common.key_id = Some(id.to_owned());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let decoding = DecodingKey::from_jwk(&public).map_err(|_| SigningError)?;
        Ok(Self {
            id: id.to_owned(),
            algorithm,
            encoding,
            decoding,
            public,
        })
    }

    /// The key's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The public half (RFC 7517).
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// A signer that can be kept, since building one costs as much as a signature.
    ///
    /// # Errors
    /// If the key cannot be read.
    pub fn signer(&self) -> Result<Signer, SigningError> {
        let inner = (DEFAULT_PROVIDER.signer_factory)(&self.algorithm.algorithm(), &self.encoding)
            .map_err(|_| SigningError)?;
        let header = serde_json::json!({
            "alg": self.algorithm.algorithm(), "kid": self.id, "typ": ACCESS_TYPE,
        });
        Ok(Signer {
            header: encode_part(header.to_string().as_bytes()),
            inner,
        })
    }
}

/// Signs access tokens with one key.
pub struct Signer {
    header: String,
    inner: Box<dyn JwtSigner>,
}

impl Signer {
    /// The signed token.
    ///
    /// # Errors
    /// If the claims cannot be written as JSON or the key cannot sign.
    pub fn sign(&self, claims: &AccessClaims) -> Result<String, SigningError> {
        let body = serde_json::to_vec(claims).map_err(|_| SigningError)?;
        let mut token = format!("{}.{}", self.header, encode_part(&body));
        let signature = self
            .inner
            .try_sign(token.as_bytes())
            .map_err(|_| SigningError)?;
        token.push('.');
        token.push_str(&encode_part(&signature));
        Ok(token)
    }
}

fn encode_part(bytes: &[u8]) -> String {
    data_encoding::BASE64URL_NOPAD.encode(bytes)
}

/// The claims of an access token that one of `keys` signed for `base_url`; they are still to be
/// judged by [`AccessClaims::judge`].
pub fn verify(token: &str, keys: &[SigningKey], base_url: &str) -> Option<AccessClaims> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = keys
        .iter()
        .find(|key| Some(key.id()) == header.kid.as_deref())?;
    if header.typ.as_deref() != Some(ACCESS_TYPE) {
        return None;
    }
    let mut validation = Validation::new(key.algorithm.algorithm());
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.leeway = 0;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[base_url]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    let data = jsonwebtoken::decode::<AccessClaims>(token, &key.decoding, &validation).ok()?;
    Some(data.claims)
}
