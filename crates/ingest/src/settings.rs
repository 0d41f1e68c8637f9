//! What the gateway allows: each limit by its name, with the value that holds when nobody says otherwise.

use crate::DEFAULT_DIALECT;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The setting that names address and port, as error messages call it.
pub const ADDRESS_SETTING: &str = "gateway.address";

/// Port that terminals connect to. The standard names none; its own number is easy to remember.
const PORT: u16 = 26875;
/// Most open connections: a county's terminals several times over.
const CONNECTIONS_MAX: usize = 10_000;
/// Most open connections from one IP address: an operator's private network comes through a few of them.
const CONNECTIONS_PER_IP_MAX: usize = 2_000;
/// A connection must bring its first whole frame within this time.
const FIRST_FRAME_WAIT: Duration = Duration::from_secs(60);
/// A connection that brings no whole frame for this long is given up: twenty heartbeats of thirty seconds.
const IDLE_WAIT: Duration = Duration::from_secs(600);
/// A part of a frame whose rest does not come is given up after this time. Source: GB/T 26875.3 §6.5 (≤ 10 s).
const PART_WAIT: Duration = Duration::from_secs(10);
/// A terminal must read its answers within this time.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Frames a second that one source may send for long.
const FRAMES_PER_S: u32 = 200;
/// Frames that one source may send at once, as after an outage.
const FRAMES_BURST: u32 = 1_000;
/// Most bytes without a good frame among them.
const GARBAGE_BYTES_MAX: usize = 64 * 1024;
/// Longest datagram: a frame of the largest size as hex text, and some room.
const DATAGRAM_BYTES_MAX: usize = 4_096;
/// Datagrams that are worked on at the same time; those of one sender one after another.
const UDP_LANES: usize = 64;
/// Datagrams that may wait in each lane.
const UDP_WAITING_MAX: usize = 64;
/// Most senders of datagrams whose rate is remembered.
const UDP_SOURCES_MAX: usize = 16_384;
/// A terminal must answer a request within this time, before it is asked again. Source: GB/T 26875.3 §6.5 (≤ 10 s).
const ORDER_WAIT: Duration = Duration::from_secs(10);
/// Most requests to terminals under way at the same time, one to each.
const CALLS_MAX: usize = 256;
/// How long a stop waits for frames that are being stored.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Where the gateway listens and what it allows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewaySettings {
    /// Address and port, for TCP and UDP alike.
    pub address: SocketAddr,
    /// Dialect by which frames of unregistered terminals are read.
    pub dialect: String,
    /// Most open connections; one more is closed at once.
    pub connections_max: usize,
    /// Most open connections from one IP address; one more is closed at once.
    pub connections_per_ip_max: usize,
    /// Within this time a connection must bring its first whole frame.
    pub first_frame_wait: Duration,
    /// Without a whole frame for this long a connection is closed.
    pub idle_wait: Duration,
    /// After this time a part of a frame is given up and what follows it is looked at.
    pub part_wait: Duration,
    /// Within this time a terminal must read its answers.
    pub answer_wait: Duration,
    /// Frames a second that one connection, or one IP address over UDP, may send for long.
    pub frames_per_s: u32,
    /// Frames that may come at once.
    pub frames_burst: u32,
    /// Most bytes since the last good frame, or the beginning; beyond it the connection is closed.
    pub garbage_bytes_max: usize,
    /// Longest datagram in bytes; a longer one is refused.
    pub datagram_bytes_max: usize,
    /// Datagrams worked on at the same time.
    pub udp_lanes: usize,
    /// Datagrams that may wait in each lane; further ones are dropped.
    pub udp_waiting_max: usize,
    /// Most senders of datagrams whose rate is remembered; those of further ones are dropped.
    pub udp_sources_max: usize,
    /// Within this time a terminal must answer a request; more than ten seconds is taken as that.
    pub order_wait: Duration,
    /// Most requests to terminals under way at the same time, one to each.
    pub calls_max: usize,
    /// How long a stop waits for frames that are being stored.
    pub stop_wait: Duration,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT),
            dialect: DEFAULT_DIALECT.to_owned(),
            connections_max: CONNECTIONS_MAX,
            connections_per_ip_max: CONNECTIONS_PER_IP_MAX,
            first_frame_wait: FIRST_FRAME_WAIT,
            idle_wait: IDLE_WAIT,
            part_wait: PART_WAIT,
            answer_wait: ANSWER_WAIT,
            frames_per_s: FRAMES_PER_S,
            frames_burst: FRAMES_BURST,
            garbage_bytes_max: GARBAGE_BYTES_MAX,
            datagram_bytes_max: DATAGRAM_BYTES_MAX,
            udp_lanes: UDP_LANES,
            udp_waiting_max: UDP_WAITING_MAX,
            udp_sources_max: UDP_SOURCES_MAX,
            order_wait: ORDER_WAIT,
            calls_max: CALLS_MAX,
            stop_wait: STOP_WAIT,
        }
    }
}
