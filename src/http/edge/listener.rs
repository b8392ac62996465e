//! The accept loops, and a stop that waits no longer than it must.
//!
//! ```text
//! accept ── whose address ── place ── TLS in 5 s ─┬─ http/1.1 ─┬─ gate
//!                                                 └─ h2 ───────┘
//! ```
//! Without TLS only HTTP/1.1 is spoken.

use super::forwarded::Origin;
use super::gate::{Gate, Source};
use super::limits::{Limits, Place};
use super::tls::Tls;
use crate::platform::account;
use crate::platform::shutdown::Stop;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use std::convert::Infallible;
use std::fmt::Display;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;
use warp::http::{Request, Response as HttpResponse};

/// Time for the headers, and between two requests of a connection of HTTP/1.1.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for the handshake of TLS.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Time without a request after which a connection of HTTP/2 is asked to end.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a connection's buffer, and so of the longest head of a request.
const BUFFER_BYTES: usize = 32 * 1024;
const MOST_HEADERS: usize = 64;
/// Requests that one connection of HTTP/2 may have under way.
const MOST_STREAMS: u32 = 32;
/// Bytes that one stream, and one connection of HTTP/2, may send ahead.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Time that requests under way have after the stop was asked for.
const STOP_DEADLINE: Duration = Duration::from_millis(1500);
/// Pause after an accept that failed, for instance because no descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves a TCP listener until the stop, encrypted if there is `tls`.
pub async fn serve_tcp(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    gate: Arc<Gate>,
    limits: Limits,
) {
    let accept = || async {
        let (stream, address) = listener.accept().await?;
        // Small answers must not wait for the peer's acknowledgement.
        stream.set_nodelay(true)?;
        if !gate.proxies.admit(address.ip(), tls.is_some()) {
            return Ok(None);
        }
        let origin = Origin {
            address,
            is_secure: tls.is_some(),
        };
        let counted = (!gate.proxies.know(address.ip())).then(|| address.ip());
        Ok(Some((stream, Source::Tcp(origin), counted)))
    };
    let serve_one = |stream: TcpStream, source, gate, place, stop| {
        let tls = tls.clone();
        async move {
            match tls {
                Some(tls) => encrypted(&tls, stream, source, gate, place, stop).await,
                None => plain(stream, source, gate, place, stop).await,
            }
        }
    };
    serve(accept, serve_one, Arc::clone(&gate), limits).await;
}

/// Serves the local socket until the stop, for this process's own account and root only.
pub async fn serve_socket(listener: UnixListener, gate: Arc<Gate>, limits: Limits) {
    let accept = || async {
        let (stream, _) = listener.accept().await?;
        let operator = account::operator_behind(&stream)?;
        Ok(operator.map(|name| (stream, Source::Socket(name), None)))
    };
    let serve_one =
        |stream: UnixStream, source, gate, place, stop| plain(stream, source, gate, place, stop);
    serve(accept, serve_one, gate, limits).await;
}

/// A connection, its other end, and the address that it counts for; `None` for one that may not be.
type Accepted<S> = Option<(S, Source, Option<IpAddr>)>;

async fn serve<S, F, R>(
    accept: impl Fn() -> F,
    serve_one: impl Fn(S, Source, Arc<Gate>, Arc<Place>, Stop) -> R,
    gate: Arc<Gate>,
    limits: Limits,
) where
    F: Future<Output = io::Result<Accepted<S>>>,
    R: Future<Output = ()> + Send + 'static,
{
    let mut running = JoinSet::new();
    loop {
        let next = async {
            let Some((stream, source, address)) = accept().await? else {
                return Ok(None);
            };
            let place = limits.admit(address).await;
            io::Result::Ok(place.map(|place| (stream, source, Arc::new(place))))
        };
        tokio::pin!(next);
        let mut stop = limits.stop.clone();
        // What was accepted and waits for its place must not be lost because another one ended.
        let next = loop {
            tokio::select! {
                () = stop.asked() => break None,
                next = next.as_mut() => break Some(next),
                Some(_) = running.join_next(), if !running.is_empty() => {}
            }
        };
        match next {
            None => break,
            Some(Ok(Some((stream, source, place)))) => {
                let (gate, stop) = (Arc::clone(&gate), limits.stop.clone());
                let served = serve_one(stream, source, gate, Arc::clone(&place), stop);
                running.spawn(async move {
                    tokio::select! {
                        () = served => {}
                        () = place.must_leave() => {}
                    }
                });
            }
            Some(Ok(None)) => tracing::debug!("a connection was refused"),
            Some(Err(error)) => {
                tracing::debug!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    let finished = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_DEADLINE, finished).await.is_err() {
        running.shutdown().await;
    }
}

async fn encrypted(
    tls: &Tls,
    stream: TcpStream,
    source: Source,
    gate: Arc<Gate>,
    place: Arc<Place>,
    stop: Stop,
) {
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok((stream, true))) => multiplexed(stream, source, gate, place, stop).await,
        Ok(Ok((stream, false))) => plain(stream, source, gate, place, stop).await,
        Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
        Err(_) => tracing::debug!("a handshake took too long"),
    }
}

/// HTTP/1.1, over whatever carries it.
async fn plain<S>(stream: S, source: Source, gate: Arc<Gate>, place: Arc<Place>, stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<_>| {
        let (gate, source, place) = (Arc::clone(&gate), source.clone(), Arc::clone(&place));
        async move { Ok::<HttpResponse<_>, Infallible>(gate.receive(request, source, &place).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    drive(serving, stop, std::future::pending()).await;
}

/// HTTP/2.
async fn multiplexed<S>(stream: S, source: Source, gate: Arc<Gate>, place: Arc<Place>, stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let resident = Arc::clone(&place);
    let service = service_fn(move |request: Request<_>| {
        let (gate, source, place) = (Arc::clone(&gate), source.clone(), Arc::clone(&place));
        async move { Ok::<HttpResponse<_>, Infallible>(gate.receive(request, source, &place).await) }
    });
    let serving = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(16 * 1024)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .serve_connection(TokioIo::new(stream), service);
    drive(serving, stop, idle(&resident)).await;
}

/// Waits until no request has come for a while.
async fn idle(place: &Place) {
    loop {
        let before = place.idle_since();
        tokio::time::sleep(IDLE_TIMEOUT).await;
        if before.is_some() && before == place.idle_since() {
            return;
        }
    }
}

/// Runs a connection until it ends, is to stop, or has been idle for too long.
async fn drive<C>(serving: C, mut stop: Stop, idle: impl Future<Output = ()>)
where
    C: GracefulConnection,
    C::Error: Display,
{
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.asked() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
        () = idle => {
            serving.as_mut().graceful_shutdown();
            // A client that goes on is cut off.
            match tokio::time::timeout(HEADER_TIMEOUT, serving).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
