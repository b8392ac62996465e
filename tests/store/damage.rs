//! Random damage to the file of a claimed instance: it opens with everything that was in it, or is
//! refused and left as it is; it is never an older state, and never taken for a first run.

use crate::harness::ManualClock;
use crate::harness::dice::Dice;
use crate::harness::person::{PASSWORD, code_of, secret_of};
use crate::harness::records::{Content, content};
use hyper::Request;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::Runtime;
use vestibule::app::{InUse, Local, Opened, Sources};
use vestibule::config::Config;
use vestibule::platform::entropy::SystemEntropy;
use vestibule::platform::paths::DataDirectory;

const SECTOR: usize = 512;
const PAGE: usize = 4096;
/// Bytes that the library's header and its two commit slots take.
const HEADER: usize = 320;

/// A directory with an instance, and what it takes to open it.
struct House {
    directory: tempfile::TempDir,
    runtime: Runtime,
    clock: Arc<ManualClock>,
}

impl House {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Self {
            directory: tempfile::tempdir().unwrap(),
            runtime: runtime.unwrap(),
            clock: Arc::new(ManualClock::new()),
        }
    }

    fn data(&self) -> DataDirectory {
        DataDirectory::new(self.directory.path().join("data"))
    }

    fn store(&self) -> PathBuf {
        self.data().store()
    }

    /// Opens it as `serve` does, which may make a new instance where there is none.
    fn open(&self) -> anyhow::Result<Local> {
        let config = Config::default();
        let sources = Sources {
            clock: self.clock.clone(),
            entropy: Arc::new(SystemEntropy),
        };
        let mut attempts = 0;
        loop {
            let opening = Opened::in_directory(self.data(), &config, &sources, true);
            match self.runtime.block_on(opening) {
                Ok(opened) => return Ok(Local::new(opened, &config, &sources)),
                // A program that another test starts holds the lock of the last round for the
                // moment until it is loaded.
                Err(error) if error.is::<InUse>() && attempts < 1000 => attempts += 1,
                Err(error) => return Err(error),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn close(&self, local: Local) {
        self.runtime.block_on(local.close());
    }

    /// Asks, and takes any success.
    fn ask(&self, local: &Local, method: &str, path: &str, token: &str, body: &Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()));
        let answer = local.answer(request.unwrap(), "tester".to_owned());
        let (status, bytes) = self.runtime.block_on(answer).unwrap();
        assert!(status.is_success(), "{path}: {status}");
        serde_json::from_slice(&bytes).unwrap()
    }

    /// A claimed instance with some history; its bytes at the end, and some time before.
    fn live(&self) -> (Vec<u8>, Vec<u8>) {
        let local = self.open().unwrap();
        let link = self.ask(&local, "POST", "/operator/set-up-link", "", &json!({}));
        let (_, token) = link["url"].as_str().unwrap().split_once("#token=").unwrap();
        let claim = json!({
            "token": token, "email": "ada@example.com", "password": PASSWORD,
            "firstName": "Ada", "lastName": "King",
        });
        let ada = self.ask(&local, "POST", "/setup", "", &claim);
        let ada = ada["accessToken"].as_str().unwrap();
        let link = self.ask(&local, "GET", "/2fa/generate-qr", ada, &json!({}));
        let secret = secret_of(link["link"].as_str().unwrap());
        self.close(local);
        let before = fs::read(self.store()).unwrap();
        let local = self.open().unwrap();
        let code = json!({ "code": code_of(&secret, self.clock.unix_seconds()) });
        self.ask(&local, "POST", "/2fa/enable-two-factor-auth", ada, &code);
        for name in ["bob", "grace", "mia"] {
            let user = json!({
                "email": format!("{name}@example.com"), "password": PASSWORD,
                "firstName": name, "lastName": "Stone",
            });
            self.ask(&local, "POST", "/operator/users", "", &user);
        }
        self.close(local);
        (fs::read(self.store()).unwrap(), before)
    }

    /// What all files but the store are called.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.data().root()).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    fn content(&self) -> Content {
        content(&redb::Database::open(self.store()).unwrap())
    }

    /// Puts these bytes in the store's place and starts; whether that was refused.
    fn refuses(&self, bytes: &[u8], whole: &Content, what: &str) -> bool {
        fs::write(self.store(), bytes).unwrap();
        let names = self.names();
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let local = self.open()?;
            let verified = self.ask(&local, "POST", "/operator/audit/verify", "", &json!({}));
            self.close(local);
            anyhow::Ok(verified)
        }));
        match opened.unwrap_or_else(|_| panic!("{what}: a panic")) {
            Ok(verified) => {
                assert_eq!(verified["intact"], true, "{what}");
                assert!(self.content() == *whole, "{what}: another state");
                false
            }
            Err(error) => {
                let said = format!("{error:#}");
                let clean = ["was left as it is", "is missing or empty"];
                let is_clean = clean.iter().any(|text| said.contains(text));
                assert!(is_clean, "{what}: {said}");
                assert!(fs::read(self.store()).unwrap() == bytes, "{what}: changed");
                assert_eq!(self.names(), names, "{what}");
                true
            }
        }
    }
}

/// One piece of damage, and what it was.
fn damage(dice: &mut Dice, whole: &[u8], before: &[u8]) -> (Vec<u8>, String) {
    let mut bytes = whole.to_vec();
    let sectors = bytes.len() / SECTOR;
    let what = match dice.roll(8) {
        0 => {
            let (at, bit) = (dice.roll(HEADER), dice.roll(8));
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} of the header")
        }
        1 => {
            for _ in 0..=dice.roll(8) {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
            "flipped bits".to_owned()
        }
        2 => {
            let at = dice.roll(sectors) * SECTOR;
            bytes[at..at + SECTOR].fill(0);
            format!("a zeroed sector at {at}")
        }
        3 => {
            let at = dice.roll(sectors) * SECTOR;
            bytes[at..at + SECTOR].fill_with(|| u8::try_from(dice.roll(256)).unwrap());
            format!("a random sector at {at}")
        }
        4 => {
            let length = match dice.roll(2) {
                0 => dice.roll(bytes.len()),
                _ => dice.roll(bytes.len() / PAGE) * PAGE,
            };
            bytes.truncate(length);
            format!("cut to {length}")
        }
        5 => {
            // A write that was lost: the sector of some time before. Behind the header, whose
            // older state is an older store.
            let at = PAGE + dice.roll(before.len() / SECTOR - PAGE / SECTOR) * SECTOR;
            bytes[at..at + SECTOR].copy_from_slice(&before[at..at + SECTOR]);
            format!("an older sector at {at}")
        }
        6 => {
            let pages = bytes.len() / PAGE - 1;
            let (one, other) = (dice.roll(pages) + 1, dice.roll(pages) + 1);
            for byte in 0..PAGE {
                bytes.swap(one * PAGE + byte, other * PAGE + byte);
            }
            format!("pages {one} and {other} swapped")
        }
        _ => {
            let more = dice.roll(4 * PAGE);
            bytes.extend((0..more).map(|_| u8::try_from(dice.roll(256)).unwrap()));
            format!("{more} bytes behind the end")
        }
    };
    (bytes, what)
}

/// The rounds of one lane, each with damage of its own; how many were refused.
fn sweep(seed: u64, rounds: usize, header_bits: impl Iterator<Item = usize>) -> usize {
    let house = House::new();
    let (whole, before) = house.live();
    assert!(before.len() > PAGE && before.len() <= whole.len() && before != whole);
    let full = house.content();
    // The control: an older file is another state, and seen as one.
    fs::write(house.store(), &before).unwrap();
    assert!(house.content() != full);
    assert!(!house.refuses(&whole, &full, "unharmed"));
    for bit in header_bits {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        house.refuses(&bytes, &full, &format!("bit {bit} of the header"));
    }
    let mut dice = Dice::new(seed);
    let mut refused = 0;
    for round in 0..rounds {
        let (bytes, what) = damage(&mut dice, &whole, &before);
        refused += usize::from(house.refuses(&bytes, &full, &format!("{round}: {what}")));
    }
    assert!(!house.refuses(&whole, &full, "unharmed"));
    refused
}

/// "Random corruptions of the file: intact or a clean refusal; 0 panics, 0 older states, 0 first
/// runs."
#[test]
fn a_damaged_file_is_whole_or_refused() {
    let is_full = std::env::var_os("TEST_FULL").is_some();
    let rounds = if is_full { 20_000 } else { 2_000 };
    // The byte that names the newest of the two commits is tried whole in any case.
    let bits = if is_full { 0..HEADER * 8 } else { 72..80 };
    let refused: usize = thread::scope(|scope| {
        let lanes: Vec<_> = [0x5eed_0f0a, 0x5eed_0f0b]
            .into_iter()
            .zip(0..)
            .map(|(seed, lane)| {
                let bits = bits.clone().skip(lane).step_by(2);
                scope.spawn(move || sweep(seed, rounds / 2, bits))
            })
            .collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).sum()
    });
    // Both happen: otherwise one half of this proves nothing.
    assert!(refused > rounds / 10 && refused < rounds, "{refused}");
}
