//! What is wrong with an instance, as far as the store, its clock and its disk tell; each finding
//! with its cause and its cure. Changes nothing.

use super::finding::Finding;
use super::health::{AHEAD_SECONDS, EARLIEST_UNIX_SECONDS, FREE_BYTES};
use super::{Upkeep, log_filler};
use crate::domain::enrolment::Factor;
use crate::domain::id::UserId;
use crate::domain::pause::Pause;
use crate::domain::time::Now;
use crate::domain::user::{Role, User};
use crate::platform::files;
use crate::platform::paths::DataDirectory;
use crate::service::core::error::Error;
use crate::store::{Head, Read, StoreError};
use std::sync::Arc;

/// Free bytes below which the disk will soon be too full to work.
const SCARCE_BYTES: u64 = 8 * FREE_BYTES;
/// Most accounts that one finding names.
const MOST_NAMES: usize = 5;

/// What was found, and the figures worth telling.
pub struct Examination {
    /// Nothing, if all is well.
    pub findings: Vec<Finding>,
    /// The figures.
    pub facts: Facts,
}

/// Figures of an instance.
pub struct Facts {
    /// Number and hash of the newest audit row.
    pub audit_head: Head,
    /// Size of the store's file; `None` in memory.
    pub store_bytes: Option<u64>,
    /// Part of the file that holds nothing, from 0 to 1.
    pub store_free_share: Option<f64>,
    /// Free bytes on the store's disk.
    pub free_bytes: Option<u64>,
    /// Number of accounts.
    pub accounts: usize,
}

type Account = (User, Option<Factor>);

impl Upkeep {
    /// Examines the instance; reads the whole store.
    ///
    /// # Errors
    /// If the store is not there at the moment.
    pub async fn examine(self: &Arc<Self>) -> Result<Examination, Error> {
        let is_writable = self.core.store_is_writable().await;
        let services = Arc::clone(self);
        let examined = tokio::task::spawn_blocking(move || services.examine_store(is_writable));
        let examined = examined.await;
        examined.map_err(|error| Error::Internal(error.to_string()))?
    }

    fn examine_store(&self, is_writable: bool) -> Result<Examination, Error> {
        let now = self.core.now();
        let directory = self.core.foundation.settings.data_directory.clone();
        let free_bytes = directory.as_deref().and_then(files::free_bytes);
        let mut findings = Vec::new();
        findings.extend(clock(now));
        findings.extend(free_bytes.and_then(disk));
        let read = self
            .core
            .store
            .read(|read| self.read_all(read, now, &mut findings));
        let (audit_head, used, accounts) = match read {
            Ok(read) => read,
            Err(StoreError::Damaged(what)) => {
                findings.push(damaged(&what));
                ((0, [0; 32]), None, 0)
            }
            Err(other) => return Err(other.into()),
        };
        let file = directory.map(|root| DataDirectory::new(root).store());
        let store_bytes = file.and_then(|file| Some(file.metadata().ok()?.len()));
        let store_free_share = store_bytes
            .zip(used)
            .map(|(size, used)| free_share(size, used));
        if !is_writable {
            findings.push(Finding::new(
                "store",
                "the store cannot be written at the moment",
                "the disk failed or is full; the log says more",
                "check the disk; the service goes on by itself once it can be written",
            ));
        }
        Ok(Examination {
            findings,
            facts: Facts {
                audit_head,
                store_bytes,
                store_free_share,
                free_bytes,
                accounts,
            },
        })
    }

    fn read_all(
        &self,
        read: &Read,
        now: Now,
        findings: &mut Vec<Finding>,
    ) -> Result<(Head, Option<u64>, usize), StoreError> {
        let accounts = read.accounts()?;
        let members = read.support_members()?;
        findings.extend(ahead(read.newest_event_at()?, now));
        findings.extend(steps_ahead(&accounts, now));
        findings.extend(gaps(&accounts, &members));
        findings.extend(paused(read.pause()?.unwrap_or_default(), now));
        findings.extend(log_filler::find(read, now)?);
        let chain = read.verify_audit(&self.core.foundation.keys.audit, None)?;
        if let Some(number) = chain.broken_at {
            findings.push(Finding::new(
                "audit",
                format!("the audit log is broken at event {number}"),
                "it, or one before it, was edited, removed or swapped",
                "keep this file as evidence and compare it with a backup",
            ));
        }
        Ok((chain.head, Some(read.used_bytes()?), accounts.len()))
    }
}

/// Part of a file of `size` bytes that holds nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share needs no more than a few digits"
)]
fn free_share(size: u64, used: u64) -> f64 {
    if size == 0 {
        return 0.0;
    }
    let share = size.saturating_sub(used) as f64 / size as f64;
    (share * 1000.0).round() / 1000.0
}

fn clock(now: Now) -> Option<Finding> {
    (now.unix_seconds < EARLIEST_UNIX_SECONDS).then(|| {
        Finding::new(
            "clock",
            "the clock of this machine is before 2026",
            "it was not set; no code and no token can be checked with it",
            "set the clock, and let the machine keep it by NTP",
        )
    })
}

fn ahead(newest: Option<u64>, now: Now) -> Option<Finding> {
    let seconds = newest?.saturating_sub(now.unix_seconds);
    (seconds > AHEAD_SECONDS).then(|| {
        Finding::new(
            "clock",
            format!("the newest event in the audit log is {seconds} seconds in the future"),
            "the clock of this machine was set back, or was ahead when that event happened",
            "check the clock, and let the machine keep it by NTP",
        )
    })
}

fn steps_ahead(accounts: &[Account], now: Now) -> Option<Finding> {
    let is_ahead = |factor: &Factor| {
        let period = factor.parameters.period_seconds.max(1);
        factor.last_step > (now.unix_seconds + AHEAD_SECONDS) / period
    };
    let shut_out = accounts
        .iter()
        .filter(|(_, factor)| factor.as_ref().is_some_and(is_ahead));
    let names = named(shut_out)?;
    Some(Finding::new(
        "clock",
        format!("the last accepted code lies in the future for {names}"),
        "the clock was ahead when it was accepted; until it is reached again every code is refused",
        "wait until the clock has caught up, or use `vestibule user reset-2fa` and enrol anew",
    ))
}

fn disk(free: u64) -> Option<Finding> {
    (free < SCARCE_BYTES).then(|| {
        let mebibytes = free / (1024 * 1024);
        let finding = format!("only {mebibytes} MiB are left on the disk of the data directory");
        let cause = if free < FREE_BYTES {
            "nothing can be written safely any more; readiness is refused"
        } else {
            "below 32 MiB readiness is refused, and a full disk stops every sign-in"
        };
        Finding::new("disk", finding, cause, "make room on that disk")
    })
}

fn damaged(what: &str) -> Finding {
    Finding::new(
        "store",
        format!("a part of the store cannot be read: {what}"),
        "the file was changed by something else than Vestibule, or the disk is failing",
        "stop the service, keep the file, and put a backup in its place",
    )
}

/// What the policy or good sense demands of the people, and is not so.
fn gaps(accounts: &[Account], members: &[UserId]) -> Vec<Finding> {
    let active = || accounts.iter().filter(|(user, _)| !user.is_archived());
    let admins = || active().filter(|(user, _)| user.roles.is_admin());
    let supers = active().filter(|(user, _)| user.roles.has(Role::SuperAdmin));
    let mut findings = Vec::new();
    match supers.count() {
        0 => findings.push(Finding::new(
            "policy",
            "there is no Super Admin",
            "nobody has claimed this instance yet, or all were archived on the disk itself",
            "open the link of `vestibule setup-url`, or use `vestibule user add EMAIL --role super-admin`",
        )),
        1 => findings.push(Finding::new(
            "policy",
            "there is one Super Admin alone",
            "when that person's phone or account is lost, only this machine's owner can help",
            "make a second one with `vestibule user set-role`",
        )),
        _ => {}
    }
    if let Some(names) = named(admins().filter(|(_, factor)| factor.is_none())) {
        findings.push(Finding::new(
            "policy",
            format!("administrators without a second factor: {names}"),
            "a password alone opens every other account",
            "have them sign in and set it up; until then take the role away",
        ));
    }
    if admins().next().is_some() && !admins().any(|(user, _)| members.contains(&user.id)) {
        findings.push(Finding::new(
            "policy",
            "no administrator is in the support team",
            "nobody can help people by acting as them",
            "add an administrator to the support team",
        ));
    }
    findings
}

fn paused(pause: Pause, now: Now) -> Option<Finding> {
    let minutes = now.unix_seconds.saturating_sub(pause.since?) / 60;
    Some(Finding::new(
        "sign-ins",
        format!("sign-ins have been paused for {minutes} minutes"),
        "somebody paused them in the tray, on the system page or with `vestibule sign-ins pause`; a restart does not end it",
        "end the pause with `vestibule sign-ins resume`",
    ))
}

/// The addresses of some accounts in words; `None` if there are none.
fn named<'a>(accounts: impl Iterator<Item = &'a Account>) -> Option<String> {
    let names: Vec<&str> = accounts.map(|(user, _)| user.email.as_str()).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    let shown = names.get(..names.len() - more)?.join(", ");
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(shown),
        (false, more) => Some(format!("{shown} and {more} more")),
    }
}
