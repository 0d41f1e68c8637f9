//! The gateway (接入网关): where fire terminals (用户信息传输装置) connect, over TCP and UDP.
//!
//! Bytes become frames, a frame becomes one call of the application, and only when that call has returned is
//! the frame acknowledged: what a terminal was told "received" is on disk. A frame whose checksum is wrong is
//! denied, so that the terminal sends it again; when storage fails, nothing is answered at all, and the
//! terminal sends it again by itself.
//!
//! Everybody may connect, so everything has a limit, and whoever exceeds one costs the others nothing: see
//! [`GatewaySettings`]. Nothing here decides what a report means; that is the application's business.
//!
//! | module | what for |
//! |---|---|
//! | [`translate`] | a frame in words independent of the wire; pure |
//! | [`Dialects`] | the dialects a terminal may be registered with |
//! | `reception` | one frame: taken in, then answered |
//! | `tcp`, `udp` | connections and datagrams |
//! | `limits`, `tally` | what is too much, and how often it happened |

mod dialects;
mod gateway;
mod limits;
mod reception;
mod settings;
mod tally;
mod tcp;
pub mod translate;
mod udp;

pub use dialects::{DEFAULT_DIALECT, Dialects};
pub use gateway::Gateway;
pub use settings::{ADDRESS_SETTING, GatewaySettings};
pub use translate::{Channel, Protocol};
