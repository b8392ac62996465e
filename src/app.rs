//! Floor 4, the composition root: builds store, use cases and HTTP in this order, and takes them down in the reverse
//! order. Only this room and `cli` use `anyhow`.

mod listeners;
mod local;
mod opened;
mod running;
mod sources;

pub use listeners::{bind, tls};
pub use local::Local;
pub use opened::{InUse, Opened};
pub use running::Running;
pub use sources::Sources;
