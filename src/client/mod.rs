//! Floor 2: asks an instance, over its local socket or in whatever way the caller hands in, and
//! reads the answer.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// Why there is no good answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens on the socket.
    #[error("no service is running there")]
    NotRunning,
    /// The socket belongs to somebody else.
    #[error(
        "the running service belongs to another account: run this command as that account or as root"
    )]
    NotAllowed,
    /// The instance refused; its own words.
    #[error("{message} {description}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// For programs.
        code: String,
        /// One sentence for a person.
        message: String,
        /// What to do next.
        description: String,
    },
    /// The conversation broke off.
    #[error("the service did not answer: {0}")]
    Broken(String),
}

/// An answer as it came.
pub type Reply = Result<(StatusCode, Bytes), ClientError>;

/// Sends a request and fetches the reply.
pub type Transport =
    Box<dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;

/// Asks an instance.
pub struct Client {
    transport: Transport,
}

impl Client {
    /// Asks through `transport`.
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Asks the service behind the socket at `path`, if one listens there.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`], [`ClientError::NotAllowed`].
    pub async fn connect(path: &Path) -> Result<Self, ClientError> {
        open(path).await?;
        let path = path.to_owned();
        Ok(Self::new(Box::new(move |request| {
            let path = path.clone();
            Box::pin(async move { send(open(&path).await?, request).await })
        })))
    }

    /// Asks the service that listens on `address`, without a token: for what anybody may know.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`].
    pub async fn connect_to(address: SocketAddr) -> Result<Self, ClientError> {
        open_tcp(address).await?;
        Ok(Self::new(Box::new(move |mut request| {
            Box::pin(async move {
                let host = HeaderValue::try_from(address.to_string());
                let host = host.map_err(|error| ClientError::Broken(error.to_string()))?;
                request.headers_mut().insert(HOST, host);
                send(open_tcp(address).await?, request).await
            })
        })))
    }

    /// Sends a request and reads the JSON of a good answer.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with the instance's own words, and the transport's errors.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ClientError> {
        let broken = |error: String| ClientError::Broken(error);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "localhost");
        let bytes = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        let request = request
            .body(bytes)
            .map_err(|error| broken(error.to_string()))?;
        let (status, bytes) = (self.transport)(request).await?;
        let answer: Value =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if status.is_success() {
            return Ok(answer);
        }
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        Err(ClientError::Refused {
            status: status.as_u16(),
            code: text("code"),
            message: text("message"),
            description: text("description"),
        })
    }
}

async fn open(path: &Path) -> Result<UnixStream, ClientError> {
    UnixStream::connect(path).await.map_err(unopened)
}

async fn open_tcp(address: SocketAddr) -> Result<TcpStream, ClientError> {
    TcpStream::connect(address).await.map_err(unopened)
}

fn unopened(error: io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ClientError::NotRunning,
        io::ErrorKind::PermissionDenied => ClientError::NotAllowed,
        _ => ClientError::Broken(error.to_string()),
    }
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Bytes>,
) -> Reply {
    let broken = |error: hyper::Error| ClientError::Broken(error.to_string());
    let stream = TokioIo::new(stream);
    let (mut sender, connection) = http1::handshake(stream).await.map_err(broken)?;
    let driver = tokio::spawn(connection);
    let response = sender
        .send_request(request.map(Full::new))
        .await
        .map_err(broken)?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(broken)?;
    driver.abort();
    Ok((status, body.to_bytes()))
}
