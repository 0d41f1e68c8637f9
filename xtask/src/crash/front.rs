//! The negative control: a front before the gateway that acknowledges what it has read, and only then hands it
//! on. Whoever is killed behind it takes acknowledged frames along.
//!
//! While the gateway is away the front is away too: it lies only about frames that were on their way.

use anyhow::{Context, Result};
use gb26875::{Command, Decoder, Event, Profile, answer, frame};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Bytes taken at a time.
const READ_BYTES: usize = 4_096;

/// Listens on a free port before the gateway; returns where.
pub(crate) async fn open(gateway: SocketAddr) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port for the front")?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((terminal, _)) = listener.accept().await {
            tokio::spawn(stand_before(terminal, gateway));
        }
    });
    Ok(address)
}

/// One connection, until either side is gone.
async fn stand_before(terminal: TcpStream, gateway: SocketAddr) -> Result<()> {
    let gateway = TcpStream::connect(gateway).await?;
    terminal.set_nodelay(true)?;
    let (from_gateway, to_gateway) = gateway.into_split();
    let (from_terminal, to_terminal) = terminal.into_split();
    tokio::select! {
        done = hurry(from_terminal, to_terminal, to_gateway) => done,
        done = swallow(from_gateway) => done,
    }
}

async fn hurry(
    mut terminal: impl AsyncReadExt + Unpin,
    mut answers: impl AsyncWriteExt + Unpin,
    mut gateway: impl AsyncWriteExt + Unpin,
) -> Result<()> {
    let mut decoder = Decoder::new(&Profile::standard());
    let mut bytes = [0; READ_BYTES];
    loop {
        let length = terminal.read(&mut bytes).await?;
        if length == 0 {
            return Ok(());
        }
        let read = bytes.get(..length).context("more was read than asked for")?;
        decoder.push(read);
        for answer in decoder.by_ref().filter_map(acknowledgement) {
            answers.write_all(&answer).await?;
        }
        gateway.write_all(read).await?;
    }
}

fn acknowledgement(event: Event) -> Option<Vec<u8>> {
    let Event::Frame(received) = event else { return None };
    (received.command == Command::SEND).then(|| {
        frame::encode(&answer::acknowledge(&received, received.sent)).expect("an answer carries no data")
    })
}

/// The gateway's own answers come too late and are thrown away.
async fn swallow(mut gateway: impl AsyncReadExt + Unpin) -> Result<()> {
    let mut bytes = [0; READ_BYTES];
    while gateway.read(&mut bytes).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gb26875::{Address, Frame, Label};

    fn event(command: Command) -> Event {
        Event::Frame(Frame {
            sequence: 7,
            version: (1, 1),
            sent: Label::default(),
            source: Address::from_number(1).unwrap(),
            destination: Address::ZERO,
            command,
            data: Vec::new(),
        })
    }

    #[test]
    fn it_acknowledges_what_nobody_has_stored() {
        let bytes = acknowledgement(event(Command::SEND)).unwrap();
        let answer = frame::decode(&bytes).unwrap();
        assert_eq!(
            (answer.command, answer.sequence, answer.destination.number()),
            (Command::ACKNOWLEDGE, 7, 1)
        );
        assert_eq!(acknowledgement(event(Command::ACKNOWLEDGE)), None);
    }
}
