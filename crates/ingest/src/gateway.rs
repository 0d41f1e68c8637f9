//! The gateway as a whole: it listens, and it stops without cutting off what is being stored.

use crate::limits::{Admissions, Rate};
use crate::reception::Reception;
use crate::settings::{ADDRESS_SETTING, GatewaySettings};
use crate::tally::Tally;
use crate::{Dialects, calls, tcp, udp};
use fengsui_app::{App, Clock};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often a port is tried that must be free for TCP and UDP, when the system chooses it.
const PORT_ATTEMPTS: usize = 16;
/// Connections that may wait to be accepted: after a blackout thousands come back at once, and whoever finds no room
/// here tries again after one second, then three, then seven. The system may allow fewer (`net.core.somaxconn`).
const COMING_MAX: u32 = 4_096;

/// A running gateway.
pub struct Gateway {
    address: SocketAddr,
    reception: Arc<Reception>,
    tasks: TaskTracker,
}

impl Gateway {
    /// Listens on TCP and UDP. Port 0 lets the system choose one port for both.
    ///
    /// # Errors
    /// The address cannot be had, or nobody knows the dialect; the message is a sentence that says what to do.
    pub async fn start(app: Arc<App>, settings: GatewaySettings, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let dialects = Dialects::new(&settings.dialect).ok_or_else(|| no_dialect(&settings.dialect))?;
        let (listener, socket) = bind(settings.address).await?;
        let reception = Arc::new(Reception {
            tally: Tally::new(app.meters()),
            berths: Default::default(),
            lines: Default::default(),
            admissions: Admissions::new(settings.connections_max, settings.connections_per_ip_max),
            rate: Rate::new(settings.frames_per_s, settings.frames_burst),
            stop: CancellationToken::new(),
            stopping: AtomicBool::new(false),
            app,
            clock,
            dialects,
            settings,
        });
        let (address, tasks) = (listener.local_addr()?, TaskTracker::new());
        tasks.spawn(tcp::listen(listener, reception.clone(), tasks.clone()));
        let socket = Arc::new(socket);
        tasks.spawn(udp::listen(socket.clone(), reception.clone(), tasks.clone()));
        tasks.spawn(calls::run(reception.clone(), socket, tasks.clone()));
        tracing::info!(%address, "the gateway listens");
        Ok(Self { address, reception, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.reception.admissions.open()
    }

    /// Stops listening and reading; frames already read are stored and answered, as long as that takes no
    /// longer than the settings allow.
    pub async fn stop(self) {
        self.reception.stopping.store(true, Ordering::Relaxed);
        self.reception.stop.cancel();
        self.tasks.close();
        if timeout(self.reception.settings.stop_wait, self.tasks.wait()).await.is_err() {
            tracing::warn!(open = self.connections(), "connections were cut off by the stop");
        }
    }
}

/// Both sockets on one port.
async fn bind(address: SocketAddr) -> io::Result<(TcpListener, UdpSocket)> {
    let attempts = if address.port() == 0 { PORT_ATTEMPTS } else { 1 };
    let mut last = Err(io::ErrorKind::AddrInUse.into());
    for _ in 0..attempts {
        last = bind_once(address).await;
        if last.is_ok() {
            break;
        }
    }
    last
}

async fn bind_once(address: SocketAddr) -> io::Result<(TcpListener, UdpSocket)> {
    let listener = listen_at(address).map_err(|e| explain(&e, address, "TCP"))?;
    let address = listener.local_addr()?;
    let socket = UdpSocket::bind(address).await.map_err(|e| explain(&e, address, "UDP"))?;
    Ok((listener, socket))
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As every server does: the port of one that ended a moment ago is free.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(COMING_MAX)
}

fn explain(error: &io::Error, address: SocketAddr, protocol: &str) -> io::Error {
    let (ip, port) = (address.ip(), address.port());
    let sentence = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "端口 {port}（{protocol}）已被其他程序占用，接入网关没有启动。请停掉占用它的程序，或把配置项 {ADDRESS_SETTING} 改成别的端口。"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "没有权限使用端口 {port}（{protocol}），接入网关没有启动。请把配置项 {ADDRESS_SETTING} 改成 1024 以上的端口。"
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "本机没有地址 {ip}，接入网关没有启动。请把配置项 {ADDRESS_SETTING} 改成本机的地址，或用 0.0.0.0:{port}。"
        ),
        _ => format!("无法在 {address}（{protocol}）上接收终端：{error}。请检查配置项 {ADDRESS_SETTING}。"),
    };
    io::Error::new(error.kind(), sentence)
}

fn no_dialect(name: &str) -> io::Error {
    let known = Dialects::new(crate::DEFAULT_DIALECT).expect("the default dialect is shipped");
    let known = known.names().collect::<Vec<_>>().join("、");
    io::Error::new(io::ErrorKind::InvalidInput, format!("没有名为 {name} 的规约，可用的有：{known}。"))
}
