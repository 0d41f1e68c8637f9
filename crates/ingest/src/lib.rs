//! The gateway (接入网关): where fire terminals (用户信息传输装置) connect, over TCP and UDP; and the other wires by
//! which terminals are heard, through an operator's cloud or a site's broker.
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
//! | [`codec`] | what came through a cloud or a broker in the same words; pure |
//! | [`PushReceiver`] | pushes of the operators' clouds, over HTTP |
//! | [`BrokerClient`] | messages of a site's MQTT broker |
//! | [`Dialects`] | the dialects a terminal may be registered with |
//! | `reception` | one frame: taken in, then answered |
//! | `tcp`, `udp` | connections and datagrams |
//! | `lines`, `calls` | the way back: requests and orders to terminals, until they are answered |
//! | `berths` | who is who among those without a number |
//! | `limits`, `tally` | what is too much, and how often it happened |

mod berths;
mod calls;
pub mod codec;
mod dialects;
mod gateway;
mod limits;
mod lines;
mod message;
mod mqtt;
mod push;
mod reception;
mod settings;
mod tally;
mod tcp;
pub mod translate;
mod udp;

pub use dialects::{DEFAULT_DIALECT, Dialects};
pub use gateway::Gateway;
pub use message::WireCounts;
pub use mqtt::{BrokerClient, BrokerFacts, BrokerSettings, DeviceName, TopicSettings};
pub use push::{
    BODY_BYTES_MAX, Network, Operator, PushReceiver, PushSettings, PushSubscription, SubscriptionFacts,
};
pub use settings::{ADDRESS_SETTING, GatewaySettings};
pub use translate::{Channel, Protocol};
