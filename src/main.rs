//! The program: hands the arguments over and ends with the exit code that comes back.

use std::process::ExitCode;

fn main() -> ExitCode {
    vestibule::cli::run(std::env::args_os())
}
