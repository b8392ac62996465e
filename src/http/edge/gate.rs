//! The gate that every request passes: Host and Origin before anything else, then the body, then the
//! routes; and the headers of every reply.
//!
//! ```text
//! headers in 5 s ── whose word counts ── Host, Origin ── body in 5 s, 16 KiB ── routes ── headers of every reply
//! ```

use super::forwarded::{Origin, Proxies};
use super::hosts::Allowed;
use super::limits::{Place, Running};
use super::{headers, hosts};
use crate::http::endpoint::call::Peer;
use crate::http::error::ApiError;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use warp::Reply;
use warp::filters::BoxedFilter;
use warp::http::header::{CONTENT_LENGTH, HOST, HeaderValue};
use warp::http::{HeaderMap, Method, Request, Uri, Version};
use warp::reply::Response;

/// Time for the body.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest body.
const BODY_BYTES: usize = 16 * 1024;
/// Longest body of an operator's request.
const OPERATOR_BODY_BYTES: usize = 64 * 1024 * 1024;

/// What answers requests: the routes behind the checks that come before them.
pub struct Gate {
    pub(in crate::http) routes: BoxedFilter<(Response,)>,
    /// `None` where no browser comes by: the local socket and within the process.
    pub(in crate::http) allowed: Option<Allowed>,
    /// Who may tell where a request really came from.
    pub(in crate::http) proxies: Proxies,
}

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// Over TCP.
    Tcp(Origin),
    /// Over the local socket, from the operating system's account of this name.
    Socket(String),
}

impl Gate {
    /// Answers a request whose body has arrived.
    pub async fn answer(&self, request: Request<Bytes>, peer: Peer) -> Response {
        let mut response = match self.check(request.headers(), request.uri()) {
            Ok(()) => self.route(request, peer).await,
            Err(error) => error.into_response(),
        };
        headers::harden(response.headers_mut());
        response
    }

    fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), ApiError> {
        if let Some(allowed) = &self.allowed {
            allowed.check(headers, uri)?;
        }
        hosts::check_single(headers)
    }

    async fn route(&self, mut request: Request<Bytes>, peer: Peer) -> Response {
        // CONNECT names a host and no path, and any method may do as it does: the library panics at it.
        if request.uri().path_and_query().is_none() {
            return ApiError::not_found().into_response();
        }
        request.extensions_mut().insert(peer);
        let mut service = warp::service(self.routes.clone());
        match tower_call(&mut service, request.map(Full::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Answers a request as it arrives. While the routes are at work the connection keeps its place.
    pub(super) async fn receive(
        &self,
        request: Request<Incoming>,
        source: Source,
        place: &Arc<Place>,
    ) -> warp::http::Response<impl Body<Data = Bytes, Error = warp::Error> + use<>> {
        let (mut parts, body) = request.into_parts();
        // HTTP/2 has a pseudo-header for it (RFC 9113, section 8.3.1).
        if let Some(host) = parts.uri.authority()
            && parts.version == Version::HTTP_2
            && !parts.headers.contains_key(HOST)
            && let Ok(host) = HeaderValue::from_str(host.as_str())
        {
            parts.headers.insert(HOST, host);
        }
        let without_body = parts.method == Method::HEAD && parts.version == Version::HTTP_2;
        let (peer, is_secure, limit) = self.judge(source, &parts);
        // The checks come before the body, so that a foreign page cannot even send one.
        let received = match self.check(&parts.headers, &parts.uri) {
            Ok(()) => receive_body(body, limit).await,
            Err(error) => Err(error),
        };
        let strict = is_secure
            && self
                .allowed
                .as_ref()
                .is_some_and(|allowed| allowed.is_public_name(&parts.headers));
        let running = place.begin();
        let mut response = match received {
            Ok(body) => self.route(Request::from_parts(parts, body), peer).await,
            Err(error) => error.into_response(),
        };
        if without_body {
            drop_body(&mut response);
        }
        headers::harden(response.headers_mut());
        if strict {
            headers::demand_tls(response.headers_mut());
        }
        response.map(|body| Kept {
            body,
            _running: running,
        })
    }

    /// Who sends a request, whether it came encrypted, and how long its body may be.
    fn judge(&self, source: Source, parts: &warp::http::request::Parts) -> (Peer, bool, usize) {
        match source {
            Source::Tcp(direct) => {
                let origin = self.proxies.origin(direct, &parts.headers);
                (Peer::Tcp(origin.address), origin.is_secure, BODY_BYTES)
            }
            Source::Socket(name) => {
                let is_operator = parts.uri.path().starts_with("/operator/");
                let limit = if is_operator {
                    OPERATOR_BODY_BYTES
                } else {
                    BODY_BYTES
                };
                (Peer::Operator(name), false, limit)
            }
        }
    }
}

/// The body of an answer. It goes when it was handed to the connection, and the place is kept until
/// then: who waits for one must not be given that of an answer on its way.
struct Kept<B> {
    body: B,
    _running: Running,
}

impl<B: Body + Unpin> Body for Kept<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Leaves the body of an answer to HEAD out, and its length in: for HTTP/2 the library does not.
fn drop_body(response: &mut Response) {
    let length = response.body().size_hint().exact();
    *response.body_mut() = Vec::new().into();
    if let Some(length) = length {
        let entry = response.headers_mut().entry(CONTENT_LENGTH);
        entry.or_insert(HeaderValue::from(length));
    }
}

async fn receive_body(body: Incoming, limit: usize) -> Result<Bytes, ApiError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::body_too_large(limit));
    }
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await {
        Err(_) => Err(ApiError::request_timeout()),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large(limit)),
        Ok(Err(_)) => Err(ApiError::invalid_request("The body ended too early.")),
    }
}

async fn tower_call<S>(
    service: &mut S,
    request: Request<Full<Bytes>>,
) -> Result<Response, Infallible>
where
    S: tower_service::Service<Request<Full<Bytes>>, Response = Response, Error = Infallible>,
{
    service.call(request).await
}
