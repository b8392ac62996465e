//! What a child of the bench does: one of three servers, or writes without a network.
//!
//! The two bare servers stand behind the same kind of connection as the real one: same runtime, same
//! limits, same timer.

use crate::people;
use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use std::cell::RefCell;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use vestibule::app::{Opened, Running, Sources, bind};
use vestibule::config::Config;
use vestibule::domain::audit::{Action, Actor, Event};
use vestibule::domain::claims::{AccessClaims, Issuer};
use vestibule::domain::id::UserId;
use vestibule::domain::jwt::{Signer, SigningAlgorithm, SigningKey};
use vestibule::domain::secret::Secret;
use vestibule::domain::session::Session;
use vestibule::domain::totp::{Code, Generator, Parameters};
use vestibule::domain::user::User;
use vestibule::platform::entropy;
use vestibule::platform::paths::DataDirectory;
use vestibule::store::{Store, StoreError, Write};
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::hyper::body::Bytes;
use warp::reply::Response;

/// Runs the child in `role`.
pub fn run(role: &str, arguments: &[String]) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let argument = |index: usize| arguments.get(index).context("an argument is missing");
    runtime.block_on(async {
        match role {
            "hello" => serve_bare(hello()).await,
            "sign" => serve_bare(sign(argument(0)?).await?).await,
            "serve" => serve(PathBuf::from(argument(0)?)).await,
            "commit" => {
                let (tasks, count) = (argument(1)?.parse()?, argument(2)?.parse()?);
                let job = job_of(argument(3)?)?;
                commit(argument(0)?.as_ref(), tasks, count, job).await
            }
            other => bail!("no child does {other}"),
        }
    })
}

/// Tells the parent something.
fn say(line: &str) -> anyhow::Result<()> {
    println!("{line}");
    Ok(std::io::stdout().flush()?)
}

/// Waits for the parent's word, or its end.
async fn end_of_input() -> anyhow::Result<()> {
    let wait = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    wait.await??;
    Ok(())
}

async fn serve(root: PathBuf) -> anyhow::Result<()> {
    let mut config = Config::default();
    config.server.listen = vec!["127.0.0.1:0".parse()?];
    let sources = Sources::of_machine()?;
    let directory = DataDirectory::new(root);
    let opened = Opened::in_directory(directory, &config, &sources, false).await?;
    let listeners = bind(&config).await?;
    let running = Running::start(opened, listeners, &config, &sources).await?;
    let address = running.addresses().first().context("no address")?;
    say(&address.port().to_string())?;
    end_of_input().await?;
    running.stop().await;
    Ok(())
}

async fn serve_bare(routes: BoxedFilter<(Response,)>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&listener.local_addr()?.port().to_string())?;
    let accept = async {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let service = TowerToHyperService::new(warp::service(routes.clone()));
            let serving = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(5))
                .max_buf_size(32 * 1024)
                .max_headers(64)
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(serving);
        }
    };
    tokio::select! {
        ended = accept => ended,
        asked = end_of_input() => asked,
    }
}

fn hello() -> BoxedFilter<(Response,)> {
    let reply = || Response::new("hello".into());
    warp::path("hello")
        .and(warp::path::end())
        .map(reply)
        .boxed()
}

/// What a signature stands on; one person's records, read once.
struct Signing {
    key: SigningKey,
    user: User,
    session: Session,
}

thread_local! {
    static SIGNER: RefCell<Option<Signer>> = const { RefCell::new(None) };
}

/// The check of a code and the signature of a token over HTTP, with no store behind them.
async fn sign(root: &str) -> anyhow::Result<BoxedFilter<(Response,)>> {
    let (store, _) = people::open(Path::new(root)).await?;
    let found = store.read(|read| {
        let session = read.session(people::session_id(0))?;
        let user = session.as_ref().map(|session| read.user(session.user));
        Ok(session.zip(user.transpose()?.flatten()))
    })?;
    store.close();
    let (mut session, user) = found.context("nobody is there")?;
    session.lift(Sources::of_machine()?.clock.now());
    let secret = entropy::secret(&entropy::SystemEntropy)?;
    let key = SigningKey::new("bench", SigningAlgorithm::EdDsa, &secret)?;
    let signing = Arc::new(Signing { key, user, session });
    let sources = Sources::of_machine()?;
    Ok(warp::path("sign")
        .and(warp::path::end())
        .and(warp::post())
        .and(warp::body::bytes())
        .map(move |body: Bytes| match signing.answer(&body, &sources) {
            Ok(text) => Response::new(text.into()),
            Err(error) => {
                let mut response = Response::new(error.to_string().into());
                *response.status_mut() = warp::http::StatusCode::BAD_REQUEST;
                response
            }
        })
        .boxed())
}

impl Signing {
    fn answer(&self, body: &[u8], sources: &Sources) -> anyhow::Result<Vec<u8>> {
        let now = sources.clock.now();
        let body: serde_json::Value = serde_json::from_slice(body)?;
        let code = body["code"].as_str().context("no code")?;
        let code = Code::parse(code, 6).context("no code")?;
        let generator = Generator::new(&people::seed(), Parameters::DEFAULT);
        let step = generator.step_at(now.unix_seconds);
        let found = generator.newest_match(&code, step - 1, step + 1);
        found.context("a wrong code")?;
        let jti = HEXLOWER.encode(&entropy::bytes::<16>(sources.entropy.as_ref())?);
        let issuer = Issuer {
            base_url: "http://localhost:6238",
            access_seconds: 600,
        };
        let claims = AccessClaims::new(issuer, &self.user, &self.session, jti, now);
        let token = SIGNER.with_borrow_mut(|kept| {
            let signer = match kept.take() {
                Some(signer) => signer,
                None => self.key.signer()?,
            };
            let token = signer.sign(&claims);
            *kept = Some(signer);
            token
        })?;
        Ok(serde_json::to_vec(&json!({
            "accessToken": token,
            "refreshToken": "",
            "isTwoFactorEnable": true,
        }))?)
    }
}

/// What one person's write is.
type Job = fn(&mut Write<'_>, &Secret<32>, usize) -> Result<(), StoreError>;

fn job_of(name: &str) -> anyhow::Result<Job> {
    match name {
        "row" => Ok(one_row),
        "rows" => Ok(rows_of_a_sign_in),
        other => bail!("no job is called {other}"),
    }
}

/// The least that a commit can hold: one audit row.
fn one_row(write: &mut Write<'_>, key: &Secret<32>, number: usize) -> Result<(), StoreError> {
    write.append_audit(
        key,
        &Event {
            at: 1_700_000_000,
            action: Action::SignedIn,
            actor: Actor::User(UserId(1)),
            user: Some(UserId(1)),
            session: Some(people::session_id(number)),
            address: "127.0.0.1".to_owned(),
            detail: String::new(),
        },
    )
}

/// The rows that a sign-in reads and writes, without any check or decision: session, factor, audit.
fn rows_of_a_sign_in(
    write: &mut Write<'_>,
    key: &Secret<32>,
    number: usize,
) -> Result<(), StoreError> {
    let id = people::session_id(number);
    let gone = || StoreError::Refused("somebody is missing".into());
    let session = write.session(id)?.ok_or_else(gone)?;
    let factor = write.factor(session.user)?.ok_or_else(gone)?;
    write.put_factor(session.user, &factor)?;
    write.put_session(id, &session)?;
    one_row(write, key, number)
}

/// Writes `count` times from `tasks` tasks, each waiting for its own commit, and tells the seconds.
async fn commit(root: &Path, tasks: usize, count: usize, job: Job) -> anyhow::Result<()> {
    let (store, unlocked) = people::open(root).await?;
    let (store, next) = (Arc::new(store), Arc::new(AtomicUsize::new(0)));
    let before = crate::process::cpu_seconds("self")?;
    let started = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let (store, next) = (Arc::clone(&store), Arc::clone(&next));
        let key = unlocked.keys.audit.clone();
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<(), StoreError>(());
                }
                let key = key.clone();
                store.write(move |write| job(write, &key, number)).await?;
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    let seconds = started.elapsed().as_secs_f64();
    let cpu = crate::process::cpu_seconds("self")? - before;
    let store: &Store = &store;
    store.close();
    say(&format!("{seconds} {cpu}"))?;
    end_of_input().await
}
