//! GB/T 26875.3-2011: the wire protocol between fire terminals (用户信息传输装置, UITD) and a monitoring
//! centre, both ways, with the dialects that the field really speaks.
//!
//! Nothing here opens a socket, reads a clock or draws a random number: bytes and time go in, frames, answers
//! and deadlines come out. Reading never panics, never fails on what a terminal may mean, and never asks for
//! memory by a length that was not checked.
//!
//! | module | what for |
//! |---|---|
//! | [`frame`] | one frame: start mark, control unit, data, checksum, end mark |
//! | [`mod@unit`] | the data of a frame: a type and its objects, for all types of the standard |
//! | [`names`], [`state`] | the words of the standard for types, states and operations |
//! | [`profile`] | dialects as plain data |
//! | [`guess`] | which dialect a terminal speaks, by its frames |
//! | [`stream`] | frames out of a stream of bytes, with resynchronisation |
//! | [`answer`], [`request`] | what the centre owes to a frame, and what it may ask |
//! | [`exchange`] | requests under way: sequence numbers, resends, answers |
//! | [`session`] | one connection: matching answers, resends, signs of life |
//! | `json` (feature) | frames as JSON for laboratories and logs |
//!
//! # Example
//! A smoke detector reports a fire; the centre reads it and acknowledges.
//!
//! ```
//! use gb26875::unit::{Content, Objects};
//! use gb26875::{Clock, Decoder, Event, Label, Profile, answer, frame, hex};
//!
//! let profile = Profile::default();
//! let bytes = hex::decode(
//!     b"404001000101203A091A090C790300000000385B01000000300002\
//!       02010101280A0002000200202020\
//!       20202020202020202020202020202020202020202020202020202000023A09\
//!       1A090C462323",
//! )?;
//!
//! let mut decoder = Decoder::new(&profile);
//! decoder.push(&bytes[..40]); // at any split
//! assert_eq!(decoder.next(), None);
//! decoder.push(&bytes[40..]);
//! let Some(Event::Frame(received)) = decoder.next() else { panic!("one whole frame was pushed") };
//! assert_eq!((received.sequence, received.source.number()), (1, 889));
//!
//! let Content::Unit(unit) = Content::decode(&received.data, &profile) else { panic!("it has data") };
//! let Objects::ComponentStatus(components) = unit.objects else { panic!("it is of type 2") };
//! let detector = &components[0];
//! assert!(detector.status.fire());
//! assert_eq!(profile.split_part_address(detector.component_address), (10, 2));
//! assert_eq!(detector.occurred.civil(Clock::Binary).map(|at| at.to_string()).as_deref(), Some("2012-09-26T09:58:02"));
//!
//! // Once the report is durable, and not before:
//! let now = Label([0x23, 0x3A, 0x09, 0x1A, 0x09, 0x0C]);
//! let acknowledgement = frame::encode(&answer::acknowledge(&received, now))?;
//! assert_eq!(hex::encode(&acknowledgement), "404001000101233a091a090c385b01000000790300000000000003ab2323");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod address;
pub mod answer;
pub mod exchange;
pub mod frame;
pub mod guess;
pub mod hex;
#[cfg(feature = "json")]
pub mod json;
pub mod label;
pub mod names;
mod object;
pub mod profile;
pub mod request;
pub mod session;
pub mod state;
pub mod stream;
pub mod text;
pub mod unit;

pub use address::Address;
pub use frame::{Command, EncodeError, Frame, FrameError, Header, MAX_DATA, MAX_FRAME};
pub use label::{Clock, Label};
pub use profile::Profile;
pub use request::{Request, Route};
pub use session::Session;
pub use stream::{Decoder, Event, Refusal};
pub use unit::{Content, DataUnit, Objects};
