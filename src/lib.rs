//! Vestibule: two-factor sign-in for small teams, on their own machine, in one file. The room with
//! two doors: the first opens with a password, the second with a code from the phone.
//!
//! # Floors
//!
//! A file imports from the floors below its own and from its own folder; never upward, never
//! sideways. `tests/suite/tidy.rs` holds the house to it.
//!
//! | floor | room | what lives there |
//! |---|---|---|
//! | 0 | [`domain`] | what is true on paper: rules as pure functions and state machines |
//! | 1 | [`platform`] | the only code that asks the operating system |
//! | 1 | [`config`] | `config.toml` and its layers → a validated, immutable `Config` |
//! | 1 | [`wire`] | bodies, answers and paths of the API, as types |
//! | 1 | [`store`] | bytes on disk: tables, records, the writer, migrations |
//! | 2 | [`service`] | use cases: read, decide, write, answer |
//! | 2 | [`client`] | asks a running instance over its local socket |
//! | 3 | [`http`] | URLs, headers, statuses, pages |
//! | 3 | [`tray`] | icon and menu |
//! | 4 | [`app`] | composition root: start and stop order |
//! | 5 | [`cli`] | flags, subcommands, standard output |
//!
//! # The way of one request
//!
//! ```text
//! socket → http::edge (TLS, limits, proxy, Host, Origin, body)
//!        → routes → principal, body → handler
//!        → service::authenticate
//!        → store.write(|tx| { session, user, factor, lockout; domain::code_check → verdict + changes;
//!                             write them; audit })
//!        → writer thread: many such jobs, one transaction, one durable commit → verdict → token → JSON
//! ```
//!
//! # Invariants
//!
//! 1. Time and randomness are arguments; only [`platform`] obtains them.
//! 2. Decide, then do: "denied" is a verdict with its own writes, not an error.
//! 3. Check, consume, count and audit in one write transaction, failed tries too.
//! 4. Acknowledge after the commit; after an I/O error answer 503 and reopen, never run on as a zombie.
//! 5. Group commit without a timer; jobs are functions of a transaction and may run again.
//! 6. The store reads from one file, `store/tables.rs`; a damaged or newer file is refused, never
//!    taken for an empty one.
//! 7. Authority is a type, made by its verifier in `http/endpoint/principal.rs` alone.
//! 8. Secrets have their own types: no `Debug`, wiped on drop, sealed in the store.
//! 9. One error enum a floor, one status table in `http/error.rs`, two texts: the client's and the
//!    log's.
//! 10. The command line is a client of the same API: over the local socket, or, when no service
//!     runs, to the very same routes within its own process.
//!
//! # Where to begin reading
//!
//! `domain/factor/code_check.rs` (what a code can be), `store/writer.rs` (how it becomes durable),
//! `service/authenticate.rs` (how the two meet), `http/routes.rs` (how one gets there).

pub mod app;
pub mod cli;
pub mod client;
pub mod config;
pub mod domain;
pub mod http;
pub mod platform;
pub mod service;
pub mod store;
pub mod tray;
pub mod wire;
