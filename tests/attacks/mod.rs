//! Attempts to get in, each naming the statement of the security design that it checks.

mod codes;
mod flood;
mod freshness;
mod impersonation;
mod people;
mod sealed;
mod secrets;
mod sessions;
mod texts;

/// Sends the same request from many threads at once; how many of the answers were 200.
fn at_once(count: usize, send: impl Fn(usize) -> u16 + Sync) -> usize {
    std::thread::scope(|scope| {
        let send = &send;
        let threads: Vec<_> = (0..count)
            .map(|index| scope.spawn(move || send(index)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .filter(|status| *status == 200)
            .count()
    })
}
