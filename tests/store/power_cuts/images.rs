//! One image of the medium after another, each opened, looked at, and now and then cut off again.

use super::people::Recording;
use super::replays::{Replays, replay};
use super::states::{States, opened};
use crate::harness::dice::Dice;
use crate::harness::medium::SharedMedium;
use crate::harness::power::{Op, Trace, Walk, survivors};
use std::iter::Sum;
use std::ops::{AddAssign, RangeInclusive};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::runtime::{Builder, Runtime};
use vestibule::store::{Store, Write};

/// After one in so many cuts the power fails once more before the store is closed.
const AGAIN: usize = 4;
/// Most cuts of one image.
const MOST_CUTS: usize = 4;
/// One in so many images is asked by the whole service.
const ASKED: usize = 40;
/// Marks where a store that was opened could be used.
const OPEN: u32 = u32::MAX - 1;

/// What images turned out to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub images: usize,
    /// Cuts after the first one of an image.
    pub cut_again: usize,
    /// Images in which the commit that was under way had come through.
    pub ahead: usize,
    pub replays: Replays,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.images += other.images;
        self.cut_again += other.cut_again;
        self.ahead += other.ahead;
        self.replays += other.replays;
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |mut sum, tally| {
            sum += tally;
            sum
        })
    }
}

/// Where images come from.
pub struct Source<'a> {
    pub trace: &'a Trace,
    pub states: &'a States,
    /// The service that the trace was recorded on, if it is there.
    pub recording: Option<&'a Recording>,
    pub seed: u64,
}

impl Source<'_> {
    /// Looks at the images with these numbers; each has a chance of its own. The error tells of the
    /// first one that is not as it must be.
    pub fn sweep(&self, numbers: impl Iterator<Item = u64>) -> Result<Tally, String> {
        let mut tally = Tally::default();
        self.walk(Walk::new(self.trace), numbers, |outcome| {
            tally += outcome?;
            Ok(())
        })?;
        Ok(tally)
    }

    /// The same images on a medium whose sync does nothing: what was the matter with each, if anything.
    pub fn sweep_a_liar(&self, numbers: impl Iterator<Item = u64>) -> Vec<Option<String>> {
        let mut found = Vec::new();
        let walked = self.walk(Walk::on_a_liar(self.trace), numbers, |outcome| {
            found.push(outcome.err());
            Ok(())
        });
        walked.unwrap();
        found
    }

    fn walk(
        &self,
        mut walk: Walk<'_>,
        numbers: impl Iterator<Item = u64>,
        mut tell: impl FnMut(Result<Tally, String>) -> Result<(), String>,
    ) -> Result<(), String> {
        let ops = self.trace.ops.len();
        let roll = |number: u64| {
            let mut dice = Dice::new(self.seed.wrapping_add(number));
            (self.states.roll_cut(&mut dice, ops), number, dice)
        };
        let mut cuts: Vec<_> = numbers.map(roll).collect();
        cuts.sort_by_key(|(cut, number, _)| (*cut, *number));
        let runtime = Builder::new_current_thread().build().unwrap();
        for (cut, number, mut dice) in cuts {
            let (durable, pending) = walk.to(cut);
            let (bytes, what) = survivors(durable, pending, &mut dice);
            let image = Image {
                source: self,
                runtime: &runtime,
                cut,
                bytes,
                what,
            };
            let looked = catch_unwind(AssertUnwindSafe(|| image.look(&mut dice)));
            let outcome = looked.unwrap_or_else(|_| Err("a panic".to_owned()));
            tell(outcome.map_err(|what| {
                let seed = self.seed;
                format!("image {number} of seed {seed:#x}, cut before operation {cut}: {what}")
            }))?;
        }
        Ok(())
    }
}

struct Image<'a> {
    source: &'a Source<'a>,
    runtime: &'a Runtime,
    cut: usize,
    bytes: Vec<u8>,
    what: String,
}

impl Image<'_> {
    fn look(self, dice: &mut Dice) -> Result<Tally, String> {
        let mut tally = Tally {
            images: 1,
            ..Tally::default()
        };
        let states = self.source.states;
        let mut allowed = states.allowed(self.cut);
        let last = *allowed.end();
        let (mut bytes, mut what) = (self.bytes, self.what);
        for cuts in 1.. {
            let medium = SharedMedium::holding(bytes);
            let fails_again = cuts < MOST_CUTS && dice.roll(AGAIN) == 0;
            if fails_again {
                medium.record();
            }
            let store = opened(&medium).map_err(|error| format!("{what}: {error}"))?;
            medium.mark(OPEN, 0);
            for _ in 0..if fails_again { dice.roll(4) } else { 0 } {
                let written = self.runtime.block_on(work(&store));
                written.map_err(|error| format!("{what}: {error}"))?;
            }
            drop(store);
            let trace = medium.recorded();
            let number =
                judge(states, &medium, &allowed).map_err(|told| format!("{what}: {told}"))?;
            if !fails_again {
                tally.ahead +=
                    usize::from(number == last && number != *states.allowed(self.cut).start());
                if let Some(recording) = self.source.recording
                    && dice.roll(ASKED) == 0
                {
                    tally.replays += replay(recording, self.cut, &medium)
                        .map_err(|told| format!("{what}: {told}"))?;
                }
                return Ok(tally);
            }
            tally.cut_again += 1;
            let cut = dice.roll(trace.ops.len() + 1);
            // What could be read once must not be taken back.
            if trace.ops[..cut].iter().any(|op| matches!(op, Op::Mark(..))) {
                allowed = number..=number;
            }
            let mut walk = Walk::new(&trace);
            let (durable, pending) = walk.to(cut);
            let (again, how) = survivors(durable, pending, dice);
            bytes = again;
            what = format!("{what}; then, before operation {cut} of the repair, {how}");
        }
        unreachable!("every image is left after {MOST_CUTS} cuts")
    }
}

/// The state that a medium is in, if there may be that one.
fn judge(
    states: &States,
    medium: &SharedMedium,
    allowed: &RangeInclusive<usize>,
) -> Result<usize, String> {
    match states.number(medium) {
        None => Err("a state that never was".to_owned()),
        Some(number) if allowed.contains(&number) => Ok(number),
        Some(number) => Err(format!("state {number} came back, not {allowed:?}")),
    }
}

/// A commit that leaves everything as it is, in other pages.
async fn work(store: &Store) -> Result<(), vestibule::store::StoreError> {
    let job = |write: &mut Write<'_>| {
        let set_up = write.set_up()?.unwrap_or_default();
        write.put_set_up(&set_up)
    };
    store.write(job).await
}
