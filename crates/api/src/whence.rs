//! Where a request comes from: directly, or through a proxy that the site trusts.
//!
//! Anybody can write `X-Forwarded-For` into a request. It is believed only when the connection itself comes from an
//! address that the site has named as its proxy; the throttle, `/metrics`, the check of the page's origin and the
//! cookies all ask here.

use crate::Api;
use crate::door::Connection;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use std::net::IpAddr;
use std::str::FromStr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// An address, or all addresses that begin like it: `10.1.0.0/16`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Prefix {
    address: IpAddr,
    bits: u8,
}

impl Prefix {
    fn covers(&self, other: IpAddr) -> bool {
        let same =
            |a: u128, b: u128, width: u8| (a ^ b).checked_shr((width - self.bits).into()).unwrap_or(0) == 0;
        match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Prefix {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| ())?;
        if bits > width { Err(()) } else { Ok(Self { address, bits }) }
    }
}

/// The proxies of a site.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proxies(Vec<Prefix>);

impl Proxies {
    /// Reads addresses and prefixes.
    ///
    /// Errors: the first text that is neither.
    pub fn read(texts: &[String]) -> Result<Self, String> {
        let read = |text: &String| text.parse().map_err(|()| text.clone());
        texts.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|prefix| prefix.covers(address))
    }
}

/// Where a request comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Whence {
    /// Address of the browser; none when the router is called without a connection.
    pub(crate) address: Option<IpAddr>,
    /// Whether the browser's own connection is encrypted.
    pub(crate) encrypted: bool,
    /// What the browser calls this site, with the port when there is one.
    pub(crate) host: String,
    /// Whether somebody passed the request on, trusted or not.
    pub(crate) forwarded: bool,
}

impl Whence {
    fn of(proxies: &Proxies, connection: Option<Connection>, headers: &HeaderMap, uri: &Uri) -> Self {
        let peer = connection.map(|c| c.address.ip().to_canonical());
        let direct = Self {
            address: peer,
            encrypted: connection.is_some_and(|c| c.encrypted),
            host: host(headers, uri),
            forwarded: headers.contains_key(FORWARDED_FOR) || headers.contains_key(header::FORWARDED),
        };
        match peer {
            Some(peer) if proxies.trust(peer) => direct.behind(proxies, peer, headers),
            _ => direct,
        }
    }

    /// The same as the trusted proxy at `peer` tells it.
    fn behind(self, proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) -> Self {
        let encrypted = last(headers, &FORWARDED_PROTO).map(|p| p.eq_ignore_ascii_case("https"));
        Self {
            address: Some(browser(proxies, peer, headers)),
            encrypted: encrypted.unwrap_or(self.encrypted),
            host: last(headers, &FORWARDED_HOST).map_or(self.host, ToOwned::to_owned),
            forwarded: self.forwarded,
        }
    }
}

/// The name by which the browser asked: HTTP/2 has it in the address of the request, HTTP/1.1 in a header.
fn host(headers: &HeaderMap, uri: &Uri) -> String {
    let named = uri.authority().map(|a| a.as_str());
    let named = named.or_else(|| headers.get(header::HOST).and_then(|h| h.to_str().ok()));
    named.unwrap_or_default().to_owned()
}

/// The nearest address that is not one of our proxies: what stands left of it, anybody may have written.
fn browser(proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut nearest = peer;
    for text in values(headers, &FORWARDED_FOR).into_iter().rev() {
        let Some(address) = address(text) else { break };
        nearest = address;
        if !proxies.trust(address) {
            break;
        }
    }
    nearest
}

/// An address as proxies write it, some with the port.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.trim_matches(['[', ']']).parse().ok();
    plain.or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|a| a.ip())).map(|a| a.to_canonical())
}

fn values<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<&'h str> {
    let lines = headers.get_all(name).into_iter().filter_map(|v| v.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|v| !v.is_empty()).collect()
}

/// What the nearest proxy wrote.
fn last<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    values(headers, name).pop()
}

impl Api {
    /// Whether a cookie set now is for encrypted connections only.
    pub(crate) fn secure(&self, whence: &Whence) -> bool {
        self.secure_cookie || whence.encrypted
    }
}

/// Finds out where a request comes from, before anything else looks at it.
pub(crate) async fn find(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let connection = request.extensions().get::<ConnectInfo<Connection>>().map(|ConnectInfo(c)| *c);
    let whence = Whence::of(&api.proxies, connection, request.headers(), request.uri());
    request.extensions_mut().insert(whence);
    next.run(request).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    fn proxies(texts: &[&str]) -> Result<Proxies, String> {
        Proxies::read(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>())
    }

    fn whence(trusted: &[&str], peer: &str, lines: &[(&'static str, &str)]) -> Whence {
        let headers = lines
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap()))
            .collect::<HeaderMap>();
        let connection =
            Connection { address: (peer.parse::<IpAddr>().unwrap(), 4_000).into(), encrypted: false };
        Whence::of(&proxies(trusted).unwrap(), Some(connection), &headers, &"/".parse().unwrap())
    }

    const LINES: [(&str, &str); 4] = [
        ("host", "127.0.0.1:8119"),
        ("x-forwarded-for", "203.0.113.9, 198.51.100.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "desk.example"),
    ];

    #[test]
    fn nobody_is_believed_who_is_not_a_named_proxy() {
        for peer in ["192.0.2.1", "10.1.2.3"] {
            let found = whence(&["10.2.0.0/16", "::1"], peer, &LINES);
            assert_eq!(found.address, Some(peer.parse().unwrap()));
            assert!(!found.encrypted && found.forwarded && found.host == "127.0.0.1:8119");
        }
    }

    #[test]
    fn a_named_proxy_tells_the_browser_and_what_stands_left_of_it_is_not_believed() {
        let found = whence(&["10.2.0.0/16"], "10.2.255.1", &LINES);
        assert_eq!(found.address, Some("198.51.100.7".parse().unwrap()));
        assert!(found.encrypted && found.host == "desk.example");
        let two = whence(&["10.2.0.0/16", "198.51.100.7"], "10.2.255.1", &LINES);
        assert_eq!(two.address, Some("203.0.113.9".parse().unwrap()));
        let mapped = whence(&["10.2.0.0/16"], "::ffff:10.2.0.9", &LINES);
        assert_eq!(mapped.address, Some("198.51.100.7".parse().unwrap()));
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them_and_nonsense_ends_the_walk() {
        let of =
            |text: &str| whence(&["10.0.0.1"], "10.0.0.1", &[("x-forwarded-for", text)]).address.unwrap();
        assert_eq!(of("203.0.113.9:5000"), "203.0.113.9".parse::<IpAddr>().unwrap());
        assert_eq!(of("[2001:db8::1]:5000"), "2001:db8::1".parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8::1"), "2001:db8::1".parse::<IpAddr>().unwrap());
        assert_eq!(of("203.0.113.9, unknown"), "10.0.0.1".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn prefixes_have_bounds() {
        assert!(proxies(&["0.0.0.0/0", "10.0.0.0/32", "::/0", "fd00::/8", "::1/128"]).is_ok());
        for wrong in ["10.0.0.0/33", "::1/129", "proxy.example", "", "10.0.0.0/"] {
            assert_eq!(proxies(&[wrong]), Err(wrong.to_owned()));
        }
        let everybody = proxies(&["0.0.0.0/0"]).unwrap();
        assert!(everybody.trust("203.0.113.9".parse().unwrap()));
        assert!(!everybody.trust("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn the_name_in_the_address_of_the_request_goes_before_the_header() {
        let headers = [(header::HOST, "old.example".parse().unwrap())].into_iter().collect::<HeaderMap>();
        assert_eq!(host(&headers, &"https://desk.example:8443/x".parse().unwrap()), "desk.example:8443");
        assert_eq!(host(&headers, &"/x".parse().unwrap()), "old.example");
    }
}
