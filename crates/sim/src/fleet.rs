//! Stand-alone smoke detectors over NB-IoT (独立式烟感) in small places, which do not speak to the centre: an
//! operator's cloud pushes what they say, in the form of OneNET, over real HTTP.
//!
//! Most of the time they only say that they live. Now and then one smells the cooking, one has an old battery,
//! one is tested, and the cloud sends a push twice, as clouds do.

use crate::chance::Chance;
use crate::county::{Category, County, Position, Unit};
use crate::wall_clock::now;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How many detectors there are at the most.
const DETECTORS_MAX: usize = 60;
/// The first of their IMEI numbers, with the digits of a maker that does not exist.
const IMEI_FIRST: u64 = 869_900_000_000_000;
/// How often the fleet says something in the mean; each detector once in an hour.
const STEP: Duration = Duration::from_secs(60);
/// How long smoke stays in a kitchen.
const SMOKE: Duration = Duration::from_secs(90);
/// Longest time to wait for the receiver.
const IO_WAIT: Duration = Duration::from_secs(5);
/// Longest time between two attempts to be heard, as the cloud has it.
const RETRY_WAIT: Duration = Duration::from_secs(10);

/// A detector with the place it hangs in.
#[derive(Debug, Clone, PartialEq)]
pub struct Detector {
    /// Its number in the cloud.
    pub imei: u64,
    /// Code of its unit.
    pub unit: String,
    /// What it is called.
    pub name: String,
    /// Number of the building within the unit.
    pub building: u16,
    /// Where it hangs.
    pub position: Position,
}

/// The detectors of a county: one for each small place, in the order of the county.
pub fn detectors(county: &County) -> Vec<Detector> {
    let small = |unit: &&Unit| {
        matches!(
            unit.category,
            Category::Workshop | Category::GuestHouse | Category::Restaurant | Category::Heritage
        )
    };
    let detector = |(n, unit): (usize, &Unit)| Detector {
        imei: IMEI_FIRST + n as u64 + 1,
        unit: unit.code.clone(),
        name: format!("{} NB 独立式烟感", unit.name),
        building: unit.buildings.first().map_or(1, |b| b.number),
        position: unit.position,
    };
    county.units.iter().filter(small).take(DETECTORS_MAX).enumerate().map(detector).collect()
}

/// Where the cloud pushes to.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// Address of the push receiver.
    pub address: SocketAddr,
    /// Path of the subscription.
    pub path: String,
    /// Token by which pushes are signed.
    pub token: String,
}

/// What a detector says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word {
    alarm: u8,
    battery: u8,
    tenths: i32,
}

/// Lets the fleet live until the future is dropped. `speed` is how much faster than real it does.
pub async fn live(detectors: Vec<Detector>, to: Subscriber, seed: u64, speed: f64) {
    if detectors.is_empty() {
        return;
    }
    let mut chance = Chance::new(seed, "fleet");
    let step = STEP.div_f64(speed.clamp(0.1, 100.0));
    for turn in 0_usize.. {
        let n = turn % detectors.len();
        let word = usual(n, &mut chance);
        tell(&to, &detectors[n], word, &mut chance).await;
        if chance.happens(1.0 / 45.0) {
            event(&to, &detectors[chance.below(detectors.len())], &mut chance, speed).await;
        }
        sleep(step).await;
    }
}

/// All is well; the seventh has an old battery.
fn usual(n: usize, chance: &mut Chance) -> Word {
    let battery = if n == 6 { 14 } else { 100 - (n % 40) as u8 };
    Word { alarm: 0, battery, tenths: chance.whole(140, 260) as i32 }
}

/// Somebody cooks, or tries the button.
async fn event(to: &Subscriber, detector: &Detector, chance: &mut Chance, speed: f64) {
    let alarm = if chance.happens(0.3) { 2 } else { 1 };
    let begin = Word { alarm, battery: 88, tenths: 241 };
    tracing::info!(imei = detector.imei, alarm, "a detector of the fleet speaks up");
    tell(to, detector, begin, chance).await;
    sleep(SMOKE.div_f64(speed.clamp(0.1, 100.0))).await;
    tell(to, detector, Word { alarm: 0, ..begin }, chance).await;
}

/// Pushes until it is taken, as the cloud does; one in twenty twice.
async fn tell(to: &Subscriber, detector: &Detector, word: Word, chance: &mut Chance) {
    let body = body(detector, word, now().as_millisecond(), &nonce(chance), &to.token);
    let mut wait = Duration::from_secs(1);
    while !matches!(timeout(IO_WAIT, push(to, &body)).await, Ok(Ok(200))) {
        sleep(wait).await;
        wait = (wait * 2).min(RETRY_WAIT);
    }
    if chance.happens(0.05) {
        let _ = timeout(IO_WAIT, push(to, &body)).await;
    }
}

fn nonce(chance: &mut Chance) -> String {
    (0..8).map(|_| char::from(b'a' + chance.below(26) as u8)).collect()
}

/// A push as OneNET writes it.
fn body(detector: &Detector, word: Word, at_ms: i64, nonce: &str, token: &str) -> String {
    let value = serde_json::json!({
        "Alarm_Status": word.alarm,
        "Battery_Level": word.battery,
        "TData": f64::from(word.tenths) / 10.0,
        "RSRP": -87,
    });
    let msg = serde_json::json!({
        "at": at_ms, "imei": detector.imei.to_string(), "type": 1, "ds_id": "3200_0_5750", "value": value, "dev_id": detector.imei % 1_000_000,
    })
    .to_string();
    let signature = iotpush::onenet::sign(token, nonce, &msg);
    format!(r#"{{"msg":{msg},"msg_signature":"{signature}","nonce":"{nonce}"}}"#)
}

/// One request; the status of its answer.
async fn push(to: &Subscriber, body: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect(to.address).await?;
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        to.path,
        to.address,
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = [0; 32];
    let length = stream.read(&mut head).await?;
    let text = String::from_utf8_lossy(&head[..length]).into_owned();
    text.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county;

    #[test]
    fn the_fleet_hangs_in_small_places_and_each_detector_has_its_own_number() {
        let county = county::generate(1);
        let fleet = detectors(&county);
        assert!((30..=DETECTORS_MAX).contains(&fleet.len()), "{}", fleet.len());
        let numbers: std::collections::BTreeSet<_> = fleet.iter().map(|d| d.imei).collect();
        assert_eq!(numbers.len(), fleet.len());
        assert!(fleet.iter().all(|d| d.imei.to_string().len() == 15));
        assert_eq!(fleet, detectors(&county::generate(1)));
    }

    #[test]
    fn what_it_says_is_signed_and_can_be_read() {
        let detector = &detectors(&county::generate(1))[0];
        let word = Word { alarm: 1, battery: 88, tenths: 215 };
        let body = body(detector, word, 1_795_240_800_000, "abcdefgh", "token");
        let pushes = iotpush::onenet::read(body.as_bytes(), "token", None).expect("it is signed");
        assert_eq!(pushes[0].device, "869900000000001");
        let iotpush::Payload::Fields(fields) = &pushes[0].payload else { panic!("{:?}", pushes[0]) };
        assert_eq!((fields["Alarm_Status"].number(), fields["TData"].number()), (Some(1.0), Some(21.5)));
    }
}
