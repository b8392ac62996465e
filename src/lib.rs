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
//!        → http::routes → http::endpoint (principal, body) → http::api (handler)
//!        → service::entry (authenticate)
//!        → store.write(|tx| { session, user, factor, lockout; domain::code_check → verdict + changes;
//!                             write them; audit })
//!        → writer thread: many such jobs, one transaction, one durable commit → verdict → token → JSON
//! ```
//!
//! # Invariants
//!
//! 1. Time and randomness are arguments; only [`platform`] obtains them.
//! 2. Decide, then do: a denial is a verdict with its own writes. A job that refuses leaves nothing
//!    behind but what it says to be on record.
//! 3. Check, consume, count and audit in one write transaction, failed tries too. A code is checked
//!    before anything else is written.
//! 4. Acknowledge after the commit. After an I/O error answer 503 and reopen; end if that fails.
//! 5. Group commit without a timer; jobs are functions of a transaction and may run again.
//! 6. The store reads from one file, `store/tables.rs`; a damaged or newer file is refused, never
//!    taken for an empty one.
//! 7. Authority is a type, made by its verifier in `http/endpoint/principal.rs` alone.
//! 8. Secrets have their own types: no `Debug`, wiped on drop, sealed in the store.
//! 9. A floor tells its errors by its own types; `http/error.rs` is the one table from refusal to
//!    status, with two texts: the client's and the log's.
//! 10. The command line is a client of the same API: over the local socket, or, when no service
//!     runs, to the very same routes within its own process.
//!
//! # Where does this line go?
//!
//! | a line that … | goes to |
//! |---|---|
//! | decides whether an Admin may change a Super Admin | `domain/people/authority.rs` |
//! | says how many wrong codes are free | `domain/factor/lockout.rs` |
//! | ends a person's sessions when a password changes | `service/sessions/endings.rs` |
//! | makes sure that the caller's code is fresh | `service/core/acting.rs`, `service/core/codes.rs` |
//! | limits what one address or account may try | `service/entry/limits.rs`, `service/entry/throttle.rs` |
//! | adds a table to the store | `store/tables.rs`, and a step in `store/migrations/` |
//! | adds a field to an answer | `wire/`, the file of the URL's family; its handler fills it in |
//! | adds a URL | `wire/paths.rs`, then the rows of its file in `http/api/` |
//! | refuses a request by its headers | `http/edge/hosts.rs` |
//! | asks the operating system anything | `platform/` |
//! | says that an act was done ("Second factor unlocked") | `http/api/`, its handler; the command line repeats it |
//! | prints what a command found | `cli/`, the file of the noun; `cli/output.rs` writes it |
//! | adds a finding of the doctor | `service/upkeep/doctor.rs` (store, clock, disk, people), `cli/doctor/surroundings.rs` (files, ports, certificate, tray) |
//! | reads a variable or a flag into the configuration | `config/environment_and_flags.rs` |
//! | decides which icon and menu the tray shows | `tray/menu.rs`; `tray/icon.rs` draws |
//!
//! # Where to begin reading
//!
//! `domain/factor/code_check.rs` (what a code can be), `store/writer.rs` (how it becomes durable),
//! `service/entry/code.rs` (how the two meet), `http/routes.rs` (how one gets there).

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
