//! What has happened since the last look: the newest event in words for the menu, and what an administrator should
//! know at once.

use super::message::Message;
use crate::client::{Client, ClientError};
use crate::wire::Time;
use crate::wire::audit::AuditEvent;
use std::sync::mpsc::Sender;

/// Most events that are read at once.
const MOST_EVENTS: u64 = 100;

/// What was seen of the audit log.
#[derive(Default)]
pub(super) struct News {
    /// The number of the newest event that was seen; none before the first look.
    seen: Option<u64>,
    /// Unix seconds of the newest event, and what it was.
    last: Option<(u64, String)>,
}

impl News {
    /// Reads what has happened up to the event `newest`, and sends what an administrator should know.
    pub async fn read(
        &mut self,
        client: &Client,
        newest: u64,
        messages: &Sender<Message>,
    ) -> Result<(), ClientError> {
        if self.seen == Some(newest) {
            return Ok(());
        }
        let page = match self.seen {
            Some(number) => client.events_after(number, MOST_EVENTS).await?,
            None => client.newest_events(1).await?,
        };
        for event in &page.events {
            let notice = notice_of(&event.action).filter(|_| self.seen.is_some());
            if let Some((title, what)) = notice {
                let body = format!("{what}: {}.", name_of(client, event).await);
                let _ = messages.send(Message::News { title, body });
            }
        }
        let last = page.events.last();
        if let Some(event) = last {
            let at = event.at.as_ref().and_then(Time::unix_seconds);
            let mut words = in_words(&event.action);
            let name = name_of(client, event).await;
            if !name.is_empty() {
                words = format!("{words}: {name}");
            }
            self.last = Some((at.unwrap_or(0), words));
        }
        self.seen = Some(match (self.seen, last) {
            (Some(_), Some(event)) => event.number,
            _ => newest,
        });
        Ok(())
    }

    /// The newest event and its age, as of `now` in Unix seconds.
    pub fn last_event(&self, now: u64) -> Option<String> {
        let (at, words) = self.last.as_ref()?;
        Some(format!("{words}, {}", ago(now.saturating_sub(*at))))
    }
}

/// Title and words of an event that is told at once.
fn notice_of(action: &str) -> Option<(&'static str, &'static str)> {
    match action {
        "second_factor.locked" => Some((
            "A second factor is locked",
            "Too many wrong codes came for this account",
        )),
        "impersonation.started" => Some((
            "Somebody acts as another person",
            "The support team now acts as this account",
        )),
        _ => None,
    }
}

/// The e-mail address of the account that an event is about; empty if it is about none.
async fn name_of(client: &Client, event: &AuditEvent) -> String {
    let Some(id) = event.user_id else {
        return String::new();
    };
    match client.user(id).await {
        Ok(user) => user.email,
        Err(_) => format!("user {id}"),
    }
}

/// The name of an action as words: `sign_in.finished` is "Sign in finished".
fn in_words(action: &str) -> String {
    let words = action.replace(['_', '.'], " ");
    let mut characters = words.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

fn ago(seconds: u64) -> String {
    match seconds {
        0..60 => "just now".into(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::{ago, in_words, notice_of};
    use crate::domain::audit::Action;

    #[test]
    fn what_is_told_at_once_are_actions_that_there_are() {
        let known = |name: &str| Action::ALL.iter().any(|action| action.name() == name);
        for name in ["second_factor.locked", "impersonation.started"] {
            assert!(known(name) && notice_of(name).is_some(), "{name}");
        }
        assert_eq!(notice_of("sign_in.finished"), None);
    }

    #[test]
    fn actions_and_ages_are_told_in_words() {
        assert_eq!(in_words("sign_in.finished"), "Sign in finished");
        assert_eq!(in_words(""), "");
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(60), "1 min ago");
        assert_eq!(ago(7200), "2 h ago");
        assert_eq!(ago(200_000), "2 days ago");
    }
}
