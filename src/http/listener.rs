//! The accept loops: limits, Host and Origin before anything else, and a stop that waits for nobody
//! longer than it must.
//!
//! ```text
//! accept ── permit ── headers in 5 s ── Host, Origin ── body in 5 s, 16 KiB ── routes ── headers of every reply
//! ```

use super::error::ApiError;
use super::filters::Peer;
use super::headers::{self, Allowed};
use crate::platform::shutdown::Stop;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use warp::Reply;
use warp::filters::BoxedFilter;
use warp::http::{Request, Response as HttpResponse};
use warp::reply::Response;

/// Time for the headers, and between two requests of a connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for the body.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest body.
const BODY_BYTES: usize = 16 * 1024;
/// Longest body of an operator's request.
const OPERATOR_BODY_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of a connection's buffer, and so of the longest head of a request.
const BUFFER_BYTES: usize = 32 * 1024;
const MOST_HEADERS: usize = 64;
/// Time that requests under way have after the stop was asked for.
const STOP_DEADLINE: Duration = Duration::from_millis(1500);
/// Pause after an accept that failed, for instance because no descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What answers requests: the routes behind the checks that come before them.
pub struct Gate {
    pub(super) routes: BoxedFilter<(Response,)>,
    /// `None` where no browser comes by: the local socket and within the process.
    pub(super) allowed: Option<Allowed>,
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

    fn check(
        &self,
        headers: &warp::http::HeaderMap,
        uri: &warp::http::Uri,
    ) -> Result<(), ApiError> {
        match &self.allowed {
            Some(allowed) => allowed.check(headers, uri),
            None => Ok(()),
        }
    }

    async fn route(&self, mut request: Request<Bytes>, peer: Peer) -> Response {
        request.extensions_mut().insert(peer);
        let mut service = warp::service(self.routes.clone());
        match tower_call(&mut service, request.map(Full::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Answers a request as it arrives.
    async fn receive(&self, request: Request<Incoming>, peer: Peer) -> Response {
        let limit = match &peer {
            Peer::Operator(_) if request.uri().path().starts_with("/operator/") => {
                OPERATOR_BODY_BYTES
            }
            _ => BODY_BYTES,
        };
        // The checks come before the body, so that a foreign page cannot even send one.
        let checked = self.check(request.headers(), request.uri());
        let (parts, body) = request.into_parts();
        let received = match checked {
            Ok(()) => receive_body(body, limit).await,
            Err(error) => Err(error),
        };
        let mut response = match received {
            Ok(body) => self.route(Request::from_parts(parts, body), peer).await,
            Err(error) => error.into_response(),
        };
        headers::harden(response.headers_mut());
        response
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

/// A number of connections, and the word to stop.
#[derive(Clone)]
pub struct Limits {
    connections: Arc<Semaphore>,
    stop: Stop,
}

impl Limits {
    /// At most `connections` at a time; all end at the word to stop.
    pub fn new(connections: usize, stop: Stop) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(connections)),
            stop,
        }
    }
}

/// Serves a TCP listener until the stop.
pub async fn serve_tcp(listener: TcpListener, gate: Arc<Gate>, limits: Limits) {
    let accept = || async {
        let (stream, address) = listener.accept().await?;
        // Small answers must not wait for the peer's acknowledgement.
        stream.set_nodelay(true)?;
        Ok((stream, Peer::Tcp(address)))
    };
    serve(accept, gate, limits).await;
}

/// Serves the local socket until the stop, for this process's own account and root only.
pub async fn serve_socket(listener: UnixListener, gate: Arc<Gate>, limits: Limits) {
    let accept = || async {
        let (stream, _) = listener.accept().await?;
        let caller = stream.peer_cred()?.uid();
        if caller != 0 && caller != crate::platform::account::own() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let name = crate::platform::account::name_of(caller);
        Ok((stream, Peer::Operator(name)))
    };
    serve(accept, gate, limits).await;
}

async fn serve<S, F>(accept: impl Fn() -> F, gate: Arc<Gate>, mut limits: Limits)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = io::Result<(S, Peer)>>,
{
    let mut running = JoinSet::new();
    loop {
        let stop = limits.stop.clone();
        let permit = Arc::clone(&limits.connections).acquire_owned();
        let next = async {
            let permit = permit.await;
            (accept().await, permit)
        };
        tokio::select! {
            () = limits.stop.asked() => break,
            (accepted, permit) = next => match (accepted, permit) {
                (Ok((stream, peer)), Ok(permit)) => {
                    let gate = Arc::clone(&gate);
                    running.spawn(async move {
                        connection(stream, peer, gate, stop).await;
                        drop(permit);
                    });
                }
                (Ok(_), Err(_)) => break,
                (Err(error), _) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = running.join_next(), if !running.is_empty() => {}
        }
    }
    let finished = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_DEADLINE, finished).await.is_err() {
        running.shutdown().await;
    }
}

async fn connection<S>(stream: S, peer: Peer, gate: Arc<Gate>, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let (gate, peer) = (Arc::clone(&gate), peer.clone());
        async move { Ok::<HttpResponse<_>, Infallible>(gate.receive(request, peer).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.asked() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
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
