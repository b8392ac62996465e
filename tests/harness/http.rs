//! A blocking HTTP client that takes every status for an answer.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;

/// What every answer says to browsers, beside its policy.
pub const GUARDS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
    /// `Null` if the body is no JSON.
    pub json: Value,
}

impl Answer {
    /// The error's code, or nothing.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or("")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The answer, if it is this refusal in the one shape that all refusals have.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        let keys: Vec<&String> = self.json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "description", "message"], "{}", self.text);
        assert!(!self.json["message"].as_str().unwrap().is_empty());
        assert!(!self.json["description"].as_str().unwrap().is_empty());
        self
    }

    /// The incident's id, if this is the answer to a failure of ours and says nothing beyond it.
    #[track_caller]
    pub fn incident(self) -> String {
        let answer = self.refused(500, "INTERNAL");
        assert_eq!(answer.json["message"], "Something went wrong on our side.");
        let description = answer.text_field("description");
        let told = "Try again; if it happens again, tell the administrator the incident ";
        let id = description.strip_prefix(told).unwrap();
        let id = id.strip_suffix('.').unwrap();
        let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_hexdigit());
        assert!(
            id.split('-').count() == 2 && id.split('-').all(is_part),
            "{id}"
        );
        id.to_owned()
    }

    /// An answer as it came over a socket.
    pub fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let mut headers = ureq::http::HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            let name: ureq::http::HeaderName = name.parse().unwrap();
            headers.append(name, value.parse().unwrap());
        }
        Self {
            status: status.map_or(0, |status| status.parse().unwrap()),
            headers,
            json: serde_json::from_str(body).unwrap_or(Value::Null),
            text: body.to_owned(),
        }
    }

    /// A text field of the body.
    #[track_caller]
    pub fn text_field(&self, name: &str) -> String {
        match self.json[name].as_str() {
            Some(text) => text.to_owned(),
            None => panic!("{name} is no text in {}", self.text),
        }
    }
}

/// A client of one service.
#[derive(Clone)]
pub struct Http {
    agent: ureq::Agent,
    base: String,
}

impl Http {
    pub fn new(address: SocketAddr) -> Self {
        Self::waiting(address, Duration::from_secs(30))
    }

    /// A client that waits so long for an answer.
    pub fn waiting(address: SocketAddr, longest: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(longest))
            .max_idle_connections(0)
            .build();
        Self {
            agent: config.into(),
            base: format!("http://{address}"),
        }
    }

    /// Sends a request; `token` as a bearer token, `body` as JSON.
    pub fn send(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Answer {
        let headers = if body.is_some() {
            vec![("content-type", "application/json")]
        } else {
            vec![]
        };
        let bytes = body.map(|body| body.to_string().into_bytes());
        self.send_raw(method, path, token, &headers, bytes.unwrap_or_default())
    }

    /// Sends any bytes with any headers.
    pub fn send_raw(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        self.attempt_raw(method, path, token, headers, body)
            .unwrap()
    }

    /// The same with JSON, where the service may be gone.
    pub fn attempt(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<Answer, ureq::Error> {
        let headers = [("content-type", "application/json")];
        self.attempt_raw(method, path, token, &headers, body.to_string().into_bytes())
    }

    fn attempt_raw(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        let mut response = response?;
        let text = response.body_mut().read_to_string()?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            json: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }

    pub fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, token, None)
    }

    pub fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send("POST", path, token, Some(&body))
    }

    /// A POST without a body.
    pub fn post_nothing(&self, path: &str, token: &str) -> Answer {
        self.send("POST", path, token, None)
    }
}
