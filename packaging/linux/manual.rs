//! Writes what a package tells about the command line, out of the command line itself: a manual page
//! for each command and completions for three shells. `cargo run --example manual -- DIRECTORY`.
//!
//! ```text
//! DIRECTORY/man/vestibule.1, vestibule-serve.1, … · completions/vestibule.{bash,zsh,fish}
//! ```

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// What the page of the whole program tells beside its options: the heading, then terms with their
/// texts.
const SECTIONS: [(&str, &[(&str, &str)]); 4] = [
    (
        "EXIT STATUS",
        &[
            ("0", "Done."),
            (
                "1",
                "Refused, or something is wrong that the command was to find.",
            ),
            ("2", "The command line or the configuration is wrong."),
            ("3", "The service, the store or the instance is not there."),
        ],
    ),
    (
        "ENVIRONMENT",
        &[
            (
                "VESTIBULE_DATA_DIR",
                "The directory of the instance, where --data-dir does not name it.",
            ),
            (
                "VESTIBULE_SECTION__KEY",
                "A setting, as in VESTIBULE_TOTP__DIGITS; it wins over every file, and a flag wins over it.",
            ),
            (
                "CREDENTIALS_DIRECTORY",
                "Where systemd puts the key of an installed service, as vestibule-key.",
            ),
        ],
    ),
    (
        "FILES",
        &[
            (
                "/etc/vestibule/config.toml",
                "The settings of this machine, each explained. `vestibule config show` tells which layer set what.",
            ),
            (
                "~/.config/vestibule/config.toml",
                "Your own settings, read after those of the machine.",
            ),
            (
                "/var/lib/private/vestibule",
                "The store of the installed service. Root's commands reach the service there by default.",
            ),
            (
                "/etc/vestibule/key-encryption-key",
                "The key that opens the store of the installed service. Keep a copy of it in a safe place, apart from copies of the store: neither is worth anything without the other.",
            ),
            (
                "~/.local/share/vestibule",
                "Store and key of an instance that a person runs without installing a service.",
            ),
        ],
    ),
    (
        "EXAMPLES",
        &[
            (
                "sudo vestibule setup-url",
                "Make the one-time link by which the first administrator claims the installed service.",
            ),
            (
                "sudo vestibule user add grace@example.com --invite",
                "Invite somebody to make an account.",
            ),
            (
                "sudo vestibule doctor",
                "Find out what is wrong, and what to do about it.",
            ),
            (
                "systemctl status vestibule; journalctl --unit vestibule",
                "See whether the installed service runs, and what it says.",
            ),
        ],
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from);
    let directory = directory.ok_or("usage: manual DIRECTORY")?;
    let (pages, completions) = (directory.join("man"), directory.join("completions"));
    fs::create_dir_all(&pages)?;
    fs::create_dir_all(&completions)?;
    // `help` repeats every other command: a page for each would only hide those that say something.
    let mut command = vestibule::cli::command().disable_help_subcommand(true);
    command.build();
    write_pages(&command, None, &pages)?;
    let shells = [
        (Shell::Bash, "vestibule.bash"),
        (Shell::Zsh, "vestibule.zsh"),
        (Shell::Fish, "vestibule.fish"),
    ];
    for (shell, name) in shells {
        let mut file = File::create(completions.join(name))?;
        clap_complete::generate(
            shell,
            &mut vestibule::cli::command(),
            "vestibule",
            &mut file,
        );
    }
    Ok(())
}

/// The page of a command, and those of the commands below it.
fn write_pages(
    command: &Command,
    above: Option<&str>,
    directory: &Path,
) -> Result<(), Box<dyn Error>> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let below: Vec<&Command> = command.get_subcommands().collect();
    let version = command.get_version().unwrap_or_default();
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .source(format!("Vestibule {version}"))
        .manual("Vestibule");
    let mut file = File::create(directory.join(format!("{name}.1")))?;
    man.render_title(&mut file)?;
    man.render_name_section(&mut file)?;
    man.render_synopsis_section(&mut file)?;
    man.render_description_section(&mut file)?;
    man.render_options_section(&mut file)?;
    if !below.is_empty() {
        man.render_subcommands_section(&mut file)?;
    }
    let mut roff = Roff::new();
    if above.is_none() {
        for (heading, entries) in SECTIONS {
            section(&mut roff, heading, entries);
        }
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([roman(related(above))]);
    roff.to_writer(&mut file)?;
    for command in below {
        write_pages(command, Some(name), directory)?;
    }
    Ok(())
}

fn section(roff: &mut Roff, heading: &str, entries: &[(&str, &str)]) {
    roff.control("SH", [heading]);
    for (term, text) in entries {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*text)]);
    }
}

/// The pages to read beside those of the commands below: the one above and that of the whole.
fn related(above: Option<&str>) -> String {
    match above {
        None => "systemctl(1), journalctl(1), systemd.unit(5)".to_owned(),
        Some("vestibule") => "vestibule(1)".to_owned(),
        Some(above) => format!("vestibule(1), {above}(1)"),
    }
}
