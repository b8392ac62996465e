//! Reading and verifying the audit log.

use super::Upkeep;
use crate::domain::audit::{Actor, Event};
use crate::domain::id::UserId;
use crate::service::core::error::Error;
use crate::store::{Head, StoreError, Verification};

/// Most events of one page.
pub const PAGE: usize = 1000;
/// Most rows that are looked at for one page: a filter that fits few of them gets short pages, and the
/// way to go on.
const LOOKED_AT: usize = 5000;

/// A page of events.
pub struct AuditPage {
    /// Number and event, oldest first.
    pub events: Vec<(u64, Event)>,
    /// `after` of the page that follows, if there may be one.
    pub next: Option<u64>,
    /// `before` of the page that precedes it, if there may be one; only where the newest were asked for.
    pub previous: Option<u64>,
    /// Number and hash of the newest row of the log.
    pub head: Head,
}

/// Which part of the log is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub enum Part {
    /// The newest events.
    #[default]
    Newest,
    /// The newest with numbers before this one.
    Before(u64),
    /// The oldest with numbers after this one.
    After(u64),
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Which part of the log.
    pub part: Part,
    /// Most events.
    pub limit: usize,
    /// Events about or by this user, or in this user's name, only.
    pub user: Option<u64>,
    /// Events of this action only.
    pub action: Option<String>,
}

/// Events with their numbers, and the number of the last row that was looked at.
type Collected = (Vec<(u64, Event)>, Option<u64>);

impl AuditQuery {
    fn wants(&self, event: &Event) -> bool {
        let by = match event.actor {
            Actor::User(id) => [Some(id), None],
            Actor::Impersonator { actor, target, .. } => [Some(actor), Some(target)],
            _ => [None, None],
        };
        let names = |user| by.contains(&Some(UserId(user))) || event.user == Some(UserId(user));
        let user = self.user.is_none_or(names);
        let action = self.action.as_deref();
        user && action.is_none_or(|action| event.action.name() == action)
    }

    /// The wanted ones among the first rows, and the number of the last row that was looked at.
    fn collect(
        &self,
        rows: impl Iterator<Item = Result<(u64, Event), StoreError>>,
    ) -> Result<Collected, StoreError> {
        let limit = self.limit.clamp(1, PAGE);
        let (mut events, mut last) = (Vec::new(), None);
        for row in rows.take(LOOKED_AT) {
            let (number, event) = row?;
            last = Some(number);
            if self.wants(&event) {
                events.push((number, event));
                if events.len() == limit {
                    break;
                }
            }
        }
        Ok((events, last))
    }
}

impl Upkeep {
    /// A page of the audit log. Sums that wait to be written are written first.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn audit_page(&self, query: AuditQuery) -> Result<AuditPage, Error> {
        self.core.write_refusals().await?;
        Ok(self.core.store.read(|read| {
            let head = read.audit_head()?;
            let (mut events, last) = match query.part {
                Part::Newest => query.collect(read.audit_before(u64::MAX)?)?,
                Part::Before(before) => query.collect(read.audit_before(before)?)?,
                Part::After(after) => query.collect(read.audit_after(after)?)?,
            };
            let forward = matches!(query.part, Part::After(_));
            if !forward {
                events.reverse();
            }
            Ok(AuditPage {
                events,
                next: last.filter(|last| forward && *last < head.0),
                previous: last.filter(|last| !forward && *last > 1),
                head,
            })
        })?)
    }

    /// Number and hash of the newest row.
    ///
    /// # Errors
    /// If the store fails.
    pub fn audit_head(&self) -> Result<Head, Error> {
        Ok(self.core.store.read(|read| read.audit_head())?)
    }

    /// Walks the whole chain, and looks for the row of a head that was kept elsewhere.
    ///
    /// # Errors
    /// If the store fails.
    pub fn verify_audit(&self, expected: Option<Head>) -> Result<Verification, Error> {
        let key = &self.core.foundation.keys.audit;
        Ok(self
            .core
            .store
            .read(|read| read.verify_audit(key, expected))?)
    }
}
