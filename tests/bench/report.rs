//! The table, and the goals beside what was reached.

use crate::load::Outcome;

/// One line of the table.
pub struct Line {
    pub name: &'static str,
    pub count: usize,
    pub seconds: f64,
    /// Seconds of CPU of the server, and of the load generator where there is one.
    pub server_cpu: f64,
    pub load_cpu: Option<f64>,
    /// Milliseconds of the median and of the ninety-ninth in a hundred.
    pub latency: Option<(f64, f64)>,
}

impl Line {
    pub fn of(name: &'static str, count: usize, outcome: &Outcome, cpu: (f64, f64)) -> Self {
        Self {
            name,
            count,
            seconds: outcome.seconds,
            server_cpu: cpu.0,
            load_cpu: Some(cpu.1),
            latency: Some((outcome.percentile(50), outcome.percentile(99))),
        }
    }

    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.seconds
    }

    /// Microseconds of the server's CPU for one.
    pub fn microseconds(&self) -> f64 {
        self.server_cpu * 1e6 / self.count as f64
    }

    fn print(&self) {
        let load = self.load_cpu.map(|cpu| cpu * 1e6 / self.count as f64);
        let (median, high) = self.latency.unzip();
        println!(
            "  {:<34}{:>9}{:>10.0}{:>12.1}{:>10}{:>10}{:>10}",
            self.name,
            self.count,
            self.per_second(),
            self.microseconds(),
            number(load, 1),
            number(median, 2),
            number(high, 2),
        );
    }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

/// A goal and whether it was reached.
pub fn goal(text: &str, reached: f64, unit: &str, is_met: bool) {
    let verdict = if is_met { "met" } else { "MISSED" };
    println!("  goal: {text:<58}{reached:>10.2} {unit:<8}{verdict}");
}

/// What was measured with one number of connections.
pub struct Level {
    pub connections: usize,
    pub hello: Line,
    pub sign: Line,
    pub full: Line,
    pub row: Line,
    pub rows: Line,
}

impl Level {
    pub fn print(&self) {
        println!("\n{} connections", self.connections);
        println!(
            "  {:<34}{:>9}{:>10}{:>12}{:>10}{:>10}{:>10}",
            "", "count", "per s", "server µs", "load µs", "p50 ms", "p99 ms"
        );
        for line in [&self.hello, &self.sign, &self.full, &self.row, &self.rows] {
            line.print();
        }
        let full = self.full.microseconds();
        let sum = |share: &Line, with_hello: bool| {
            let hello = if with_hello {
                self.hello.microseconds()
            } else {
                0.0
            };
            full / (hello + self.sign.microseconds() + share.microseconds())
        };
        println!(
            "  server CPU of c / (a + b + share of d1)  {:>6.2}",
            sum(&self.row, true)
        );
        println!(
            "  server CPU of c / (a + b + share of d2)  {:>6.2}",
            sum(&self.rows, true)
        );
        println!("  stricter, since b is over HTTP itself:");
        println!(
            "  server CPU of c / (b + share of d1)      {:>6.2}",
            sum(&self.row, false)
        );
        println!(
            "  server CPU of c / (b + share of d2)      {:>6.2}",
            sum(&self.rows, false)
        );
        if self.connections == 64 {
            let ratio = sum(&self.row, true);
            let rate = self.full.per_second();
            let high = self.full.latency.map_or(0.0, |(_, high)| high);
            goal(
                "at most 1.5 × (a + b + share of d1)",
                ratio,
                "×",
                ratio <= 1.5,
            );
            goal(
                "at least 10,000 sign-ins a second",
                rate,
                "per s",
                rate >= 10_000.0,
            );
            goal("99 of 100 in less than 20 ms", high, "ms", high < 20.0);
        }
    }
}
