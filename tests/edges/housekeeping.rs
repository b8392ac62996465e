//! What is thrown away, what is not, and that the audit log still vouches for what is left.

use crate::harness::medium::SharedMedium;
use crate::harness::{Person, Server};
use redb::{ReadableDatabase, ReadableTableMetadata, TableDefinition};
use serde_json::{Value, json};
use vestibule::domain::housekeeping::Horizon;
use vestibule::domain::id::{SessionId, UserId};
use vestibule::domain::session::{Lifetimes, Session};
use vestibule::domain::time::Now;
use vestibule::store::{Progress, Store, StoreError};

const DAY: u64 = 24 * 60 * 60;
const META: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("meta_1");
const AUDIT: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("audit_1");
type Meta<'t> = redb::Table<'t, &'static str, &'static [u8]>;
type Audit<'t> = redb::Table<'t, u64, &'static [u8]>;
const CHECKPOINT: &str = "audit_checkpoint";

fn open(medium: &SharedMedium) -> redb::Database {
    redb::Database::builder()
        .create_with_backend(medium.clone())
        .unwrap()
}

/// Records of sessions, their index, pending seeds and notices, by a copy of the medium.
fn counts(server: &Server) -> [u64; 4] {
    let copy = SharedMedium::default();
    copy.replace(server.medium.bytes());
    let database = open(&copy);
    let read = database.begin_read().unwrap();
    let raw = |name| {
        let table: TableDefinition<'_, [u8; 16], &[u8]> = TableDefinition::new(name);
        read.open_table(table).unwrap().len().unwrap()
    };
    let index: TableDefinition<'_, (u64, [u8; 16]), ()> = TableDefinition::new("user_sessions_1");
    let notices: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("notices_1");
    [
        raw("sessions_1"),
        read.open_table(index).unwrap().len().unwrap(),
        raw("pending_factors_1"),
        read.open_table(notices).unwrap().len().unwrap(),
    ]
}

fn keep_house(server: &Server) {
    server.block_on(server.services().upkeep.keep_house());
}

#[test]
fn what_nobody_can_use_any_more_goes_and_nothing_else() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let mut bob = Person::user(&server, "bob@example.com");
    bob.scans(&server).expect(200);
    server.clock.advance(30);
    let mut waiting = ada.clone();
    waiting.signs_in(&server).expect(200);
    assert_eq!(counts(&server), [3, 3, 1, 0]);
    keep_house(&server);
    assert_eq!(counts(&server), [3, 3, 1, 0]);
    // Five minutes on the pending sign-in lapses, ten on the seed.
    server.clock.advance(300);
    keep_house(&server);
    assert_eq!(counts(&server), [2, 2, 1, 0]);
    server.clock.advance(300);
    keep_house(&server);
    assert_eq!(counts(&server), [2, 2, 0, 0]);
    ada.gets(&server, "/auth/me").refused(401, "UNAUTHORIZED");
    let body = json!({ "refreshToken": ada.refresh });
    server
        .http
        .post("/auth/refresh-token", "", body)
        .expect(200);
    // Twelve hours without use: Bob's goes; Ada's was used ten minutes later and goes later.
    server.clock.advance(12 * 3600 - 631);
    keep_house(&server);
    assert_eq!(counts(&server)[0], 2);
    server.clock.advance(1);
    keep_house(&server);
    assert_eq!(counts(&server), [1, 1, 0, 0]);
    // A clock that was set back throws nothing away.
    server.clock.jump(-100_000_000);
    keep_house(&server);
    assert_eq!(counts(&server), [1, 1, 0, 0]);
    server.clock.jump(100_000_000);
    server.clock.advance(630);
    keep_house(&server);
    assert_eq!(counts(&server), [0, 0, 0, 0]);
    assert!(server.audit_is_intact());
}

#[test]
fn notices_lapse_after_thirteen_months() {
    let server = Server::start();
    let _ada = Person::super_admin(&server);
    let bob = Person::protected(&server, "bob@example.com");
    let path = format!("/operator/users/{}/reset-two-factor", bob.id);
    server.operator("POST", &path, None).expect(201);
    let told = counts(&server)[3];
    assert!(told > 0);
    server.clock.advance(395 * DAY);
    keep_house(&server);
    assert_eq!(counts(&server)[3], told);
    server.clock.advance(2 * DAY);
    keep_house(&server);
    assert_eq!(counts(&server)[3], 0);
}

/// A log of 20 months, two sign-ins a month.
fn with_a_long_log() -> (Server, Person) {
    let server = Server::start();
    let bob = Person::added(&server, "bob@example.com", &["User"]);
    for _ in 0..40 {
        bob.clone().signs_in(&server).expect(200);
        server.clock.advance(15 * DAY);
    }
    bob.clone().signs_in(&server).expect(200);
    (server, bob)
}

fn verified(server: &Server, head: Option<(u64, String)>) -> Value {
    let body = match head {
        None => json!({}),
        Some((number, hash)) => json!({ "number": number, "hash": hash }),
    };
    let path = "/operator/audit/verify";
    server.operator("POST", path, Some(body)).expect(200).json
}

fn head(server: &Server) -> (u64, String) {
    let head = server.operator("GET", "/audit/head", None).expect(200);
    (
        head.json["number"].as_u64().unwrap(),
        head.text_field("hash"),
    )
}

fn oldest(server: &Server) -> Value {
    let page = server.operator("GET", "/audit?after=0&limit=1", None);
    page.expect(200).json["events"][0].clone()
}

#[test]
fn old_months_of_the_audit_log_go_behind_a_checkpoint_that_vouches_for_the_rest() {
    let (mut server, bob) = with_a_long_log();
    let kept_elsewhere = head(&server);
    keep_house(&server);
    // 2026-06-01 and 600 days is 2028-01-22; thirteen months before is December 2026.
    let first = oldest(&server);
    assert!(
        first["at"].as_str().unwrap().starts_with("2026-12-"),
        "{first}"
    );
    let number = first["number"].as_u64().unwrap();
    let found = verified(&server, Some(kept_elsewhere.clone()));
    assert_eq!(found["intact"], true, "{found}");
    assert_eq!(found["beginsAfter"].as_u64(), Some(number - 1));
    let last = server.audit_actions().pop().unwrap();
    assert_eq!(last, "audit.pruned");
    // A head from before the checkpoint cannot be told any more; the log is no less whole.
    let found = verified(&server, Some((1, "00".repeat(32))));
    assert_eq!(
        (&found["brokenAt"], &found["containsExpectedHead"]),
        (&Value::Null, &json!(false))
    );
    // A second time there is nothing to cut, and the numbers go on.
    let before = head(&server);
    keep_house(&server);
    assert_eq!(head(&server), before);
    server.restart();
    bob.clone().signs_in(&server).expect(200);
    assert!(head(&server).0 > before.0);
    assert_eq!(verified(&server, Some(before))["intact"], true);
}

#[test]
fn a_checkpoint_that_was_removed_moved_or_forged_is_found() {
    let edit = |act: fn(&mut Meta<'_>, &mut Audit<'_>)| {
        let (mut server, _bob) = with_a_long_log();
        keep_house(&server);
        assert_eq!(verified(&server, None)["intact"], true);
        server.restart_after(|medium| {
            let database = open(medium);
            let transaction = database.begin_write().unwrap();
            act(
                &mut transaction.open_table(META).unwrap(),
                &mut transaction.open_table(AUDIT).unwrap(),
            );
            transaction.commit().unwrap();
        });
        verified(&server, None)["intact"].clone()
    };
    assert_eq!(edit(|_, _| {}), true);
    assert_eq!(
        edit(|meta, _| drop(meta.remove(CHECKPOINT).unwrap())),
        false
    );
    // One more row cut, and the checkpoint left as it is.
    assert_eq!(edit(|_, audit| drop(audit.pop_first().unwrap())), false);
    // One more row cut, and its hash put into the checkpoint without the key.
    let moved = edit(|meta, audit| {
        let row = audit.pop_first().unwrap().unwrap();
        let hash = row.1.value()[..32].to_vec();
        let number = row.0.value();
        drop(row);
        let mut checkpoint = redb::ReadableTable::get(meta, CHECKPOINT)
            .unwrap()
            .unwrap()
            .value()
            .to_vec();
        // Version, the number in one byte, hash, seal.
        assert_eq!(
            (checkpoint.len(), u64::from(checkpoint[1])),
            (1 + 1 + 32 + 32, number - 1)
        );
        checkpoint[1] += 1;
        checkpoint[2..34].copy_from_slice(&hash);
        meta.insert(CHECKPOINT, checkpoint.as_slice()).unwrap();
    });
    assert_eq!(moved, false);
}

#[test]
fn a_broken_row_is_not_cut_off_and_so_not_hidden() {
    let (mut server, _bob) = with_a_long_log();
    server.restart_after(|medium| {
        let database = open(medium);
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(AUDIT).unwrap();
        let mut row = redb::ReadableTable::get(&table, 5)
            .unwrap()
            .unwrap()
            .value()
            .to_vec();
        row[0] ^= 1;
        table.insert(5, row.as_slice()).unwrap();
        drop(table);
        transaction.commit().unwrap();
    });
    keep_house(&server);
    assert_eq!(oldest(&server)["number"], 1);
    assert_eq!(verified(&server, None)["brokenAt"], 5);
}

/// One session of so many is still in use; those keep the file from shrinking by itself.
const ONE_LIVES_OF: u64 = 40;
const LIFETIMES: Lifetimes = Lifetimes {
    access_seconds: 600,
    refresh_idle_seconds: 3600,
    refresh_absolute_seconds: 7200,
};

fn at(seconds: u64) -> Now {
    Now {
        unix_seconds: seconds,
        monotonic_milliseconds: seconds * 1000,
        run: 1,
    }
}

fn session(number: u64) -> Session {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    let mut session = Session {
        id: SessionId(id),
        user: UserId(number % 100),
        password_at: at(1000).stamp(),
        code_at: None,
        stage_token: None,
        refresh: None,
        last_used: at(1000).stamp(),
        device: "d".repeat(900),
        address: "127.0.0.1".into(),
        impersonation: None,
    };
    session.rotate(at(1000));
    if number.is_multiple_of(ONE_LIVES_OF) {
        session.rotate(at(4000));
    }
    session
}

#[test]
fn a_large_table_is_swept_in_parts_and_the_file_gives_its_room_back() {
    const SESSIONS: u64 = 20_000;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.redb");
    Store::create(&path, |_| Ok(())).unwrap();
    let size = || path.metadata().unwrap().len();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Store::open(path.clone(), 32 << 20).unwrap();
        for part in 0..10 {
            let add = move |write: &mut vestibule::store::Write<'_>| -> Result<(), StoreError> {
                let numbers = part * SESSIONS / 10..(part + 1) * SESSIONS / 10;
                numbers
                    .into_iter()
                    .try_for_each(|number| write.add_session(&session(number)))
            };
            store.write(add).await.unwrap();
        }
        let horizon = |seconds| Horizon {
            now: at(seconds),
            lifetimes: LIFETIMES,
        };
        let mut progress = Progress::default();
        let early = store.read(|read| read.lapsed(horizon(4000), &mut progress, 30_000));
        assert_eq!((early.unwrap().count(), progress.is_at_end()), (0, true));
        let mut removed = 0;
        loop {
            let found = store.read(|read| read.lapsed(horizon(4600), &mut progress, 3000));
            let mut found = found.unwrap();
            // What was asked for too early is looked at once more, and stays.
            let again = found.clone();
            let late = store.write(move |write| write.remove_lapsed(&again, horizon(4000)));
            assert_eq!(late.await.unwrap(), 0);
            while found.count() > 0 {
                let batch = found.take(256);
                assert!(batch.count() <= 256);
                let job = move |write: &mut vestibule::store::Write<'_>| {
                    write.remove_lapsed(&batch, horizon(4600))
                };
                removed += store.write(job).await.unwrap();
            }
            if progress.is_at_end() {
                break;
            }
        }
        assert_eq!(removed as u64, SESSIONS - SESSIONS / ONE_LIVES_OF);
        store.close();
    });
    let before = size();
    assert!(before > 16 << 20, "{before}");
    let store = Store::open(path.clone(), 32 << 20).unwrap();
    assert!(size() < before / 4, "{before} {}", size());
    store.close();
    // Opening it once more loses nothing.
    let store = Store::open(path.clone(), 32 << 20).unwrap();
    let kept = store.read(|read| read.session(session(ONE_LIVES_OF).id));
    assert_eq!(kept.unwrap(), Some(session(ONE_LIVES_OF)));
    assert!(size() < before / 4, "{before} {}", size());
    store.close();
}
