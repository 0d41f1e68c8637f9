//! Outward messages: how each kind of gateway is spoken to, and the task that sends what waits.
//!
//! A driver has two halves. The pure half turns a message and a channel's settings into a request, and an
//! answer into what became of it; it can be tested with the gateway's documented examples. The other half
//! carries the request over the network with a time limit, a limit to the answer's size, and no redirects.

mod deliverer;
mod dingtalk;
mod http_gateway;
mod mail;
mod request;
mod template;
mod transport;
mod webhook;
mod wecom;
mod words;

pub use deliverer::Deliverer;
pub use request::{ANSWER_BYTES_MAX, Reply, Request};
pub use transport::{ANSWER_WAIT, Transport};
