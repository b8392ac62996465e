//! Text that is the same for all callers, plain and as gzip (RFC 9110, section 8.4.1.3), packed once.
//!
//! Nothing that belongs to one person comes through here: the length of packed text tells of what is
//! in it.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use warp::http::HeaderMap;
use warp::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue, VARY};
use warp::hyper::body::Bytes;
use warp::reply::Response;

/// A text in both forms.
pub struct Packed {
    plain: Bytes,
    /// `None` where it would be no shorter.
    gzip: Option<Bytes>,
}

impl Packed {
    /// Packs a text.
    pub fn new(plain: Vec<u8>) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // A list of bytes takes everything that is written to it.
        let packed = encoder.write_all(&plain).and_then(|()| encoder.finish());
        let gzip = packed.ok().filter(|gzip| gzip.len() < plain.len());
        Self {
            plain: plain.into(),
            gzip: gzip.map(Bytes::from),
        }
    }

    /// The form for a caller with these headers, and whether it is gzip.
    pub fn form(&self, headers: &HeaderMap) -> (Bytes, bool) {
        match &self.gzip {
            Some(gzip) if takes_gzip(headers) => (gzip.clone(), true),
            _ => (self.plain.clone(), false),
        }
    }

    /// An answer in the form for a caller with these headers.
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let (bytes, is_gzip) = self.form(headers);
        let length = HeaderValue::from(bytes.len());
        let mut response = Response::new(bytes.into());
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, length);
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if is_gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// Whether gzip is among the codings that are taken, and not with a weight of nothing.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter();
    let mut codings = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_gzip && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        let packed = Packed::new(vec![b'a'; 1000]);
        let is_gzip = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(accept).unwrap());
            packed.form(&headers).1
        };
        for taken in ["gzip", "br, GZIP;q=0.5", "deflate,gzip ; q=1"] {
            assert!(is_gzip(taken), "{taken}");
        }
        for not in ["", "br", "gzip;q=0", "identity", "xgzip"] {
            assert!(!is_gzip(not), "{not}");
        }
        assert!(!packed.form(&HeaderMap::new()).1);
        assert!(Packed::new(vec![7]).gzip.is_none());
    }
}
