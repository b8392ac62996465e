//! Reading and verifying the audit log.

use super::{Error, Services};
use crate::domain::audit::{Actor, Event};
use crate::store::{Head, Verification};

/// Most events of one page.
pub const PAGE: usize = 1000;

/// A page of events.
pub struct AuditPage {
    /// Number and event, oldest first.
    pub events: Vec<(u64, Event)>,
    /// Number and hash of the newest row of the log.
    pub head: Head,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Events with greater numbers only; `None` asks for the newest.
    pub after: Option<u64>,
    /// Most events.
    pub limit: usize,
    /// Events about or by this user only.
    pub user: Option<u64>,
    /// Events of this action only.
    pub action: Option<String>,
}

impl AuditQuery {
    fn wants(&self, event: &Event) -> bool {
        let by = match event.actor {
            Actor::User(id) | Actor::Impersonator { actor: id, .. } => Some(id.0),
            _ => None,
        };
        let about = event.user.map(|id| id.0);
        let user = self
            .user
            .is_none_or(|user| by == Some(user) || about == Some(user));
        let action = self.action.as_deref();
        user && action.is_none_or(|action| event.action.name() == action)
    }
}

impl Services {
    /// A page of the audit log. Sums that wait to be written are written first.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn audit_page(&self, query: AuditQuery) -> Result<AuditPage, Error> {
        self.write_refused_passwords().await?;
        let limit = query.limit.clamp(1, PAGE);
        Ok(self.store.read(|read| {
            let head = read.audit_head()?;
            let from_end = query.after.is_none();
            let filters = query.user.is_some() || query.action.is_some();
            let start = match query.after {
                Some(after) => after,
                // Without a filter the newest rows are the last ones; with one, all may be needed.
                None if filters => 0,
                None => head.0.saturating_sub(limit as u64),
            };
            let mut events = std::collections::VecDeque::new();
            let mut after = start;
            loop {
                let rows = read.audit_after(after, PAGE)?;
                let Some((last, _)) = rows.last() else { break };
                after = *last;
                for row in rows.into_iter().filter(|(_, event)| query.wants(event)) {
                    events.push_back(row);
                    if events.len() > limit && from_end {
                        events.pop_front();
                    }
                }
                if !from_end && events.len() >= limit {
                    events.truncate(limit);
                    break;
                }
            }
            Ok(AuditPage {
                events: events.into(),
                head,
            })
        })?)
    }

    /// Number and hash of the newest row.
    ///
    /// # Errors
    /// If the store fails.
    pub fn audit_head(&self) -> Result<Head, Error> {
        Ok(self.store.read(|read| read.audit_head())?)
    }

    /// Walks the whole chain, and looks for the row of a head that was kept elsewhere.
    ///
    /// # Errors
    /// If the store fails.
    pub fn verify_audit(&self, expected: Option<Head>) -> Result<Verification, Error> {
        let key = &self.foundation.keys.audit;
        Ok(self.store.read(|read| read.verify_audit(key, expected))?)
    }
}
