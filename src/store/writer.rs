//! The one thread that writes: group commit without a timer.
//!
//! ```text
//! block for one job ─> begin ─> run it, and all that are queued by then ─> commit ─> answer all
//!                        ^            │ one errs or panics: abort, answer it, run the others again
//!                        └────────────┘
//! commit fails ─> answer all "unknown" ─> reopen, never run again
//! ```
//! Jobs are functions of a transaction without other effects, so that they may run twice.

use super::database::Shared;
use super::error::StoreError;
use super::transaction::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Most jobs of one commit.
const BATCH: usize = 512;
/// Pause between two attempts to reopen the database.
const PAUSE: Duration = Duration::from_millis(200);
/// Attempts after which a database that does not reopen is given up; a full disk is waited for.
const ATTEMPTS: u32 = 10;

/// A job in the queue.
pub(super) trait Work: Send {
    /// Runs the job; on an error nothing of it may stay.
    fn run(&mut self, write: &mut Write<'_>) -> Result<(), StoreError>;
    /// Tells the caller how it ended.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A job with the place for its outcome.
pub(super) struct Job<F, T> {
    pub(super) act: F,
    pub(super) outcome: Option<T>,
    pub(super) reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Work for Job<F, T>
where
    F: Fn(&mut Write<'_>) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, write: &mut Write<'_>) -> Result<(), StoreError> {
        self.outcome = None;
        write.begin_job();
        match catch_unwind(AssertUnwindSafe(|| (self.act)(write))) {
            Ok(outcome) => {
                self.outcome = Some(outcome?);
                Ok(())
            }
            Err(panic) => Err(StoreError::Panicked(text_of(panic.as_ref()))),
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => Ok(outcome),
            (Ok(()), None) => Err(StoreError::Closed),
            (Err(error), _) => Err(error),
        };
        // The request may have been given up meanwhile.
        let _ = self.reply.send(answer);
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no text".to_owned())
}

type Batch = Vec<Box<dyn Work>>;

/// What became of one attempt to run a batch.
enum Attempt {
    Committed,
    /// The job at this place failed; the transaction was aborted.
    JobFailed(usize, StoreError),
    /// The database failed.
    Failed(StoreError),
}

/// Runs until the queue is closed and empty.
pub(super) fn run(shared: &Arc<Shared>, queue: &Receiver<Box<dyn Work>>) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        if let Err(error) = commit_batch(shared, queue, &mut batch) {
            answer_all(batch, &Err(error.clone()));
            if error.needs_reopening() && !reopen(shared, queue, &error) {
                return;
            }
        }
    }
}

fn commit_batch(
    shared: &Shared,
    queue: &Receiver<Box<dyn Work>>,
    batch: &mut Batch,
) -> Result<(), StoreError> {
    loop {
        match attempt(shared, queue, batch) {
            Attempt::Committed => {
                answer_all(std::mem::take(batch), &Ok(()));
                return Ok(());
            }
            Attempt::JobFailed(index, error) if !error.needs_reopening() => {
                batch.remove(index).answer(Err(error));
                if batch.is_empty() {
                    return Ok(());
                }
            }
            Attempt::JobFailed(_, error) | Attempt::Failed(error) => return Err(error),
        }
    }
}

fn answer_all(batch: Batch, outcome: &Result<(), StoreError>) {
    for work in batch {
        work.answer(outcome.clone());
    }
}

fn attempt(shared: &Shared, queue: &Receiver<Box<dyn Work>>, batch: &mut Batch) -> Attempt {
    let guard = shared
        .database
        .read()
        .unwrap_or_else(PoisonError::into_inner);
    let Some(database) = guard.as_ref() else {
        return Attempt::Failed(StoreError::Closed);
    };
    let mut transaction = match database.begin_write() {
        Ok(transaction) => transaction,
        Err(error) => return Attempt::Failed(error.into()),
    };
    transaction.set_two_phase_commit(true);
    let outcome = run_jobs(&transaction, queue, batch);
    match outcome {
        Ok(()) => match transaction.commit() {
            Ok(()) => Attempt::Committed,
            Err(error) => Attempt::Failed(error.into()),
        },
        Err((index, error)) => match transaction.abort() {
            Ok(()) => Attempt::JobFailed(index, error),
            Err(error) => Attempt::Failed(error.into()),
        },
    }
}

fn run_jobs(
    transaction: &redb::WriteTransaction,
    queue: &Receiver<Box<dyn Work>>,
    batch: &mut Batch,
) -> Result<(), (usize, StoreError)> {
    let mut write = Write::open(transaction).map_err(|error| (0, error))?;
    let mut index = 0;
    loop {
        let Some(work) = batch.get_mut(index) else {
            match queue.try_recv() {
                Ok(next) if batch.len() < BATCH => batch.push(next),
                Ok(next) => {
                    // The batch is full: this one is its last.
                    batch.push(next);
                    let last = batch.get_mut(index).map(|work| work.run(&mut write));
                    return last.unwrap_or(Ok(())).map_err(|error| (index, error));
                }
                Err(_) => return Ok(()),
            }
            continue;
        };
        work.run(&mut write).map_err(|error| (index, error))?;
        index += 1;
    }
}

/// Opens the database anew, patiently while the disk is full; whether that succeeded.
fn reopen(shared: &Arc<Shared>, queue: &Receiver<Box<dyn Work>>, cause: &StoreError) -> bool {
    tracing::error!(event = "store.failed", error = %cause, "the store failed and is being reopened");
    let mut guard = shared
        .database
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    drop(guard.take());
    let mut attempts = 0;
    loop {
        match (shared.opener)() {
            Ok(database) => {
                *guard = Some(database);
                tracing::info!(event = "store.reopened", "the store is open again");
                return true;
            }
            Err(StoreError::Full(_)) => {}
            Err(error) => {
                attempts += 1;
                if attempts == ATTEMPTS {
                    tracing::error!(event = "store.given_up", %error, "the store cannot be reopened");
                    let _ = shared.failure.send(Some(error.to_string()));
                    return false;
                }
            }
        }
        drop(guard);
        if !refuse_for(PAUSE, queue, cause) {
            return false;
        }
        guard = shared
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
    }
}

/// Answers with `cause` whatever comes for a while; whether the queue is still open.
fn refuse_for(pause: Duration, queue: &Receiver<Box<dyn Work>>, cause: &StoreError) -> bool {
    match queue.recv_timeout(pause) {
        Ok(work) => {
            work.answer(Err(cause.clone()));
            while let Ok(work) = queue.try_recv() {
                work.answer(Err(cause.clone()));
            }
            std::thread::sleep(pause);
            true
        }
        Err(RecvTimeoutError::Timeout) => true,
        Err(RecvTimeoutError::Disconnected) => false,
    }
}
