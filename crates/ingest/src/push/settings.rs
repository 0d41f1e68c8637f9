//! What the push receiver allows, and what a subscription is made of.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

/// Port of the push receiver; the gateway's with its last digits turned.
const PORT: u16 = 26880;
/// Longest body of a push, in bytes: a full batch of the longest messages.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Most open connections: a cloud keeps some dozens.
const CONNECTIONS_MAX: usize = 1_024;
/// Most pushes worked on at the same time; with the longest body, 256 MiB at the very worst.
const PUSHES_MAX: usize = 256;
/// A request must have come whole within this time.
const REQUEST_WAIT: Duration = Duration::from_secs(10);
/// A connection without a request for this long is closed.
const IDLE_WAIT: Duration = Duration::from_secs(60);
/// How long a stop waits for pushes that are being stored.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Where pushes are received and what is allowed.
#[derive(Clone, Debug)]
pub struct PushSettings {
    /// Address and port.
    pub address: SocketAddr,
    /// Most open connections; one more is closed at once.
    pub connections_max: usize,
    /// Most pushes worked on at the same time; further ones wait, and then get 503.
    pub pushes_max: usize,
    /// Longest body, in bytes; a longer one gets 413.
    pub body_bytes_max: usize,
    /// Within this time a request must have come.
    pub request_wait: Duration,
    /// A connection without a request for this long is closed.
    pub idle_wait: Duration,
    /// How long a stop waits.
    pub stop_wait: Duration,
    /// Networks of our own proxies, whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Network>,
    /// The subscriptions.
    pub subscriptions: Vec<PushSubscription>,
}

impl Default for PushSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT),
            connections_max: CONNECTIONS_MAX,
            pushes_max: PUSHES_MAX,
            body_bytes_max: BODY_BYTES_MAX,
            request_wait: REQUEST_WAIT,
            idle_wait: IDLE_WAIT,
            stop_wait: STOP_WAIT,
            proxies: Vec::new(),
            subscriptions: Vec::new(),
        }
    }
}

/// One subscription at one operator.
#[derive(Clone)]
pub struct PushSubscription {
    /// Name, in lower-case letters, digits and hyphens.
    pub name: String,
    /// The operator.
    pub operator: Operator,
    /// Path that the operator is told; `/push/<name>` when nobody says otherwise. For CTWing it must hold a secret.
    pub path: Option<String>,
    /// The token that signs, of OneNET and IoTDA.
    pub token: Option<String>,
    /// The key that encrypts, of OneNET.
    pub aes_key: Option<String>,
    /// Networks that may push; everybody when empty.
    pub allow: Vec<Network>,
    /// How messages are read.
    pub codec: String,
}

/// Secrets are never written out.
impl fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushSubscription")
            .field("name", &self.name)
            .field("operator", &self.operator)
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}

/// Whose cloud it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operator {
    /// 电信 CTWing
    Ctwing,
    /// 移动 OneNET
    Onenet,
    /// 华为 IoTDA
    Iotda,
}

impl Operator {
    /// Stable name, with which a source begins.
    pub fn code(self) -> &'static str {
        match self {
            Operator::Ctwing => "ctwing",
            Operator::Onenet => "onenet",
            Operator::Iotda => "iotda",
        }
    }

    /// By its stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Ctwing, Self::Onenet, Self::Iotda].into_iter().find(|o| o.code() == code)
    }

    /// As people call it.
    pub fn label(self) -> &'static str {
        match self {
            Operator::Ctwing => "电信 CTWing",
            Operator::Onenet => "移动 OneNET",
            Operator::Iotda => "华为 IoTDA",
        }
    }

    /// Within this time the answer must be out, or the operator takes the push as failed: OneNET waits 5 s,
    /// IoTDA 15 s and then drops the message, CTWing ranks receivers by their speed.
    pub fn answer_wait(self) -> Duration {
        match self {
            Operator::Ctwing | Operator::Onenet => Duration::from_secs(4),
            Operator::Iotda => Duration::from_secs(12),
        }
    }
}

/// A network such as `36.189.0.0/16`; a bare address is a network of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} 不是网段，应写成 36.189.0.0/16 或一个地址");
        let (address, prefix) =
            text.trim().split_once('/').map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), |p| p.parse::<u8>().map_err(|_| wrong()))?;
        if prefix > longest { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_what_its_prefix_says() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(network("36.189.0.0/16").contains(ip("36.189.255.1")));
        assert!(!network("36.189.0.0/16").contains(ip("36.190.0.1")));
        assert!(network("36.189.0.0/16").contains(ip("::ffff:36.189.0.1")));
        assert!(network("0.0.0.0/0").contains(ip("8.8.8.8")));
        assert!(
            network("10.0.0.7").contains(ip("10.0.0.7")) && !network("10.0.0.7").contains(ip("10.0.0.8"))
        );
        assert!(network("2001:db8::/32").contains(ip("2001:db8:1::1")));
        assert!(!network("2001:db8::/32").contains(ip("36.189.0.1")));
        assert!("36.189.0.0/33".parse::<Network>().is_err() && "x".parse::<Network>().is_err());
    }

    #[test]
    fn operators_are_known_by_their_names_and_secrets_are_not_written_out() {
        for operator in [Operator::Ctwing, Operator::Onenet, Operator::Iotda] {
            assert_eq!(Operator::from_code(operator.code()), Some(operator));
        }
        let subscription = PushSubscription {
            name: "s".to_owned(),
            operator: Operator::Onenet,
            path: Some("/push/geheim".to_owned()),
            token: Some("geheim".to_owned()),
            aes_key: Some("geheim".to_owned()),
            allow: Vec::new(),
            codec: "gb26875".to_owned(),
        };
        assert!(!format!("{subscription:?}").contains("geheim"));
    }
}
