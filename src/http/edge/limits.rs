//! How many connections there may be, in all and from one address, and which one makes room when all
//! places are taken: the one that has been idle longest, if it had time to send something, so that a
//! crowd of silent connections shuts no caller out, and a crowd of busy ones loses no request.

use crate::domain::network::share_of;
use crate::platform::clock::Clock;
use crate::platform::shutdown::Stop;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Most connections of one address beyond loopback; an office behind one address has room in it.
const MOST_PER_ADDRESS: usize = 64;
/// Milliseconds of idleness before which no connection is ended.
const GRACE_MILLISECONDS: u64 = 250;

/// A number of connections, and when to stop.
#[derive(Clone)]
pub struct Limits {
    room: Arc<Room>,
    pub(super) stop: Stop,
}

struct Room {
    places: usize,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Default)]
struct State {
    /// Counts admissions and ends of requests.
    events: u64,
    guests: HashMap<u64, Guest>,
    by_address: HashMap<IpAddr, usize>,
}

struct Guest {
    address: Option<IpAddr>,
    /// Requests that are being answered.
    running: usize,
    /// The event since which it is idle, and the milliseconds of the monotonic clock then.
    idle_since: (u64, u64),
    leave: Arc<Notify>,
}

/// The place of one connection; given back when it is dropped.
pub(super) struct Place {
    room: Arc<Room>,
    id: u64,
    leave: Arc<Notify>,
}

/// What is told a connection that asks for a place.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Admitted(u64),
    /// No connection can be ended yet; one can in so many milliseconds, if any of them is idle.
    Full(Option<u64>),
    /// This address has its share.
    TooManyOfAddress,
}

impl Limits {
    /// At most `connections` at a time, whose idleness `clock` measures; all end when the service stops.
    pub fn new(connections: usize, clock: Arc<dyn Clock>, stop: Stop) -> Self {
        Self {
            room: Arc::new(Room {
                places: connections,
                clock,
                state: Mutex::default(),
                freed: Notify::new(),
            }),
            stop,
        }
    }

    /// A place for a connection, as soon as there is one; `None` if its address has its share.
    /// Connections from loopback, from trusted proxies and over the socket have no address here.
    pub(super) async fn admit(&self, address: Option<IpAddr>) -> Option<Place> {
        let leave = Arc::new(Notify::new());
        loop {
            let freed = self.room.freed.notified();
            match self
                .room
                .ask(address.map(share_of), &leave, self.room.milliseconds())
            {
                Asked::Admitted(id) => {
                    let room = Arc::clone(&self.room);
                    return Some(Place { room, id, leave });
                }
                Asked::TooManyOfAddress => return None,
                Asked::Full(None) => freed.await,
                Asked::Full(Some(milliseconds)) => {
                    let pause = Duration::from_millis(milliseconds);
                    // Whichever comes first: a place, or the time to take one.
                    let _ = tokio::time::timeout(pause, freed).await;
                }
            }
        }
    }
}

impl Room {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn milliseconds(&self) -> u64 {
        self.clock.now().monotonic_milliseconds
    }

    fn ask(&self, address: Option<IpAddr>, leave: &Arc<Notify>, now: u64) -> Asked {
        let mut state = self.state();
        let of_address = address.and_then(|address| state.by_address.get(&address));
        if of_address.is_some_and(|count| *count >= MOST_PER_ADDRESS) {
            return Asked::TooManyOfAddress;
        }
        if state.guests.len() >= self.places {
            let idle = state.guests.iter().filter(|(_, guest)| guest.running == 0);
            let Some((id, guest)) = idle.min_by_key(|(_, guest)| guest.idle_since) else {
                return Asked::Full(None);
            };
            let (_, since) = guest.idle_since;
            let left = (since + GRACE_MILLISECONDS).saturating_sub(now);
            if left > 0 {
                return Asked::Full(Some(left));
            }
            let id = *id;
            if let Some(guest) = state.remove(id) {
                guest.leave.notify_one();
            }
        }
        state.events += 1;
        let id = state.events;
        if let Some(address) = address {
            *state.by_address.entry(address).or_default() += 1;
        }
        let guest = Guest {
            address,
            running: 0,
            idle_since: (id, now),
            leave: Arc::clone(leave),
        };
        state.guests.insert(id, guest);
        Asked::Admitted(id)
    }
}

impl State {
    fn remove(&mut self, id: u64) -> Option<Guest> {
        let guest = self.guests.remove(&id)?;
        if let Some(address) = guest.address
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        Some(guest)
    }
}

impl Place {
    /// Waits until the place is needed for another connection.
    pub(super) async fn must_leave(&self) {
        self.leave.notified().await;
    }

    /// Marks a request as being answered until the value is dropped: meanwhile the place is kept.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        let mut state = self.room.state();
        if let Some(guest) = state.guests.get_mut(&self.id) {
            guest.running += 1;
        }
        Running(Arc::clone(self))
    }

    /// Since when the connection has been idle, as a number that only grows; `None` while a request
    /// is being answered.
    pub(super) fn idle_since(&self) -> Option<u64> {
        let state = self.room.state();
        let guest = state.guests.get(&self.id);
        let idle = guest.filter(|guest| guest.running == 0);
        idle.map(|guest| guest.idle_since.0)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.state().remove(self.id);
        self.room.freed.notify_one();
    }
}

/// A request that is being answered.
pub(super) struct Running(Arc<Place>);

impl Drop for Running {
    fn drop(&mut self) {
        let now = self.0.room.milliseconds();
        let mut state = self.0.room.state();
        state.events += 1;
        let event = state.events;
        if let Some(guest) = state.guests.get_mut(&self.0.id) {
            guest.running -= 1;
            guest.idle_since = (event, now);
            drop(state);
            // A connection that waits may have its place now.
            self.0.room.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Now;
    use crate::platform::shutdown;
    use futures_of_test::now;

    mod futures_of_test {
        use std::future::Future;
        use std::pin::pin;
        use std::task::{Context, Poll, Waker};

        /// What a future gives without waiting.
        pub fn now<T>(future: impl Future<Output = T>) -> Option<T> {
            match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(value) => Some(value),
                Poll::Pending => None,
            }
        }
    }

    /// A clock that stands still; the tests pass the time of a question.
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Now {
            Now {
                unix_seconds: 0,
                monotonic_milliseconds: 5000,
                run: 1,
            }
        }
    }

    fn limits(connections: usize) -> Limits {
        Limits::new(connections, Arc::new(Still), shutdown::channel().1)
    }

    /// A place for a connection that comes when the idle ones have had their time.
    fn later(limits: &Limits) -> Result<Arc<Place>, Option<u64>> {
        let leave = Arc::new(Notify::new());
        let now = limits.room.milliseconds() + GRACE_MILLISECONDS;
        match limits.room.ask(None, &leave, now) {
            Asked::Admitted(id) => {
                let room = Arc::clone(&limits.room);
                Ok(Arc::new(Place { room, id, leave }))
            }
            Asked::Full(milliseconds) => Err(milliseconds),
            Asked::TooManyOfAddress => panic!("it has no address"),
        }
    }

    #[test]
    fn the_longest_idle_makes_room_and_a_running_request_never_does() {
        let limits = limits(3);
        let admit = || Arc::new(now(limits.admit(None)).unwrap().unwrap());
        let (first, second, third) = (admit(), admit(), admit());
        let answering = first.begin();
        drop(second.begin());
        let fourth = later(&limits).unwrap();
        assert!(
            now(third.must_leave()).is_some(),
            "the third was idle longest"
        );
        assert!(now(first.must_leave()).is_none());
        assert!(now(second.must_leave()).is_none());
        let busy = [second.begin(), fourth.begin()];
        assert_eq!(later(&limits).err(), Some(None), "nobody is idle");
        drop(answering);
        let _fifth = later(&limits).unwrap();
        assert!(now(first.must_leave()).is_some());
        drop(busy);
    }

    #[test]
    fn nobody_leaves_before_there_was_time_to_send_something() {
        let limits = limits(1);
        let leave = Arc::new(Notify::new());
        let ask = |now| limits.room.ask(None, &leave, now);
        assert_eq!(ask(1000), Asked::Admitted(1));
        assert_eq!(ask(1000), Asked::Full(Some(250)));
        assert_eq!(ask(1249), Asked::Full(Some(1)));
        assert_eq!(ask(1250), Asked::Admitted(2));
    }

    #[test]
    fn an_address_has_its_share_and_a_whole_household_one() {
        let limits = limits(1000);
        let mut kept = Vec::new();
        let mut admit = |text: &str| match now(limits.admit(Some(text.parse().unwrap()))).unwrap() {
            Some(place) => {
                kept.push(place);
                true
            }
            None => false,
        };
        for number in 0..MOST_PER_ADDRESS {
            assert!(admit("192.0.2.1"));
            assert!(admit(&format!("2001:db8:0:7::{number:x}")));
        }
        assert!(!admit("192.0.2.1"));
        assert!(!admit("::ffff:192.0.2.1"));
        assert!(!admit("2001:db8:0:7:8000::"));
        assert!(admit("192.0.2.2"));
        assert!(admit("2001:db8:0:8::1"));
        kept.clear();
        assert!(
            now(limits.admit(Some("192.0.2.1".parse().unwrap())))
                .unwrap()
                .is_some()
        );
    }
}
