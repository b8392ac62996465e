//! Looks at the service every few seconds and tells what has changed: on the runtime, since it waits for the service,
//! which icon and menu must never do.

use super::menu::{Access, Availability, State, Trouble};
use super::message::Message;
use super::news::News;
use super::requests::TIMEOUT;
use super::service_address::ServiceAddress;
use crate::client::{Client, ClientError};
use crate::platform::clock::Clock;
use crate::platform::desktop::autostart::Autostart;
use crate::wire::operator::Status;
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

/// What is looked at, and with what.
pub(super) struct Watcher {
    pub address: ServiceAddress,
    pub access: Access,
    pub has_log: bool,
    pub autostart: Option<Autostart>,
    pub clock: Arc<dyn Clock>,
    /// Asks for a look at once.
    pub nudge: Arc<Notify>,
    pub messages: Sender<Message>,
}

impl Watcher {
    /// Looks again and again, until nothing reads the messages any more.
    pub async fn run(self) {
        let mut news = News::default();
        let mut state = State {
            access: self.access,
            availability: Availability::Starting,
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
            let look = tokio::time::timeout(TIMEOUT, self.look(&mut state, &mut news));
            let answered = matches!(look.await, Ok(Ok(())));
            state.availability = match (answered, state.availability) {
                (true, _) => Availability::Up,
                (false, Availability::Starting) if self.access == Access::SameProcess => {
                    Availability::Starting
                }
                (false, _) => Availability::Down,
            };
            state.last_event = news.last_event(self.clock.now().unix_seconds);
            if told.as_ref() != Some(&state) {
                if self.messages.send(Message::State(state.clone())).is_err() {
                    return;
                }
                told = Some(state.clone());
            }
            let pause = match state.availability {
                Availability::Up if self.access == Access::HealthOnly => LONG_PAUSE,
                Availability::Up => PAUSE,
                Availability::Down => SHORT_PAUSE,
                Availability::Starting => SHORTEST_PAUSE,
            };
            let _ = tokio::time::timeout(pause, self.nudge.notified()).await;
        }
    }

    async fn look(&self, state: &mut State, news: &mut News) -> Result<(), ClientError> {
        match &self.address {
            ServiceAddress::Socket(path) => {
                let client = Client::connect(path).await?;
                let status = client.status().await?;
                let newest = status.newest_event;
                update(state, status);
                news.read(&client, newest, &self.messages).await
            }
            ServiceAddress::Tcp {
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
                    Err(ClientError::Refused { .. }) => Some(Trouble::NotReady),
                    Err(other) => return Err(other),
                };
                Ok(())
            }
        }
    }
}

fn update(state: &mut State, status: Status) {
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
