//! Group commit: what a failing job, a failing commit and a failing medium leave behind.

use crate::harness::medium::SharedMedium;
use crate::harness::{Person, Server};
use serde_json::json;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use vestibule::store::{Counter, Store, StoreError};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

fn store_on(medium: &SharedMedium) -> Store {
    let medium = medium.clone();
    Store::on(move || medium.clone(), |_| Ok(())).unwrap()
}

/// Writes until the store has been reopened; it does that by itself.
async fn write_when_open(store: &Store) -> u64 {
    for _ in 0..100 {
        match store.write(|write| write.next_id(Counter::User)).await {
            Ok(id) => return id,
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    panic!("the store does not come back");
}

#[test]
fn of_64_jobs_one_errs_and_one_panics_and_62_commit_once_each() {
    block_on(async {
        let store = Arc::new(store_on(&SharedMedium::default()));
        let jobs: Vec<_> = (0..64)
            .map(|number| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    store
                        .write(move |write| {
                            let id = write.next_id(Counter::User)?;
                            match number {
                                20 => Err(StoreError::Refused("on purpose".into())),
                                40 => panic!("on purpose"),
                                _ => Ok(id),
                            }
                        })
                        .await
                })
            })
            .collect();
        let mut ids = Vec::new();
        for (number, job) in jobs.into_iter().enumerate() {
            match (number, job.await.unwrap()) {
                (20, Err(StoreError::Refused(_))) | (40, Err(StoreError::Panicked(_))) => {}
                (_, Ok(id)) => ids.push(id),
                (_, Err(error)) => panic!("job {number}: {error}"),
            }
        }
        ids.sort_unstable();
        assert_eq!(ids, (1..=62).collect::<Vec<_>>());
        assert_eq!(write_when_open(&store).await, 63);
    });
}

#[test]
fn a_failing_commit_is_never_run_again_and_the_store_comes_back() {
    for kind in [ErrorKind::Other, ErrorKind::StorageFull] {
        block_on(async {
            let medium = SharedMedium::default();
            let store = store_on(&medium);
            assert_eq!(write_when_open(&store).await, 1);
            medium.fail_always(kind);
            let runs = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&runs);
            let outcome = store
                .write(move |write| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    write.next_id(Counter::User)
                })
                .await;
            match (kind, outcome) {
                (ErrorKind::StorageFull, Err(StoreError::Full(_))) => {}
                (ErrorKind::Other, Err(StoreError::Unavailable(_))) => {}
                (_, other) => panic!("{other:?}"),
            }
            medium.heal();
            assert_eq!(write_when_open(&store).await, 2);
            assert_eq!(runs.load(Ordering::SeqCst), 1);
        });
    }
}

#[test]
fn an_io_fault_at_any_point_of_a_sign_in_gives_no_token_without_a_used_code() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let mut faults = 0;
    for fault in 0..24 {
        server.clock.advance(60);
        let mut session = ada.clone();
        session.signs_in(&server).expect(200);
        let code = session.code(&server);
        server.medium.fail_after(fault);
        let first = session.authenticates(&server, &code);
        server.medium.heal();
        if first.status != 200 {
            first.refused(503, "STORE_UNAVAILABLE");
            faults += 1;
        }
        // Used or not, the code is good for one success at most, and the store comes back.
        let mut again = ada.clone();
        for _ in 0..100 {
            if again.signs_in(&server).status == 200 {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let second = again.posts(&server, "/2fa/authenticate", json!({ "code": code }));
        let both = session.access.contains('.') && session.access != ada.access;
        assert!(
            !(both && second.status == 200),
            "fault {fault}: the code worked twice"
        );
    }
    assert!(faults > 0, "no fault was met");
    assert!(server.audit_is_intact());
}
