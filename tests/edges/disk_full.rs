//! A disk that is full, by a limit on the size of files that is moved under the running service.

use crate::harness::binary::{Instance, Service, output_of};
use crate::harness::peer::{Peer, recovery_codes};
use serde_json::json;
use std::time::{Duration, Instant};

const SIZES: u64 = 50;

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Token,
    Refused,
    UsedBefore,
}

fn limit(service: &Service, bytes: &str) {
    let process = format!("--pid={}", service.id());
    output_of("prlimit", &[process.as_str(), &format!("--fsize={bytes}:")]);
}

/// Waits until the service can write again; it comes back by itself.
fn recovered(service: &Service) -> Duration {
    let since = Instant::now();
    while service.http.get("/health/ready", "").status != 200 {
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "the service does not come back"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    since.elapsed()
}

#[test]
fn at_50_sizes_a_full_disk_gives_no_token_for_a_code_that_works_again_and_heals_by_itself() {
    let instance = Instance::new();
    let service = instance.serve();
    let peers = Peer::several(&instance, &service.http, 5);
    let codes = recovery_codes(&peers);
    let store = instance.data().join("vestibule.redb");
    let (mut refused, mut longest) = (0, Duration::ZERO);
    for (number, (peer, code)) in (0..SIZES).zip(codes) {
        let token = peer.opens_the_first_door(&service.http).unwrap();
        let size = store.metadata().unwrap().len() * (number + 1) / SIZES;
        limit(&service, &size.to_string());
        let body = json!({ "code": code });
        let try_it = |token: &str| {
            let answer = service.http.post("/2fa/authenticate", token, body.clone());
            if answer.status == 503 {
                let refused = answer.refused(503, "STORE_UNAVAILABLE");
                assert!(refused.header("retry-after").is_some());
                return Outcome::Refused;
            }
            match answer.status {
                200 => Outcome::Token,
                _ => {
                    answer.refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
                    Outcome::UsedBefore
                }
            }
        };
        let mut outcomes = vec![try_it(&token)];
        if outcomes[0] == Outcome::Refused {
            refused += 1;
            // Still up. What comes now may fit where the first one did not.
            service.http.get("/health/live", "").expect(200);
            if refused == 1 {
                assert_eq!(instance.run(&["doctor"]).status.code(), Some(1));
            }
            outcomes.push(try_it(&token));
        }
        limit(&service, "unlimited");
        longest = longest.max(recovered(&service));
        let token = peer.opens_the_first_door(&service.http).unwrap();
        outcomes.push(try_it(&token));
        let tokens = outcomes
            .iter()
            .filter(|outcome| **outcome == Outcome::Token)
            .count();
        assert!(tokens <= 1, "size {size}: {outcomes:?}");
        let given = service.http.get("/2fa/status", &peer.access).expect(200);
        let total = u64::try_from(peer.recovery_codes.len()).unwrap();
        let left = total - number % total - 1;
        // Whether or not a token was given, the code is used up by now, and only this one.
        assert_eq!(
            given.json["recoveryCodesLeft"], left,
            "size {size}: {outcomes:?}"
        );
        assert_ne!(
            outcomes.last(),
            Some(&Outcome::Refused),
            "size {size}: {outcomes:?}"
        );
    }
    println!("{refused} of {SIZES} sizes refused; ready again after {longest:?} at most");
    assert!(refused >= SIZES / 2, "only {refused} sizes were met");
    assert_eq!(instance.json(&["audit", "verify"], "")["intact"], true);
    assert!(service.interrupt().success());
}
