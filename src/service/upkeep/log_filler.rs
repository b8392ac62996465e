//! Finds the account that fills the audit log, for the doctor.

use super::finding::Finding;
use crate::domain::audit::Actor;
use crate::domain::id::UserId;
use crate::domain::time::Now;
use crate::store::{Read, StoreError};
use std::collections::HashMap;

/// Newest events that are looked at, and how many of them are too many for a person.
const EVENTS_LOOKED_AT: usize = 20_000;
const MANY_EVENTS: usize = 5_000;
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// The user who wrote most of the newest events, if that is more than people do.
pub(super) fn find(read: &Read, now: Now) -> Result<Option<Finding>, StoreError> {
    let mut by_user: HashMap<UserId, usize> = HashMap::new();
    for row in read.audit_before(u64::MAX)?.take(EVENTS_LOOKED_AT) {
        let (_, event) = row?;
        if event.at.saturating_add(DAY_SECONDS) < now.unix_seconds {
            break;
        }
        if let Actor::User(id) | Actor::Impersonator { actor: id, .. } = event.actor {
            *by_user.entry(id).or_default() += 1;
        }
    }
    let most = by_user.into_iter().max_by_key(|(_, count)| *count);
    let Some((id, count)) = most.filter(|(_, count)| *count >= MANY_EVENTS) else {
        return Ok(None);
    };
    let email = read.user(id)?.map(|user| user.email.as_str().to_owned());
    let name = email.unwrap_or_else(|| format!("user {id}"));
    Ok(Some(Finding::new(
        "audit",
        format!("{name} caused {count} of the newest {EVENTS_LOOKED_AT} events within a day"),
        "a program acts in this account's name, or somebody tries to fill the log",
        "look at `vestibule audit tail`, and archive the account if nobody can explain it",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::{Action, Event};
    use crate::domain::secret::Secret;
    use crate::store::Store;

    const NOW: Now = Now {
        unix_seconds: 2_000_000_000,
        monotonic_milliseconds: 0,
        run: 1,
    };

    /// What is found where users 1 and 2 caused so many events at this time.
    fn found(counts: [usize; 2], at: u64) -> Option<Finding> {
        let store = Store::in_memory(move |write| {
            for (user, count) in (1..).zip(counts) {
                for _ in 0..count {
                    let event = Event {
                        at,
                        action: Action::ProfileChanged,
                        actor: Actor::User(UserId(user)),
                        user: None,
                        session: None,
                        address: String::new(),
                        detail: String::new(),
                    };
                    write.append_audit(&Secret::new([1; 32]), &event)?;
                }
            }
            Ok(())
        });
        store.unwrap().read(|read| find(read, NOW)).unwrap()
    }

    #[test]
    fn the_account_that_fills_the_log_is_named() {
        let now = NOW.unix_seconds;
        assert_eq!(found([4_999, 200], now), None);
        let finding = found([200, 5_000], now).unwrap().finding;
        assert!(finding.starts_with("user 2 caused 5000 "), "{finding}");
        assert_eq!(found([200, 5_000], now - DAY_SECONDS - 1), None);
    }
}
