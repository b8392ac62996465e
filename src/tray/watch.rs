//! Looks at the service every few seconds, tells what has changed, and carries out acts: the part of
//! the tray that waits, on the runtime, so that icon and menu never do.

use super::Message;
use super::menu::{Access, Act, Presence, State, Trouble};
use crate::client::{Client, ClientError};
use crate::platform::clock::Clock;
use crate::platform::desktop::autostart::Autostart;
use crate::wire::Time;
use crate::wire::audit::AuditEvent;
use crate::wire::operator::Status;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::Notify;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(3);
/// Between two looks at another account's service: to say whether it is ready it writes to its disk.
const LONG_PAUSE: Duration = Duration::from_secs(10);
/// Between two looks at a service that does not answer.
const SHORT_PAUSE: Duration = Duration::from_millis(500);
/// Between two looks at a service that is starting in this process.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
/// After this long a service does not answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most events that are read at once.
const MOST_EVENTS: u64 = 100;

/// How the service is reached.
#[derive(Clone, Debug)]
pub enum Reach {
    /// By its local socket, which lets this account in.
    Socket(PathBuf),
    /// By its address alone: it is another account's.
    Address {
        /// Where it listens.
        at: SocketAddr,
        /// Where browsers find it.
        base_url: String,
        /// Whether it speaks plain HTTP, so that it can be asked how it is.
        is_plain: bool,
    },
}

/// What is looked at, and with what.
pub(super) struct Watch {
    pub reach: Reach,
    pub access: Access,
    pub has_log: bool,
    pub autostart: Option<Autostart>,
    pub clock: Arc<dyn Clock>,
    pub nudge: Arc<Notify>,
    pub messages: Sender<Message>,
}

/// What was seen of the audit log.
#[derive(Default)]
struct Seen {
    number: Option<u64>,
    last: Option<(u64, String)>,
}

impl Watch {
    /// Looks again and again, until nobody listens any more.
    pub async fn run(self) {
        let mut seen = Seen::default();
        let mut state = State {
            access: self.access,
            presence: Presence::Starting,
            base_url: String::new(),
            is_claimed: true,
            is_paused: false,
            trouble: None,
            last_event: None,
            starts_at_login: None,
            has_log: self.has_log,
        };
        let mut told = None;
        loop {
            state.starts_at_login = self.autostart.as_ref().map(Autostart::is_on);
            let look = tokio::time::timeout(PATIENCE, self.look(&mut state, &mut seen));
            let answered = matches!(look.await, Ok(Ok(())));
            state.presence = match (answered, state.presence) {
                (true, _) => Presence::Here,
                (false, Presence::Starting) if self.access == Access::Own => Presence::Starting,
                (false, _) => Presence::Away,
            };
            state.last_event = seen.last.as_ref().map(|(at, words)| {
                let age = self.clock.now().unix_seconds.saturating_sub(*at);
                format!("{words}, {}", ago(age))
            });
            if told.as_ref() != Some(&state) {
                if self.messages.send(Message::State(state.clone())).is_err() {
                    return;
                }
                told = Some(state.clone());
            }
            let pause = match state.presence {
                Presence::Here if self.access == Access::Beside => LONG_PAUSE,
                Presence::Here => PAUSE,
                Presence::Away => SHORT_PAUSE,
                Presence::Starting => SHORTEST_PAUSE,
            };
            let _ = tokio::time::timeout(pause, self.nudge.notified()).await;
        }
    }

    async fn look(&self, state: &mut State, seen: &mut Seen) -> Result<(), ClientError> {
        match &self.reach {
            Reach::Socket(path) => {
                let client = Client::connect(path).await?;
                let status = client.status().await?;
                let newest = status.newest_event;
                read(state, status);
                if seen.number != Some(newest) {
                    self.read_events(&client, seen, newest).await?;
                }
                Ok(())
            }
            Reach::Address {
                at,
                base_url,
                is_plain,
            } => {
                state.base_url.clone_from(base_url);
                let client = Client::connect_to(*at).await?;
                if !is_plain {
                    return Ok(());
                }
                state.trouble = match client.ready().await {
                    Ok(_) => None,
                    Err(ClientError::Refused { .. }) => Some(Trouble::Unsaid),
                    Err(other) => return Err(other),
                };
                Ok(())
            }
        }
    }

    /// Reads what has happened since the last look, and tells of what an administrator should know.
    async fn read_events(
        &self,
        client: &Client,
        seen: &mut Seen,
        newest: u64,
    ) -> Result<(), ClientError> {
        let page = match seen.number {
            Some(number) => client.events_after(number, MOST_EVENTS).await?,
            None => client.newest_events(1).await?,
        };
        for event in &page.events {
            let notice = notice_of(&event.action).filter(|_| seen.number.is_some());
            if let Some((title, what)) = notice {
                let body = format!("{what}: {}.", name_of(client, event).await);
                let _ = self.messages.send(Message::News { title, body });
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
            seen.last = Some((at.unwrap_or(0), words));
        }
        seen.number = Some(match (seen.number, last) {
            (Some(_), Some(event)) => event.number,
            _ => newest,
        });
        Ok(())
    }
}

fn read(state: &mut State, status: Status) {
    state.base_url = status.base_url;
    state.is_claimed = status.claimed;
    state.is_paused = status.paused;
    state.trouble = if !status.store_works {
        Some(Trouble::Store)
    } else if !status.disk_has_room {
        Some(Trouble::Disk)
    } else if !status.clock_is_sane {
        Some(Trouble::Clock)
    } else {
        None
    };
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

/// The e-mail address of whom an event is about; empty if it is about nobody.
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

/// Carries out an act that needs the service; the value is what came of it, if that is an address to
/// open.
///
/// # Errors
/// What the service or the way to it says.
pub(super) async fn ask(reach: &Reach, act: Act) -> Result<Option<String>, ClientError> {
    let Reach::Socket(path) = reach else {
        return Ok(None);
    };
    let client = Client::connect(path).await?;
    let asked = async {
        match act {
            Act::Pause => client.set_paused(true).await.map(|_| None),
            Act::Resume => client.set_paused(false).await.map(|_| None),
            Act::FinishSetUp => client.new_set_up_link().await.map(|made| Some(made.url)),
            Act::Stop => client.stop().await.map(|_| None),
            _ => Ok(None),
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.map_err(|_| ClientError::Broken("it took too long".into()))?
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
