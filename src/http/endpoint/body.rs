//! Bodies of requests: read strictly, and refused with a text that names the field.

use super::call::Call;
use crate::http::error::{ApiError, INVALID_REQUEST, Refusal, UNSUPPORTED_MEDIA_TYPE};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use warp::http::header::CONTENT_TYPE;

/// Deepest nesting of a body.
const MOST_LEVELS: usize = 32;

/// How the schema of a type is made.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// How a body looks.
#[derive(Clone, Copy)]
pub struct BodyShape {
    /// Whether it must be sent.
    pub required: bool,
    /// How its JSON looks.
    pub schema: SchemaOf,
}

/// What a handler takes as its body.
pub trait FromBody: Sized + Send {
    /// How it looks; nothing where none is asked for.
    const SHAPE: Option<BodyShape>;

    /// What a body that cannot be taken is refused with.
    const REFUSALS: &'static [&'static Refusal];

    /// Reads it.
    ///
    /// # Errors
    /// 400 or 415.
    fn read(call: &Call) -> Result<Self, ApiError>;
}

/// No body is asked for; one that is sent is not looked at.
pub struct NoBody;

impl FromBody for NoBody {
    const SHAPE: Option<BodyShape> = None;
    const REFUSALS: &'static [&'static Refusal] = &[];

    fn read(_: &Call) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> FromBody for Json<T> {
    const SHAPE: Option<BodyShape> = Some(BodyShape {
        required: true,
        schema: SchemaGenerator::subschema_for::<T>,
    });
    const REFUSALS: &'static [&'static Refusal] = &[INVALID_REQUEST, UNSUPPORTED_MEDIA_TYPE];

    fn read(call: &Call) -> Result<Self, ApiError> {
        if call.body.is_empty() {
            let text = "The body is empty; send a JSON object.";
            return Err(ApiError::invalid_request(text));
        }
        if !is_json(call) {
            return Err(ApiError::unsupported_media_type());
        }
        let text = std::str::from_utf8(&call.body)
            .map_err(|_| ApiError::invalid_request("The body is not UTF-8."))?;
        // A structure would be read from an array too, its fields in their order.
        if !text.trim_ascii_start().starts_with('{') {
            let text = "The body must be a JSON object.";
            return Err(ApiError::invalid_request(text));
        }
        if is_deeper_than(MOST_LEVELS, text) {
            let text = "The body is nested too deeply.";
            return Err(ApiError::invalid_request(text));
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let value =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| describe(&error))?;
        match reader.end() {
            Ok(()) => Ok(Self(value)),
            Err(_) => Err(ApiError::invalid_request(
                "The body must be one JSON object and nothing else.",
            )),
        }
    }
}

fn is_json(call: &Call) -> bool {
    let value = call.headers.get(CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = text.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Whether JSON nests more than `levels` deep, also in unknown fields, which the reader
/// passes over without counting.
fn is_deeper_than(levels: usize, json: &str) -> bool {
    let (mut level, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => level += 1,
            b'}' | b']' if !in_text => level = level.saturating_sub(1),
            _ => {}
        }
        if level > levels {
            return true;
        }
    }
    false
}

/// A JSON body that may be left out.
pub struct Maybe<T>(pub T);

impl<T: DeserializeOwned + Default + JsonSchema + Send> FromBody for Maybe<T> {
    const SHAPE: Option<BodyShape> = Some(BodyShape {
        required: false,
        schema: SchemaGenerator::subschema_for::<T>,
    });
    const REFUSALS: &'static [&'static Refusal] = Json::<T>::REFUSALS;

    fn read(call: &Call) -> Result<Self, ApiError> {
        if call.body.is_empty() {
            return Ok(Self(T::default()));
        }
        Json::read(call).map(|Json(value)| Self(value))
    }
}

/// Says which field is wrong, in our own words.
fn describe(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let inner = error.inner();
    let path = error.path().to_string();
    if !inner.is_data() {
        return ApiError::invalid_request("The body is not valid JSON.");
    }
    let text = inner.to_string();
    let missing = text
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    ApiError::invalid_request(match (missing, path.as_str()) {
        (Some(field), _) => format!("The field `{field}` is missing."),
        (None, "." | "?") => "The body must be a JSON object.".to_owned(),
        (None, field) => format!("The field `{field}` is of the wrong type."),
    })
}
