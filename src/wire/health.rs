//! `/health` and `/.well-known`: what anybody may know.

use super::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the service is.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Health {
    #[schemars(extend("enum" = ["live", "ready"]))]
    pub status: Text,
}

/// The public keys that verify access tokens.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("type" = "object", "required" = ["keys"], "properties" = {
    "keys": {
        "type": "array",
        "items": { "type": "object", "required": ["kty", "kid", "alg", "use"] },
    },
}))]
pub struct PublicKeys(pub Value);
