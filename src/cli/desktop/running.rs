//! Looking for a service that runs: this account's by its local socket, another account's by its address.

use crate::cli::failure::Failure;
use crate::cli::serve::Plan;
use crate::client::{Client, ClientError};
use crate::config::Config;
use crate::platform::{files, paths};
use crate::tray::ServiceAddress;
use crate::tray::menu::Access;
use std::time::Duration;

/// How often a service that is just starting is looked for.
const LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// After this long an address does not answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The same for the service of one's own directory, which may be busy with something long.
const OWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A service that answers already.
pub(super) struct RunningService {
    pub(super) address: ServiceAddress,
    pub(super) base_url: String,
    pub(super) is_claimed: bool,
}

impl RunningService {
    pub(super) fn access(&self) -> Access {
        access_to(&self.address)
    }
}

/// What a tray in another process may do with the service.
pub(super) fn access_to(address: &ServiceAddress) -> Access {
    match address {
        ServiceAddress::Socket(_) => Access::Socket,
        ServiceAddress::Tcp { .. } => Access::HealthOnly,
    }
}

/// The service that answers, if one does; one that is just starting is waited for.
///
/// # Errors
/// If one runs and does not answer.
pub(super) async fn find(plan: &Plan) -> Result<Option<RunningService>, Failure> {
    for look in 0..LOOKS {
        if look > 0 {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let socket = plan.directory.socket();
        let client = match Client::connect(&socket).await {
            Ok(client) => client,
            Err(ClientError::NotRunning) if files::is_locked(&plan.directory.lock()) => continue,
            Err(_) => return Ok(of_another_account(&plan.config).await),
        };
        let status = tokio::time::timeout(OWN_TIMEOUT, client.status()).await;
        let status = status.map_err(|_| {
            let root = plan.directory.root().display();
            Failure::Missing(format!(
                "the service of {root} runs and does not answer: wait a moment, or end its process `vestibule` and start it again"
            ))
        })?;
        if let Ok(status) = status {
            return Ok(Some(RunningService {
                address: ServiceAddress::Socket(socket),
                base_url: status.base_url,
                is_claimed: status.claimed,
            }));
        }
    }
    Ok(None)
}

/// The service of another account on the configured address.
async fn of_another_account(config: &Config) -> Option<RunningService> {
    let address = configured(config)?;
    let ServiceAddress::Tcp {
        at,
        base_url,
        is_plain,
    } = &address
    else {
        return None;
    };
    let look = async {
        let client = Client::connect_to(*at).await.ok()?;
        if !is_plain {
            return Some(());
        }
        let health = client.live().await.ok()?;
        (health.status == "live").then_some(())
    };
    tokio::time::timeout(TIMEOUT, look).await.ok()??;
    Some(RunningService {
        base_url: base_url.clone(),
        is_claimed: true,
        address,
    })
}

fn configured(config: &Config) -> Option<ServiceAddress> {
    let at = config.server.listen.first().filter(|at| at.port() != 0)?;
    Some(ServiceAddress::Tcp {
        at: *at,
        base_url: config.server.base_url.clone(),
        is_plain: config.server.tls.is_none(),
    })
}

/// Where a service will be that does not run yet.
pub(super) fn expected(plan: &Plan) -> ServiceAddress {
    match configured(&plan.config).filter(|_| is_of_another_account(plan)) {
        Some(address) => address,
        None => ServiceAddress::Socket(plan.directory.socket()),
    }
}

/// Whether the service of this machine belongs to another account: an installed one does, unless this account has an
/// instance of its own.
pub(super) fn is_of_another_account(plan: &Plan) -> bool {
    let is_theirs = files::other_owner(plan.directory.root()).is_some();
    is_theirs || (paths::is_installed() && !plan.directory.store().exists())
}
