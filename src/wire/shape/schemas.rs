//! How the domain's own types look in JSON, for the document of the API: said here, so that the
//! domain need not know of it.

use crate::domain::id::{InvitationId, NoticeId, TeamId, UserId};
use crate::domain::secret::SecretText;
use crate::domain::session::Stage;
use crate::domain::team::TeamRole;
use crate::domain::user::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// Schemas that are written where they are used, without a name of their own.
macro_rules! inline {
    ($($type:ident = $schema:tt;)*) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

inline! {
    UserId = { "type": "integer", "format": "uint64", "minimum": 0 };
    TeamId = { "type": "integer", "format": "uint64", "minimum": 0 };
    InvitationId = { "type": "integer", "format": "uint64", "minimum": 0 };
    NoticeId = { "type": "integer", "format": "uint64", "minimum": 0 };
    SecretText = { "type": "string", "format": "password" };
    Stage = { "type": "string", "enum": [Stage::Pending.name(), Stage::Enrolment.name(), Stage::Full.name()] };
    Role = { "type": "string", "enum": Role::ALL.map(Role::name) };
    TeamRole = {
        "type": "string",
        "enum": TeamRole::ALL.map(TeamRole::name),
    };
}
