//! The line of one connection: a stream, or datagrams.

use std::io;
use std::time::Duration;

use gb26875::{Command, Decoder, Event, Profile};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// Bytes taken in by one read.
const READ_LEN: usize = 512;

enum Socket {
    Stream(TcpStream),
    Datagrams(UdpSocket),
}

/// A standing connection.
pub(super) struct Line {
    socket: Socket,
    decoder: Decoder,
}

impl Line {
    /// Connects within a time. A datagram socket stands at once; whether anybody listens shows with the first answer.
    pub(super) async fn open(
        target: &str,
        udp: bool,
        profile: &Profile,
        within: Duration,
    ) -> io::Result<Self> {
        let socket = match udp {
            true => {
                let any = if target.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" };
                let own = UdpSocket::bind(any).await?;
                own.connect(target).await?;
                Socket::Datagrams(own)
            }
            false => {
                let stream = timeout(within, TcpStream::connect(target)).await??;
                stream.set_nodelay(true)?;
                Socket::Stream(stream)
            }
        };
        Ok(Self { socket, decoder: Decoder::new(profile) })
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.socket {
            Socket::Stream(stream) => stream.write_all(bytes).await,
            Socket::Datagrams(own) => own.send(bytes).await.map(|_| ()),
        }
    }

    /// Waits for the answer to this frame: true for an acknowledgement, false for a denial.
    pub(super) async fn answer(&mut self, sequence: u16) -> io::Result<bool> {
        let mut bytes = [0; READ_LEN];
        loop {
            for event in self.decoder.by_ref() {
                match event {
                    Event::Frame(f) if f.sequence != sequence => {}
                    Event::Frame(f) if f.command == Command::ACKNOWLEDGE => return Ok(true),
                    Event::Frame(f) if f.command == Command::DENY => return Ok(false),
                    _ => {}
                }
            }
            let read = match &mut self.socket {
                Socket::Stream(stream) => stream.read(&mut bytes).await?,
                Socket::Datagrams(own) => own.recv(&mut bytes).await?,
            };
            match read {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.decoder.push(&bytes[..read]),
            }
        }
    }
}
