//! One connection of a terminal: read what is there, take it in frame by frame, answer, wait.
//!
//! While a terminal is silent its connection owns no buffer: bytes are read into a passing one only when the
//! socket has some, and the decoder holds memory only for a frame that has not come whole.

use crate::berths::Berth;
use crate::limits::{Pace, Place};
use crate::lines::{Line, Mouth};
use crate::reception::Reception;
use crate::tally::Ending;
use crate::translate::{Channel, Protocol};
use fengsui_app::LineTurn;
use gb26875::{Decoder, Event, MAX_FRAME, frame};
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::task::TaskTracker;

/// Most bytes taken from a socket at a time.
const READ_BYTES: usize = 4_096;
/// Frames of one connection before the others have their turn: a read holds up to 136 of the shortest, and under
/// overload a terminal with a single fire would wait for all of them on every line that floods.
const TURN_FRAMES: usize = 8;
/// How long to wait when the system has no socket to give.
pub(crate) const SYSTEM_WAIT: std::time::Duration = std::time::Duration::from_millis(100);

/// Accepts connections until the gateway stops.
pub(crate) async fn listen(listener: TcpListener, reception: Arc<Reception>, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = reception.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => open(stream, Channel::new(Protocol::Tcp, peer), &reception, &tasks),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(SYSTEM_WAIT).await;
            }
        }
    }
}

/// Gives a connection its task, or closes it at once when there is no place.
fn open(stream: TcpStream, channel: Channel, reception: &Arc<Reception>, tasks: &TaskTracker) {
    match reception.admissions.admit(channel.peer.ip()) {
        Ok(place) => {
            // Answers are small and awaited; without this they would be held back to be joined.
            let _ = stream.set_nodelay(true);
            tasks.spawn(Connection::new(stream, channel, reception.clone(), place).live());
        }
        Err(crate::limits::Full::All) => reception.tally.full.inc(),
        Err(crate::limits::Full::Ip) => reception.tally.full_ip.inc(),
    }
}

/// A terminal's connection.
struct Connection {
    stream: TcpStream,
    channel: Channel,
    reception: Arc<Reception>,
    decoder: Decoder,
    pace: Pace,
    /// Bytes since the last good frame.
    unframed_bytes: usize,
    /// When the last whole frame came; the beginning, before the first.
    framed_at: Instant,
    has_framed: bool,
    /// Since when a part of a frame has been waiting.
    part_since: Option<Instant>,
    /// Its place among the nameless connections of its address, once it sends frames without a number.
    berth: Option<Berth>,
    /// How others reach it, once a registered terminal has spoken.
    line: Option<Arc<Line>>,
    _place: Place,
}

impl Connection {
    fn new(stream: TcpStream, channel: Channel, reception: Arc<Reception>, place: Place) -> Self {
        let now = Instant::now();
        let decoder = Decoder::new(reception.dialects.listener().1);
        Self {
            stream,
            channel,
            reception,
            decoder,
            pace: Pace::new(now),
            unframed_bytes: 0,
            framed_at: now,
            has_framed: false,
            part_since: None,
            berth: None,
            line: None,
            _place: place,
        }
    }

    async fn live(mut self) {
        let tally = &self.reception.clone().tally;
        tally.connections.inc();
        let ending = self.converse().await;
        tally.connections.dec();
        tally.closed(ending);
        tracing::debug!(channel = %self.channel, ?ending, "connection closed");
    }

    async fn converse(&mut self) -> Ending {
        let reception = self.reception.clone();
        let mut stop = pin!(reception.stop.cancelled());
        let mut timer = pin!(sleep_until(self.due_at()));
        loop {
            // Reading comes first, because nothing else is asked while there is something to read; the boxes
            // keep an idle connection small: what storing a frame needs is there only then.
            let line = self.line.clone();
            let ending = tokio::select! {
                biased;
                // Rare and short; behind the reading it could wait for as long as a terminal speaks.
                () = called(line.as_deref()) => Box::pin(self.pass_on()).await,
                batch = poll_fn(|context| self.poll_read(context)) => match batch {
                    Ok(batch) if batch.is_nothing(&reception) => None,
                    Ok(batch) => Box::pin(self.take(batch)).await,
                    Err(_) => Some(Box::pin(self.end()).await),
                },
                () = &mut timer => {
                    let ending = Box::pin(self.grow_old()).await;
                    timer.as_mut().reset(self.due_at());
                    ending
                }
                () = &mut stop => Some(Ending::Stopped),
            };
            if ending.is_some() || reception.stopping.load(Ordering::Relaxed) {
                return ending.unwrap_or(Ending::Stopped);
            }
            // A whole frame only moves the time on; the timer notices when it rings.
            let due_at = self.due_at();
            if due_at < timer.deadline() {
                timer.as_mut().reset(due_at);
            }
        }
    }

    /// Reads what the socket has. The buffer lives on the stack, and only while there is something to read.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Batch>> {
        let mut memory = [const { MaybeUninit::uninit() }; READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut memory);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        Poll::Ready(Ok(self.read(buffer.filled())))
    }

    fn read(&mut self, bytes: &[u8]) -> Batch {
        self.decoder.push(bytes);
        let events: Vec<_> = self.decoder.by_ref().collect();
        let since = self.part_since.filter(|_| events.is_empty()).unwrap_or_else(Instant::now);
        self.part_since = self.decoder.is_waiting().then_some(since);
        self.batch(events, bytes.len())
    }

    /// Notes when a frame came, and how many bytes came without one.
    fn batch(&mut self, events: Vec<Event>, read_bytes: usize) -> Batch {
        if events.iter().any(|event| matches!(event, Event::Frame(_))) {
            (self.framed_at, self.has_framed) = (Instant::now(), true);
            self.unframed_bytes = self.decoder.buffered();
        } else {
            self.unframed_bytes += read_bytes;
        }
        Batch { events, read_bytes, unframed_bytes: self.unframed_bytes }
    }

    /// Takes in what was found, in order, and writes all answers at once.
    async fn take(&mut self, batch: Batch) -> Option<Ending> {
        let reception = self.reception.clone();
        let (wire, mut answers, weight) = (self.decoder.wire(), Vec::new(), batch.weight());
        let is_garbage = batch.is_garbage(&reception);
        let mut turn = LineTurn::default();
        for (n, event) in batch.events.into_iter().enumerate() {
            if n % TURN_FRAMES == TURN_FRAMES - 1 {
                yield_now().await;
            }
            self.moor(&event);
            let mouth = Mouth::Connection(&mut self.line);
            if let Some(answer) = reception.receive(event, self.channel, mouth, Some(&mut turn)).await {
                let bytes = frame::encode(&answer).expect("an answer has at most one byte of data");
                answers.extend(wire.write(bytes));
            }
        }
        // Writing may take as long as the terminal does.
        drop(turn);
        if let Some(ending) = self.write(&answers).await {
            return Some(ending);
        }
        if is_garbage {
            return Some(Ending::Garbage);
        }
        self.rest(weight).await
    }

    /// A terminal without a number takes a berth of its address with its first frame, for as long as it stays.
    fn moor(&mut self, event: &Event) {
        let nameless = matches!(event, Event::Frame(frame) if frame.source.is_zero());
        if nameless && self.berth.is_none() {
            let berth = Berth::take(&self.reception.berths, self.channel.peer.ip());
            self.channel.berth = berth.number();
            self.berth = Some(berth);
        }
    }

    /// Writes what others want to tell the terminal.
    async fn pass_on(&mut self) -> Option<Ending> {
        let bytes = self.line.as_ref().map(|line| line.take()).unwrap_or_default();
        let bytes = self.decoder.wire().write(bytes);
        self.write(&bytes).await
    }

    async fn write(&mut self, answers: &[u8]) -> Option<Ending> {
        if answers.is_empty() {
            return None;
        }
        match timeout(self.reception.settings.answer_wait, self.stream.write_all(answers)).await {
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some(Ending::Gone),
            Err(_) => Some(Ending::Unread),
        }
    }

    /// Who sends too fast is not read for a while; the network holds his bytes back, and none is lost.
    async fn rest(&mut self, weight: u32) -> Option<Ending> {
        let rest = self.pace.count(weight, self.reception.rate, Instant::now());
        if rest.is_zero() {
            return None;
        }
        tokio::select! {
            biased;
            () = self.reception.stop.cancelled() => Some(Ending::Stopped),
            () = sleep(rest) => None,
        }
    }

    /// When something must be given up.
    fn due_at(&self) -> Instant {
        let part_at = self.part_since.map(|since| since + self.reception.settings.part_wait);
        self.frame_due_at().min(part_at.unwrap_or_else(|| self.frame_due_at()))
    }

    fn frame_due_at(&self) -> Instant {
        let settings = &self.reception.settings;
        self.framed_at + if self.has_framed { settings.idle_wait } else { settings.first_frame_wait }
    }

    /// Gives up a part of a frame, or the connection.
    async fn grow_old(&mut self) -> Option<Ending> {
        let now = Instant::now();
        if self.part_since.is_some_and(|since| since + self.reception.settings.part_wait <= now) {
            self.part_since = None;
            let events = self.decoder.finish();
            let batch = self.batch(events, 0);
            if let Some(ending) = self.take(batch).await {
                return Some(ending);
            }
        }
        let silent = if self.has_framed { Ending::Idle } else { Ending::Silent };
        (self.frame_due_at() <= now).then_some(silent)
    }

    /// The other side has said all: what is still held is decided and answered.
    async fn end(&mut self) -> Ending {
        let events = self.decoder.finish();
        let batch = self.batch(events, 0);
        self.take(batch).await.unwrap_or(Ending::Gone)
    }
}

/// Waits until somebody wants to write; for ever where nobody can.
async fn called(line: Option<&Line>) {
    match line {
        Some(line) => line.called().await,
        None => std::future::pending().await,
    }
}

/// What one read brought.
struct Batch {
    events: Vec<Event>,
    read_bytes: usize,
    /// Bytes since the last good frame, these included.
    unframed_bytes: usize,
}

impl Batch {
    /// A piece of a frame, which costs nothing yet.
    fn is_nothing(&self, reception: &Reception) -> bool {
        self.events.is_empty() && self.weight() == 0 && !self.is_garbage(reception)
    }

    fn is_garbage(&self, reception: &Reception) -> bool {
        self.unframed_bytes > reception.settings.garbage_bytes_max
    }

    /// How many frames it counts for; bytes that are none count as the frames that they could have been.
    fn weight(&self) -> u32 {
        u32::try_from(self.events.len().max(self.read_bytes / MAX_FRAME)).unwrap_or(u32::MAX)
    }
}
