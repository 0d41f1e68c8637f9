//! Virtual terminals from the command line: a county that speaks over real sockets.

use crate::logs;
use anyhow::Result;
use clap::Args;
use fengsui_sim::county;
use fengsui_sim::fleet::{self, Subscriber};
use fengsui_sim::terminal::{self, DEFAULT_TARGET, Options};
use std::net::SocketAddr;
use std::sync::Arc;

/// The subscription of the invented county, and its token, which everybody may know.
pub(crate) const DEMONSTRATION_SUBSCRIPTION: &str = "nb-smoke-demo";
/// See [`DEMONSTRATION_SUBSCRIPTION`].
pub(crate) const DEMONSTRATION_TOKEN: &str = "fengsui-demo";

/// `fengsui terminals`
#[derive(Args)]
pub(crate) struct Terminals {
    /// 网关地址
    #[arg(long, default_value = DEFAULT_TARGET)]
    target: String,
    /// 示例县的种子
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 剧情快慢，1 为真实速度
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// 按写定的一天演，从这个钟点起，如 06:00
    #[arg(long, value_parser = minute_of_day)]
    day: Option<u32>,
    /// 只启动前若干台
    #[arg(long)]
    terminals: Option<usize>,
    /// 推送接收的地址；写了才有平台后面的烟感
    #[arg(long)]
    push: Option<SocketAddr>,
    /// 日志
    #[arg(long, default_value = "warn")]
    log: String,
}

/// The minute of the day of a time such as 06:00.
pub(crate) fn minute_of_day(text: &str) -> Result<u32, String> {
    let parts =
        text.split_once(':').and_then(|(h, m)| Some((h.parse::<u32>().ok()?, m.parse::<u32>().ok()?)));
    match parts {
        Some((hour, minute)) if hour < 24 && minute < 60 => Ok(hour * 60 + minute),
        _ => Err("请写成 06:00 这样的钟点".to_owned()),
    }
}

/// Plays the county until it is stopped.
pub(crate) async fn run(options: Terminals) -> Result<()> {
    logs::start(&options.log, true);
    let county = Arc::new(county::generate(options.seed));
    let play = Options {
        target: options.target,
        seed: options.seed,
        speed: options.speed,
        day: options.day,
        terminals: options.terminals,
        ..Options::default()
    };
    if let Some(address) = options.push {
        let detectors = fleet::detectors(&county);
        let path = format!("/push/{DEMONSTRATION_SUBSCRIPTION}");
        let subscriber = Subscriber { address, path, token: DEMONSTRATION_TOKEN.to_owned() };
        tokio::spawn(fleet::live(detectors, subscriber, options.seed, options.speed));
    }
    tokio::select! {
        () = terminal::run(county, play) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::minute_of_day;

    #[test]
    fn a_time_of_the_day_is_read_up_to_its_last_minute() {
        assert_eq!((minute_of_day("00:00"), minute_of_day("23:59")), (Ok(0), Ok(1_439)));
        assert!(["24:00", "12:60", "12", "", "a:b"].iter().all(|text| minute_of_day(text).is_err()));
    }
}
