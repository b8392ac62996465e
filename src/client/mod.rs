//! Floor 2: asks an instance, over its local socket or by a transport that is handed in, and reads the answer.
//! `calls.rs` has one function for each call.

mod calls;

use crate::wire::errors::Refused;
use crate::wire::paths;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
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
    /// Nothing listens there.
    #[error("no service is running there")]
    NotRunning,
    /// The socket belongs to another account.
    #[error(
        "the running service belongs to another account: run this command as that account or as root"
    )]
    NotAllowed,
    /// The instance refused, in its own words.
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
    /// The connection broke.
    #[error("the service did not answer: {0}")]
    Broken(String),
    /// The answer is none that this version knows.
    #[error(
        "the answer of the service cannot be read ({0}): if it is of another version, start it again"
    )]
    Unreadable(String),
}

/// An answer as it came.
pub type Reply = Result<(StatusCode, Bytes), ClientError>;

/// Sends a request and fetches the reply.
pub type Transport =
    Box<dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;

/// Rows of a page of a list: as many as the service gives.
const ROWS: &str = "500";

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

    /// Asks the service that listens on `address`, without a token: for what needs none.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`].
    pub async fn connect_to(address: SocketAddr) -> Result<Self, ClientError> {
        open_tcp(address).await?;
        Ok(Self::new(Box::new(move |mut request| {
            Box::pin(async move {
                let host = HeaderValue::try_from(address.to_string());
                let host = host.map_err(broken)?;
                request.headers_mut().insert(HOST, host);
                send(open_tcp(address).await?, request).await
            })
        })))
    }

    /// Sends a request and reads the JSON of a good answer.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with the instance's own words, and the transport's errors.
    async fn ask<B: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, ClientError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "localhost");
        let bytes = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                serde_json::to_vec(body).map_err(broken)?.into()
            }
            None => Bytes::new(),
        };
        let request = request.body(bytes).map_err(broken)?;
        let (status, bytes) = (self.transport)(request).await?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(unreadable);
        }
        let refused: Refused = serde_json::from_slice(&bytes).map_err(unreadable)?;
        Err(ClientError::Refused {
            status: status.as_u16(),
            code: refused.code.into_owned(),
            message: refused.message.into_owned(),
            description: refused.description.into_owned(),
        })
    }

    async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        self.ask(Method::GET, path, None::<&()>).await
    }

    /// Asks with POST and no body.
    async fn act<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        self.ask(Method::POST, path, None::<&()>).await
    }

    async fn post<B: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<A, ClientError> {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn patch<B: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<A, ClientError> {
        self.ask(Method::PATCH, path, Some(body)).await
    }

    async fn delete<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        self.ask(Method::DELETE, path, None::<&()>).await
    }

    /// Reads a list to its end; `split` takes a page apart into its rows and the next cursor.
    async fn list<P: DeserializeOwned, R>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        split: impl Fn(P) -> (Vec<R>, Option<String>),
    ) -> Result<Vec<R>, ClientError> {
        let mut all = Vec::new();
        let mut cursor = "0".to_owned();
        loop {
            let query = [query, &[(paths::LIMIT, ROWS), (paths::CURSOR, &cursor)]].concat();
            let (rows, next) = split(self.get(&with_query(path, &query)).await?);
            all.extend(rows);
            match next {
                Some(next) => cursor = next,
                None => return Ok(all),
            }
        }
    }
}

fn broken(error: impl ToString) -> ClientError {
    ClientError::Broken(error.to_string())
}

fn unreadable(error: serde_json::Error) -> ClientError {
    ClientError::Unreadable(error.to_string())
}

fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let encode = |(name, value): &(&str, &str)| {
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        format!("{name}={value}")
    };
    let parameters: Vec<String> = parameters.iter().map(encode).collect();
    format!("{path}?{}", parameters.join("&"))
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
        _ => broken(error),
    }
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Bytes>,
) -> Reply {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A client whose requests get these answers, one after the other, and what it asked for.
    fn answered(replies: &[(u16, &str)]) -> (Client, Arc<Mutex<Vec<String>>>) {
        let mut replies = replies.to_vec();
        replies.reverse();
        let replies: Vec<(StatusCode, Bytes)> = replies
            .into_iter()
            .map(|(status, body)| {
                let status = StatusCode::from_u16(status).unwrap();
                (status, body.to_owned().into())
            })
            .collect();
        let (replies, asked) = (Mutex::new(replies), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&asked);
        let client = Client::new(Box::new(move |request| {
            let body = String::from_utf8_lossy(request.body());
            let line = format!("{} {} {body}", request.method(), request.uri());
            noted.lock().unwrap().push(line.trim_end().to_owned());
            let reply = replies.lock().unwrap().pop().unwrap();
            Box::pin(async move { Ok(reply) })
        }));
        (client, asked)
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_last_page() {
        let team =
            r#"{"id":1,"name":"Shop","support":false,"members":2,"createdAt":null,"role":null}"#;
        let first = format!(r#"{{"teams":[{team},{team}],"nextCursor":"7"}}"#);
        let last = format!(r#"{{"teams":[{team}],"nextCursor":null}}"#);
        let (client, asked) = answered(&[(200, &first), (200, &last)]);
        assert_eq!(client.teams("a & b").await.unwrap().len(), 3);
        assert_eq!(
            *asked.lock().unwrap(),
            [
                "GET /teams?search=a%20%26%20b&limit=500&cursor=0",
                "GET /teams?search=a%20%26%20b&limit=500&cursor=7"
            ]
        );
    }

    #[tokio::test]
    async fn refusals_keep_the_words_of_the_instance() {
        let body = r#"{"message":"No.","description":"Ask again.","code":"BUSY"}"#;
        let (client, _) = answered(&[(503, body)]);
        let error = client.stop().await.err().unwrap();
        assert_eq!(error.to_string(), "No. Ask again.");
        let is_told =
            matches!(&error, ClientError::Refused { status: 503, code, .. } if code == "BUSY");
        assert!(is_told, "{error:?}");
    }

    #[tokio::test]
    async fn an_answer_that_lacks_a_field_cannot_be_read() {
        let (client, _) = answered(&[(200, r#"{"paused":"no"}"#), (200, "{}"), (200, "nonsense")]);
        for _ in 0..3 {
            let error = client.sign_ins().await.err().unwrap();
            assert!(matches!(error, ClientError::Unreadable(_)), "{error:?}");
        }
    }

    #[tokio::test]
    async fn what_is_left_out_of_a_body_is_not_sent() {
        let link = r#"{"url":"http://localhost/#token=a","expiresAt":null}"#;
        let done = r#"{"paused":true,"since":null}"#;
        let (client, asked) = answered(&[(200, done), (201, link)]);
        client.set_paused(true).await.unwrap();
        client
            .reset_password(crate::domain::id::UserId(3))
            .await
            .unwrap();
        assert_eq!(
            *asked.lock().unwrap(),
            [
                r#"PATCH /sign-ins {"paused":true}"#,
                "POST /users/3/reset-password"
            ]
        );
    }
}
