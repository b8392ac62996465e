//! From a command to the instance: over the local socket if a service runs there, else the same request to the same
//! routes within this process.

use super::failure::Failure;
use super::global::Global;
use crate::app::{InUse, Local, Opened, Sources};
use crate::client::{Client, ClientError};
use crate::config::{self, Config, Loaded};
use crate::platform::paths::{self, DataDirectory};
use crate::platform::{account, files, process};
use anyhow::bail;
use std::sync::Arc;
use std::time::Duration;

/// How often a service that is just starting is asked again.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// An instance that can be asked.
pub(super) struct Instance {
    client: Client,
    local: Option<Arc<Local>>,
}

/// The configuration in force, with where each value comes from.
pub(super) fn load(global: &Global, flags: &[(String, String)]) -> Result<Loaded, Failure> {
    let sources = config::Sources {
        system: Some(paths::system_configuration()),
        user: paths::user_configuration(),
        explicit: global.config.clone(),
        environment: paths::environment(),
        flags: flags.to_vec(),
    };
    config::load(&sources).map_err(|error| Failure::Usage(error.to_string()))
}

/// The instance that a command means: the one of the flag, else of the environment, of the configuration, or the default.
pub(super) fn directory(global: &Global, config: &Config) -> Result<DataDirectory, Failure> {
    let named = global
        .data_dir
        .clone()
        .or_else(paths::data_directory_from_environment)
        .or_else(|| config.store.data_dir.clone())
        .or_else(paths::default_data_directory);
    let path = named.ok_or_else(|| {
        Failure::Usage("this account has no home: name the instance with --data-dir".into())
    })?;
    Ok(DataDirectory::new(
        std::path::absolute(&path).unwrap_or(path),
    ))
}

impl Instance {
    /// Finds the instance: the running service, or, when none runs, its files.
    pub(super) async fn find(global: &Global) -> Result<Self, Failure> {
        let config = load(global, &[])?.config;
        let directory = directory(global, &config)?;
        let found = Self::open(&config, &directory).await;
        found.map_err(|error| Failure::missing(&error))
    }

    /// The instance in a directory, or why it cannot be asked.
    pub(super) async fn open(config: &Config, directory: &DataDirectory) -> anyhow::Result<Self> {
        let mut attempt = 1;
        loop {
            match Client::connect(&directory.socket()).await {
                Ok(client) => {
                    return Ok(Self {
                        client,
                        local: None,
                    });
                }
                Err(ClientError::NotRunning) => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(owner) = files::other_owner(directory.root()) {
                // Its service may be about to start; this account must not take its lock meanwhile.
                if attempt < ATTEMPTS {
                    attempt += 1;
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                bail!(
                    "the instance in {} belongs to {}, and its service does not run: start it (the installed one with `systemctl start vestibule`), or run this command as that account",
                    directory.root().display(),
                    account::name_of(owner)
                );
            }
            match Self::within(config, directory.clone()).await {
                // A service that is starting or ending holds the lock, but has no socket yet.
                Err(error) if error.is::<InUse>() && attempt < ATTEMPTS => attempt += 1,
                other => return other,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn within(config: &Config, directory: DataDirectory) -> anyhow::Result<Self> {
        process::harden();
        let sources = Sources::of_machine()?;
        let opened = Opened::in_directory(directory, config, &sources, false).await?;
        let local = Arc::new(Local::new(opened, config, &sources));
        let answering = Arc::clone(&local);
        let operator = account::name_of(account::own());
        let client = Client::new(Box::new(move |request| {
            let (local, operator) = (Arc::clone(&answering), operator.clone());
            Box::pin(async move {
                let answer = local.answer(request, operator).await;
                answer.map_err(|error| ClientError::Broken(error.to_string()))
            })
        }));
        Ok(Self {
            client,
            local: Some(local),
        })
    }

    /// Asks it.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Closes the store, if it was opened in this process.
    pub(super) async fn close(self) {
        if let Some(local) = self.local {
            local.close().await;
        }
    }
}

/// Asks the instance that a command means, and closes it also after a failure.
pub(super) async fn ask<T>(
    global: &Global,
    ask: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let instance = Instance::find(global).await?;
    let answer = ask(instance.client()).await;
    instance.close().await;
    answer
}
