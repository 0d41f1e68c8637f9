//! Datagrams of terminals: each carries whole frames, and each frame is answered by a datagram of its own.
//!
//! The network loses datagrams, so terminals send again what is not acknowledged; dropping one under overload
//! loses nothing that was acknowledged. Datagrams of one sender share a lane and keep their order.

use crate::limits::Paces;
use crate::lines::Mouth;
use crate::reception::Reception;
use crate::tcp::SYSTEM_WAIT;
use crate::translate::{Channel, Protocol};
use gb26875::{Decoder, Event, Frame, Profile, frame};
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::task::TaskTracker;

/// One datagram waiting to be taken in.
struct Datagram {
    bytes: Vec<u8>,
    peer: SocketAddr,
}

/// Receives datagrams until the gateway stops.
pub(crate) async fn listen(socket: Arc<UdpSocket>, reception: Arc<Reception>, tasks: TaskTracker) {
    let lanes = Lanes::open(&socket, &reception, &tasks);
    let mut paces = Paces::new(reception.settings.udp_sources_max);
    // One byte more than allowed tells a datagram that is too long from one that just fits.
    let mut buffer = vec![0; reception.settings.datagram_bytes_max + 1];
    loop {
        let received = tokio::select! {
            biased;
            () = reception.stop.cancelled() => return,
            received = socket.recv_from(&mut buffer) => received,
        };
        match received {
            Ok((length, peer)) => sort(&reception, &lanes, &mut paces, &buffer[..length], peer),
            Err(error) => {
                tracing::warn!(%error, "a datagram could not be received");
                sleep(SYSTEM_WAIT).await;
            }
        }
    }
}

/// Drops a datagram that is too much, or puts it into its lane.
fn sort(reception: &Reception, lanes: &Lanes, paces: &mut Paces, bytes: &[u8], peer: SocketAddr) {
    if bytes.len() > reception.settings.datagram_bytes_max {
        return reception.tally.datagram_too_long.inc();
    }
    if let Err(why) = paces.allow(peer.ip(), reception.rate, Instant::now()) {
        return reception.tally.dropped(why);
    }
    match lanes.send(Datagram { bytes: bytes.to_vec(), peer }) {
        Sent::Waits => {}
        Sent::Shed(heartbeats) => {
            let channel = Channel::new(Protocol::Udp, peer);
            heartbeats.iter().for_each(|frame| reception.shed(frame, channel));
        }
        Sent::Full => reception.tally.datagram_waiting.inc(),
    }
}

/// The heartbeats of a datagram that is nothing else: they carry no data and are the first thing shed when a lane
/// fills up.
fn mere_heartbeats(bytes: &[u8], profile: &Profile) -> Option<Vec<Frame>> {
    let mut decoder = Decoder::new(profile);
    decoder.push(bytes);
    let heartbeat = |event| match event {
        Event::Frame(frame) if frame.data.is_empty() => Some(frame),
        Event::Frame(_) | Event::Refused(_) => None,
    };
    decoder.finish().into_iter().map(heartbeat).collect()
}

/// What became of a datagram.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Sent {
    /// It waits in its lane.
    Waits,
    /// The lane is half full, and these are heartbeats.
    Shed(Vec<Frame>),
    /// The lane is full.
    Full,
}

/// Datagrams are worked on side by side, those of one sender one after another. Half of a lane is kept for what is
/// no heartbeat.
struct Lanes {
    profile: Profile,
    all: Vec<mpsc::Sender<Datagram>>,
    hasher: RandomState,
}

impl Lanes {
    fn open(socket: &Arc<UdpSocket>, reception: &Arc<Reception>, tasks: &TaskTracker) -> Self {
        let open = |_| {
            let (sender, datagrams) = mpsc::channel(reception.settings.udp_waiting_max);
            tasks.spawn(work(datagrams, socket.clone(), reception.clone()));
            sender
        };
        Self {
            all: (0..reception.settings.udp_lanes.max(1)).map(open).collect(),
            hasher: RandomState::new(),
            profile: reception.dialects.listener().1.clone(),
        }
    }

    /// Puts a datagram into its lane where there is room.
    fn send(&self, datagram: Datagram) -> Sent {
        let lanes = u64::try_from(self.all.len()).expect("a count fits");
        let lane = self.hasher.hash_one(datagram.peer) % lanes;
        let lane = usize::try_from(lane).expect("it is below the number of lanes");
        let lane = &self.all[lane];
        let half_full = lane.capacity() <= lane.max_capacity() / 2;
        if let Some(heartbeats) = half_full.then(|| mere_heartbeats(&datagram.bytes, &self.profile)).flatten()
        {
            return Sent::Shed(heartbeats);
        }
        if lane.try_send(datagram).is_ok() { Sent::Waits } else { Sent::Full }
    }
}

/// Works through one lane until it is closed and empty.
async fn work(mut datagrams: mpsc::Receiver<Datagram>, socket: Arc<UdpSocket>, reception: Arc<Reception>) {
    while let Some(datagram) = datagrams.recv().await {
        take(&datagram, &socket, &reception).await;
    }
}

async fn take(datagram: &Datagram, socket: &UdpSocket, reception: &Reception) {
    let channel = Channel::new(Protocol::Udp, datagram.peer);
    let mut decoder = Decoder::new(reception.dialects.listener().1);
    decoder.push(&datagram.bytes);
    let events = decoder.finish();
    let wire = decoder.wire();
    for event in events {
        // A lane carries many senders: none of them waits for the turn of another's telemetry.
        let mouth = Mouth::Datagram(wire);
        let Some(answer) = reception.receive(event, channel, mouth, None).await else { continue };
        let bytes = frame::encode(&answer).expect("an answer has at most one byte of data");
        // A lost answer is asked for again.
        let _ = socket.send_to(&wire.write(bytes), datagram.peer).await;
    }
}
