//! `fengsui frame decode` and `fengsui frame stream`: the frame laboratory for the command line.
//!
//! Bytes in, one JSON object a line out. Nothing is stored and nothing is answered; whoever wants to know
//! what a terminal really sent pipes it through here.

use std::io::{self, BufRead, Read, Write};

use gb26875::{Decoder, Event, Profile, frame, hex, json};

/// Longest line of hex that is read. The rest of a longer one is passed over: it is no frame anyhow, and
/// its beginning is enough to say why.
pub(crate) const MAX_LINE: usize = 1024 * 1024;
/// Bytes read at a time from a stream.
const CHUNK: usize = 8 * 1024;

/// How many frames and refusals were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Lines with `"ok":true`.
    pub frames: u64,
    /// Lines with `"ok":false`.
    pub refusals: u64,
}

/// Reads one frame in hex from each line and writes one JSON object a line. Spaces and letter case do not
/// matter, empty lines are passed over.
///
/// # Errors
/// Only those of reading and writing; a bad line is an answer (`"ok":false`).
pub(crate) fn decode(mut input: impl BufRead, mut output: impl Write) -> io::Result<Tally> {
    let (profile, mut tally, mut line) = (Profile::default(), Tally::default(), Vec::new());
    while read_line(&mut input, &mut line)? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let value = match hex::decode(&line) {
            Ok(bytes) => {
                let result = frame::decode_with(&bytes, &profile);
                tally.count(result.is_ok());
                json::frame(&result, &profile)
            }
            Err(error) => {
                tally.count(false);
                json::not_hex(&error)
            }
        };
        writeln!(output, "{value}")?;
    }
    output.flush()?;
    Ok(tally)
}

/// Reads raw bytes to their end and writes one JSON object a line for each frame and each refusal, in order
/// and as soon as it is decided.
///
/// # Errors
/// Only those of reading and writing.
pub(crate) fn stream(mut input: impl Read, mut output: impl Write) -> io::Result<Tally> {
    let (profile, mut tally, mut chunk) = (Profile::default(), Tally::default(), vec![0; CHUNK]);
    let mut decoder = Decoder::new(&profile);
    loop {
        let length = match input.read(&mut chunk) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        decoder.push(&chunk[..length]);
        let is_end = length == 0;
        let events: Vec<Event> = if is_end { decoder.finish() } else { decoder.by_ref().collect() };
        for event in events {
            tally.count(matches!(event, Event::Frame(_)));
            writeln!(output, "{}", json::event(&event, &profile))?;
        }
        output.flush()?;
        if is_end {
            return Ok(tally);
        }
    }
}

impl Tally {
    fn count(&mut self, is_frame: bool) {
        if is_frame { self.frames += 1 } else { self.refusals += 1 }
    }
}

/// Reads the next line without its end, at most [`MAX_LINE`] bytes of it. `false` at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut is_there = false;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(is_there);
        }
        is_there = true;
        let end = available.iter().position(|&byte| byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        line.extend_from_slice(&part[..part.len().min(MAX_LINE - line.len())]);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARTBEAT: &str = "4040000001010C3B0C1B0C11672B00000000385B01000000000002B52323";

    fn decoded(input: impl AsRef<[u8]>) -> (Tally, Vec<String>) {
        let mut output = Vec::new();
        let tally = decode(input.as_ref(), &mut output).expect("memory does not fail");
        (tally, lines(output))
    }

    fn streamed(input: impl Read) -> (Tally, Vec<String>) {
        let mut output = Vec::new();
        let tally = stream(input, &mut output).expect("memory does not fail");
        (tally, lines(output))
    }

    fn lines(output: Vec<u8>) -> Vec<String> {
        String::from_utf8(output).expect("JSON is UTF-8").lines().map(str::to_owned).collect()
    }

    fn bytes(text: &str) -> Vec<u8> {
        hex::decode(text.as_bytes()).expect("hex")
    }

    #[test]
    fn one_line_in_is_one_line_out_and_empty_lines_are_none() {
        let spaced =
            "40 40 00 00 01 01 0c 3b 0c 1b 0c 11 67 2b 00 00 00 00 38 5b 01 00 00 00 00 00 02 b5 23 23";
        let (tally, lines) = decoded(format!("{HEARTBEAT}\r\n\n  \r\n{spaced}\n4040"));
        assert_eq!(tally, Tally { frames: 2, refusals: 1 });
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], lines[1]);
        assert!(
            lines[0]
                .starts_with(r#"{"ok":true,"sequence":0,"version":[1,1],"sent_at":"2017-12-27T12:59:12""#)
        );
        assert!(lines[2].starts_with(r#"{"ok":false,"error":"too_short","detail":""#));
    }

    #[test]
    fn what_is_no_hex_is_called_so() {
        for line in ["hello", "404", "40火40", "0x4040"] {
            let (tally, lines) = decoded(line);
            assert_eq!(tally, Tally { frames: 0, refusals: 1 });
            assert!(lines[0].starts_with(r#"{"ok":false,"error":"hex","detail":""#), "{}", lines[0]);
        }
        let (tally, _) = decoded([b'4', 0xFF, 0x00, b'\n']);
        assert_eq!(tally.refusals, 1);
    }

    #[test]
    fn hex_of_hex_text_is_decoded() {
        let text = hex::encode(HEARTBEAT.as_bytes());
        assert!(text.starts_with("34303430"));
        assert_eq!(decoded(text).1, decoded(HEARTBEAT).1);
    }

    #[test]
    fn a_line_at_the_limit_is_read_whole_and_a_longer_one_is_cut() {
        let padded = format!("{HEARTBEAT}{}", " ".repeat(MAX_LINE - HEARTBEAT.len()));
        assert_eq!(decoded(&padded).0, Tally { frames: 1, refusals: 0 });
        let endless = format!("{}\n{HEARTBEAT}\n", "40".repeat(MAX_LINE));
        let (tally, lines) = decoded(&endless);
        assert_eq!(tally, Tally { frames: 1, refusals: 1 });
        assert!(lines[0].contains(r#""error":"too_long""#), "{}", lines[0]);
        let mut line = Vec::new();
        assert!(read_line(&mut endless.as_bytes(), &mut line).expect("memory"));
        assert_eq!(line.len(), MAX_LINE);
    }

    #[test]
    fn a_stream_tells_frames_and_refusals_in_order() {
        let mut broken = bytes(HEARTBEAT);
        broken[27] ^= 1;
        let input =
            [&bytes(HEARTBEAT)[..], b"garbage", &bytes(HEARTBEAT), &broken, &bytes(HEARTBEAT)[..12]].concat();
        let (tally, lines) = streamed(&input[..]);
        assert_eq!(tally, Tally { frames: 2, refusals: 3 });
        let told = ["\"ok\":true", "\"start\"", "\"ok\":true", "\"checksum\"", "\"too_short\""];
        assert!(lines.iter().zip(told).all(|(line, word)| line.contains(word)), "{lines:?}");
        assert_eq!(lines.len(), told.len());
    }

    #[test]
    fn a_stream_is_the_same_however_it_is_read() {
        /// Gives one byte a read.
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let length = self.0.len().min(1);
                buffer[..length].copy_from_slice(&self.0[..length]);
                self.0 = &self.0[length..];
                Ok(length)
            }
        }
        let input = [b"xx".to_vec(), bytes(HEARTBEAT).repeat(1000), b"@@".to_vec()].concat();
        assert_eq!(streamed(&input[..]), streamed(Drip(&input)));
        assert_eq!(streamed(&input[..]).0, Tally { frames: 1000, refusals: 2 });
    }

    #[test]
    fn the_frame_in_the_readme_is_whole() {
        let page = include_str!("../../../README.md");
        let frame =
            page.lines().find_map(|line| line.strip_prefix("echo 4040")).expect("the page sends a frame");
        let hex = format!("4040{}", frame.trim_end_matches([' ', '\\']));
        let tally = decode(hex.as_bytes(), std::io::sink()).expect("it is read from memory");
        assert_eq!(tally, Tally { frames: 1, refusals: 0 });
    }
}
