//! Carries out what a click asks of the service.

use super::menu::Act;
use super::service_address::ServiceAddress;
use crate::client::{Client, ClientError};
use std::time::Duration;

/// After this long a service does not answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// Carries out an act that needs the service; the value is an address to open, if the act is to open one.
///
/// # Errors
/// What the service or the way to it says.
pub(super) async fn request(
    address: &ServiceAddress,
    act: Act,
) -> Result<Option<String>, ClientError> {
    let ServiceAddress::Socket(path) = address else {
        return Ok(None);
    };
    let client = Client::connect(path).await?;
    let answer = tokio::time::timeout(TIMEOUT, ask(&client, act)).await;
    answer.map_err(|_| ClientError::Broken("it took too long".into()))?
}

async fn ask(client: &Client, act: Act) -> Result<Option<String>, ClientError> {
    match act {
        Act::Pause => client.set_paused(true).await.map(|_| None),
        Act::Resume => client.set_paused(false).await.map(|_| None),
        Act::FinishSetUp => client.new_set_up_link().await.map(|made| Some(made.url)),
        Act::Stop => client.stop().await.map(|_| None),
        _ => Ok(None),
    }
}
