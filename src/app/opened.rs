//! An instance, opened and unlocked, before anything is built on it.

use super::sources::Sources;
use crate::config::Config;
use crate::platform::files;
use crate::platform::key_provider::{self, KeyProvider};
use crate::platform::paths::DataDirectory;
use crate::service::upkeep::instance::{self, Material, Unlocked};
use crate::service::{Services, Settings};
use crate::store::{Medium, Store};
use anyhow::{Context, bail};
use std::fs::File;
use std::sync::Arc;

/// An instance that is open and unlocked; its lock keeps other processes out.
pub struct Opened {
    store: Store,
    unlocked: Unlocked,
    directory: Option<DataDirectory>,
    lock: Option<File>,
}

/// Another process has the instance.
#[derive(Debug, thiserror::Error)]
#[error("another process is using the instance in {0}")]
pub struct InUse(String);

impl Opened {
    /// Opens the instance in a directory, making it if `may_create` and nothing is there.
    ///
    /// # Errors
    /// [`InUse`], and what [`instance::open`] and [`instance::unlock`] say.
    pub async fn in_directory(
        directory: DataDirectory,
        config: &Config,
        sources: &Sources,
        may_create: bool,
    ) -> anyhow::Result<Self> {
        let root = directory.root().display().to_string();
        if !may_create && !directory.store().exists() {
            bail!(instance::InstanceError::None(directory.root().to_owned()));
        }
        files::private_directory(directory.root())
            .with_context(|| format!("the data directory {root} cannot be used"))?;
        let lock = files::lock(&directory.lock())
            .with_context(|| format!("the data directory {root} cannot be used"))?;
        let Some(lock) = lock else {
            bail!(InUse(root));
        };
        let provider = key_provider::of_instance(&directory);
        let provider = provider.as_ref();
        let (clock, entropy) = (sources.clock.as_ref(), sources.entropy.as_ref());
        let cache = config.store.cache_bytes;
        let (store, key) = instance::open(&directory, provider, clock, entropy, cache, may_create)?;
        let algorithm = config.session.signing_algorithm;
        let unlocked = instance::unlock(&store, &key, provider, algorithm, clock, entropy).await?;
        Ok(Self {
            store,
            unlocked,
            directory: Some(directory),
            lock: Some(lock),
        })
    }

    /// Opens, or makes, an instance on any medium; for tests.
    ///
    /// # Errors
    /// If the medium or the provider fails.
    pub async fn on<M: Medium>(
        medium: impl Fn() -> M + Send + Sync + 'static,
        provider: &dyn KeyProvider,
        config: &Config,
        sources: &Sources,
    ) -> anyhow::Result<Self> {
        let (clock, entropy) = (sources.clock.as_ref(), sources.entropy.as_ref());
        let key = match provider.load()? {
            Some(key) => key,
            None => {
                let key = provider.prepare(entropy)?;
                provider.commit()?;
                key
            }
        };
        let material = Material::draw(entropy)?;
        let (first_key, name) = (key.clone(), provider.name());
        let created_at = clock.now().unix_seconds;
        let store = Store::on(medium, move |write| {
            material.write(write, &first_key, name, created_at)
        })?;
        let algorithm = config.session.signing_algorithm;
        let unlocked = instance::unlock(&store, &key, provider, algorithm, clock, entropy).await?;
        Ok(Self {
            store,
            unlocked,
            directory: None,
            lock: None,
        })
    }

    pub(super) fn services(self, config: &Config, base_url: String, sources: &Sources) -> Built {
        let settings = Settings {
            base_url,
            issuer: config.totp.issuer.clone(),
            parameters: config.totp.parameters,
            window: config.totp.window,
            policy: config.policy,
            lifetimes: config.session.lifetimes,
            password_rules: config.password,
            audit_keep_months: config.audit.keep_months,
            data_directory: self
                .directory
                .as_ref()
                .map(|directory| directory.root().to_owned()),
        };
        let (clock, entropy) = (Arc::clone(&sources.clock), Arc::clone(&sources.entropy));
        Built {
            services: Arc::new(Services::new(
                self.store,
                self.unlocked,
                settings,
                clock,
                entropy,
            )),
            directory: self.directory,
            lock: self.lock,
        }
    }
}

/// The use cases of an opened instance, and what is to be kept beside them.
pub(super) struct Built {
    pub(super) services: Arc<Services>,
    pub(super) directory: Option<DataDirectory>,
    pub(super) lock: Option<File>,
}
