//! "Power cuts lose nothing that was acknowledged": several people work, every write and sync of the
//! medium is written down, and images are made of what may be left when the power fails in between:
//! unsynced sectors kept or lost in any mixture, some torn, and again while the store is repaired.
//!
//! The states that the store went through are told apart by all that is in their tables, and each is held
//! against what had been answered by then. After a cut the store must be in the last state that was
//! durable, or in the one that was under way.
//!
//! `POWER_SEED`, `POWER_IMAGES` and `POWER_ROUNDS` choose what is tried. A recording of which an image
//! failed is kept: `POWER_TRACE=file POWER_SEED=… POWER_IMAGE=…` opens that image again.

#![allow(
    clippy::print_stdout,
    reason = "a proof that was asked for with --nocapture tells its figures"
)]

mod images;
mod people;
mod replays;
mod standing;
mod states;

use crate::harness::power::Trace;
use images::{Source, Tally};
use people::Recording;
use states::States;
use std::path::PathBuf;
use std::sync::LazyLock;

const SEED: u64 = 0x90_3e7;
/// Images of one recording.
const IMAGES: u64 = 2_000;
const FULL_IMAGES: u64 = 10_000;
/// Recordings of the long form.
const FULL_RECORDINGS: u64 = 5;
const LIES: u64 = 150;
const LANES: usize = 2;

/// Used by two tests, and made once.
static RECORDED: LazyLock<(Recording, States)> = LazyLock::new(record);

fn record() -> (Recording, States) {
    let rounds = number_in("POWER_ROUNDS").unwrap_or(12);
    let recording = Recording::of(u32::try_from(rounds).unwrap());
    let states = States::of(&recording.trace, &recording.members);
    (recording, states)
}

fn number_in(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    let number = match text.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16),
        None => text.parse(),
    };
    Some(number.unwrap_or_else(|error| panic!("{variable}: {error}")))
}

fn is_full() -> bool {
    std::env::var_os("TEST_FULL").is_some()
}

/// Opens one image of a recording that was kept.
fn open_again(file: &str) {
    let trace: Trace = postcard::from_bytes(&std::fs::read(file).unwrap()).unwrap();
    let states = States::of(&trace, &[]);
    let source = Source {
        trace: &trace,
        states: &states,
        recording: None,
        seed: number_in("POWER_SEED").unwrap_or(SEED),
    };
    let image = number_in("POWER_IMAGE").expect("POWER_IMAGE says which one");
    source.sweep([image].into_iter()).unwrap();
}

/// Keeps a recording whose image failed.
fn keep(trace: &Trace) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("power-cut.trace");
    std::fs::write(&file, postcard::to_allocvec(trace).unwrap()).unwrap();
    file
}

fn sweep(source: &Source<'_>, images: u64) -> Tally {
    let lanes = std::thread::scope(|scope| {
        let numbers = |lane| (0..images).skip(lane).step_by(LANES);
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| scope.spawn(move || source.sweep(numbers(lane))))
            .collect();
        let lanes = lanes.into_iter().map(|lane| lane.join().unwrap());
        lanes.collect::<Result<Vec<Tally>, String>>()
    });
    match lanes {
        Ok(tallies) => tallies.into_iter().sum(),
        Err(told) => panic!("{told} (recording: {})", keep(source.trace).display()),
    }
}

/// "50,000 simulated power cuts: 0 unopenable, 0 lost"; "a code accepted once for a user is refused for the
/// rest of its life"; "the count is committed before the refusal is sent".
#[test]
fn power_cuts_lose_nothing_that_was_acknowledged() {
    if let Ok(file) = std::env::var("POWER_TRACE") {
        return open_again(&file);
    }
    let seed = number_in("POWER_SEED").unwrap_or(SEED);
    let (images, recordings) = match is_full() {
        true => (FULL_IMAGES, FULL_RECORDINGS),
        false => (IMAGES, 1),
    };
    let images = number_in("POWER_IMAGES").unwrap_or(images);
    let mut tally = Tally::default();
    for number in 0..recordings {
        let made = (number > 0).then(record);
        let (recording, states) = made.as_ref().unwrap_or(&RECORDED);
        let source = Source {
            trace: &recording.trace,
            states,
            recording: Some(recording),
            seed: seed.wrapping_add(number * images),
        };
        tally += sweep(&source, images);
    }
    println!("seed {seed:#x}: {tally:#?}");
    assert_eq!(tally.images, usize::try_from(images * recordings).unwrap());
    // Otherwise half of this would prove nothing.
    assert!(tally.cut_again > tally.images / 8 && tally.ahead > tally.images / 50);
    let replays = tally.replays;
    assert!(replays.services > 0 && replays.refreshes > 0 && replays.known_as_used > 0);
}

/// What the store says after each commit is what was answered by then; the control looks one commit
/// earlier, where a service that answers before its commit would be.
#[test]
fn every_acknowledged_act_is_in_the_last_durable_state() {
    let (recording, states) = &*RECORDED;
    let durable = |cut| *states.allowed(cut).start();
    assert_eq!(states.lost(recording, durable), [""; 0]);
    assert_eq!(states.strange(&recording.members), [""; 0]);
    let acts: usize = recording
        .members
        .iter()
        .map(|member| member.acts.len() - 1)
        .sum();
    let lost = states
        .lost(recording, |cut| durable(cut).saturating_sub(1))
        .len();
    println!(
        "{acts} acts, {} states; one commit too early {lost} acts are missing",
        states.count()
    );
    assert!(acts > 100 && lost > acts / 4);
}

/// The control: where a sync keeps nothing, the same look finds it.
#[test]
fn a_lying_sync_is_noticed() {
    let (recording, states) = &*RECORDED;
    let source = Source {
        trace: &recording.trace,
        states,
        recording: None,
        seed: number_in("POWER_SEED").unwrap_or(SEED),
    };
    let found = source.sweep_a_liar(0..LIES);
    let noticed: Vec<&String> = found.iter().flatten().collect();
    // It opened well, and was older than what had been acknowledged.
    let older = noticed
        .iter()
        .filter(|told| told.contains("came back"))
        .count();
    println!(
        "{} of {} images noticed, {older} of them by their age alone",
        noticed.len(),
        found.len()
    );
    assert!(noticed.len() > found.len() / 2 && older > 0);
}
