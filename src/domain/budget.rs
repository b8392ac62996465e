//! A budget: so many tries at once, then one every so many seconds. Pure arithmetic; who keeps the
//! counts keeps the key that they belong to.

use super::time::{Now, Stamp};

/// How much may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Tries that cost nothing.
    pub burst: u64,
    /// Seconds after which one of them comes back.
    pub seconds_per_try: u64,
}

/// What was spent of a budget and has not come back by `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    count: u64,
    since: Stamp,
}

impl Spent {
    /// Nothing was spent.
    pub fn nothing(now: Now) -> Self {
        Self {
            count: 0,
            since: now.stamp(),
        }
    }

    /// Whether all of it has come back.
    pub fn is_nothing(self) -> bool {
        self.count == 0
    }
}

impl Budget {
    /// What is still spent now.
    pub fn settle(self, spent: Spent, now: Now) -> Spent {
        let whole = self.burst.saturating_mul(self.seconds_per_try);
        let passed = whole.saturating_sub(spent.since.remaining_seconds(whole, now));
        match passed / self.seconds_per_try.max(1) {
            0 => spent,
            back => Spent {
                count: spent.count.saturating_sub(back),
                since: now.stamp(),
            },
        }
    }

    /// Takes one try.
    ///
    /// # Errors
    /// The seconds until the next one, at least 1, if nothing is left.
    pub fn take(self, spent: Spent, now: Now) -> Result<Spent, u64> {
        let spent = self.settle(spent, now);
        if spent.count >= self.burst {
            return Err(spent
                .since
                .remaining_seconds(self.seconds_per_try, now)
                .max(1));
        }
        Ok(Spent {
            count: spent.count + 1,
            since: if spent.is_nothing() {
                now.stamp()
            } else {
                spent.since
            },
        })
    }

    /// Gives one try back.
    pub fn give_back(self, spent: Spent) -> Spent {
        Spent {
            count: spent.count.saturating_sub(1),
            ..spent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget {
        burst: 20,
        seconds_per_try: 30,
    };

    fn at(seconds: u64) -> Now {
        Now {
            unix_seconds: seconds,
            monotonic_milliseconds: seconds * 1000,
            run: 1,
        }
    }

    #[test]
    fn the_burst_is_free_then_one_comes_back_at_a_time() {
        let mut spent = Spent::nothing(at(100));
        let mut take = |seconds| match BUDGET.take(spent, at(seconds)) {
            Ok(after) => {
                spent = after;
                0
            }
            Err(wait) => wait,
        };
        assert!((0..20).all(|_| take(100) == 0));
        assert_eq!((take(100), take(110), take(129)), (30, 20, 1));
        assert_eq!((take(130), take(130)), (0, 30));
        assert!((0..20).all(|_| take(130 + 20 * 30) == 0));
        assert_eq!(take(130 + 20 * 30), 30);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut spent = Spent::nothing(at(0));
        for _ in 0..20 {
            spent = BUDGET.take(spent, at(0)).unwrap();
        }
        assert!(BUDGET.take(spent, at(0)).is_err());
        spent = BUDGET.give_back(spent);
        assert!(BUDGET.take(spent, at(0)).is_ok());
        assert!(BUDGET.settle(spent, at(19 * 30)).is_nothing());
    }
}
