//! From a request to what a handler takes: the call, who makes it, and its body.

use super::endpoint::{BodyShape, Kind, Parameter};
use super::error::{ApiError, INVALID_REQUEST, Refusal, UNSUPPORTED_MEDIA_TYPE};
use super::principal::Principal;
use crate::service::{Client, Services};
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use warp::http::HeaderMap;
use warp::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use warp::hyper::body::Bytes;

/// Longest client name that is kept, in characters.
const DEVICE_CHARACTERS: usize = 200;
/// Deepest nesting of a body.
const MOST_LEVELS: usize = 32;

/// Where a request came in.
#[derive(Clone, Debug)]
pub enum Peer {
    /// Over TCP, from this address.
    Tcp(std::net::SocketAddr),
    /// Over the local socket or within the process, from the operating system's account of this
    /// name. Made by the listener from the peer's credentials, and by nobody else.
    Operator(String),
}

/// A request to one endpoint.
#[derive(Clone)]
pub struct Call {
    pub(super) services: Arc<Services>,
    pub(super) peer: Peer,
    pub(super) headers: HeaderMap,
    pub(super) parameters: Vec<String>,
    pub(super) query: String,
    pub(super) body: Bytes,
}

impl Call {
    /// The bearer token (RFC 6750, section 2.1).
    pub(super) fn bearer(&self) -> Option<&str> {
        let value = self.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    }

    /// Where the request comes from and what the client calls itself.
    pub(super) fn client(&self) -> Client {
        let device = self.headers.get(USER_AGENT);
        let device = device.and_then(|value| value.to_str().ok()).unwrap_or("");
        Client {
            address: match &self.peer {
                Peer::Tcp(address) => address.ip().to_string(),
                Peer::Operator(_) => "socket".to_owned(),
            },
            device: device.chars().take(DEVICE_CHARACTERS).collect(),
        }
    }

    /// The path's parameter at `index` as a number.
    pub(super) fn id(&self, index: usize) -> Option<u64> {
        number(self.parameters.get(index)?)
    }

    /// The query's parameter, decoded.
    pub(super) fn query(&self, parameter: Parameter) -> Option<String> {
        form_parameters(&self.query)
            .find(|(key, _)| key == parameter.name)
            .map(|(_, value)| value)
    }

    /// The query's parameter as a number, if it is there.
    pub(super) fn number(&self, parameter: Parameter) -> Result<Option<u64>, ApiError> {
        let name = parameter.name;
        let read = |text: String| {
            number(&text)
                .ok_or_else(|| ApiError::invalid_request(format!("`{name}` must be a number.")))
        };
        self.query(parameter).map(read).transpose()
    }

    /// Whether the query switches something on; `false` if it does not say.
    pub(super) fn switch(&self, parameter: Parameter) -> Result<bool, ApiError> {
        match self.query(parameter).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(must_be(parameter, &["true", "false"])),
        }
    }

    /// Which of its words the query's parameter is; nothing if it is empty or not there.
    pub(super) fn choice(&self, parameter: Parameter) -> Result<Option<&'static str>, ApiError> {
        let words = match parameter.kind {
            Kind::Choice(words) => words,
            Kind::Text | Kind::Number | Kind::Switch => &[],
        };
        match self.query(parameter).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => match words.iter().find(|word| **word == value) {
                Some(word) => Ok(Some(word)),
                None => Err(must_be(parameter, words)),
            },
        }
    }

    fn is_json(&self) -> bool {
        let value = self.headers.get(CONTENT_TYPE);
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or("");
        let kind = text.split(';').next().unwrap_or("").trim();
        kind.eq_ignore_ascii_case("application/json")
    }
}

/// Digits and nothing else: the standard library would take a sign.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn must_be(parameter: Parameter, words: &[&str]) -> ApiError {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let words = words.join(" or ");
    ApiError::invalid_request(format!("`{}` must be {words}.", parameter.name))
}

fn form_parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced)
            .decode_utf8_lossy()
            .into_owned()
    };
    query.split('&').map(move |pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    })
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
        if !call.is_json() {
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

/// Whether JSON nests more than `levels` deep, also in fields that nobody asks for, which the reader
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

/// Verifies who calls, then reads the body: in this order, since the stage is checked before
/// anything else.
pub(super) fn admit<P: Principal, B: FromBody>(call: &Call) -> Result<(P, B), ApiError> {
    let principal = P::verify(call)?;
    Ok((principal, B::read(call)?))
}
