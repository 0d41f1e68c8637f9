//! `fengsui swarm`: thousands of virtual terminals that load a gateway and write down every acknowledgement.
//!
//! Whoever takes a system over wants to see it under load before a county hangs on it. The swarm speaks only to this
//! machine unless it is told otherwise: it is load, and load on somebody else's gateway is an attack.

use crate::machine;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use fengsui_sim::swarm::{self, DialectMix, Mix, Options, Report, Storm};
use fengsui_sim::terminal::DEFAULT_TARGET;
use std::net::ToSocketAddrs;
use std::path::PathBuf;
use std::time::Duration;

/// File descriptors beside those of the connections.
const FILES_BESIDE: u64 = 256;

/// `fengsui swarm`
#[derive(Args)]
pub(crate) struct Swarm {
    /// 网关地址
    #[arg(long, default_value = DEFAULT_TARGET)]
    target: String,
    /// 目标不在本机也照发：请先取得对方同意
    #[arg(long)]
    remote: bool,
    /// 连接数，每个连接一台虚拟终端
    #[arg(long, default_value_t = 100)]
    connections: usize,
    /// 运行多少秒
    #[arg(long, default_value_t = 10, value_name = "秒")]
    seconds: u64,
    /// 三类报文的比例：心跳:状态:火警
    #[arg(long, default_value = "90:9:1", value_parser = parts::<3>)]
    mix: [u32; 3],
    /// 四种规约的比例：标准:BCD 时钟:点位在前:十六进制文本
    #[arg(long, default_value = "1:0:0:0", value_parser = parts::<4>)]
    dialects: [u32; 4],
    /// 走 UDP 的连接，百分之几
    #[arg(long, default_value_t = 0, value_name = "百分比")]
    udp: u8,
    /// 每连接的点位数
    #[arg(long, default_value_t = 1000)]
    points: u32,
    /// 每隔多少毫秒一帧，迟了的随后补上，0 为收到应答就发
    #[arg(long, default_value_t = 0, value_name = "毫秒")]
    pause: u64,
    /// 每隔多少秒来一次告警风暴
    #[arg(long, value_name = "秒")]
    storm_every: Option<u64>,
    /// 一次风暴里每连接连发多少条火警
    #[arg(long, default_value_t = 20)]
    storm_frames: u32,
    /// 每隔多少秒全部断开、同时重连
    #[arg(long, value_name = "秒")]
    reconnect_every: Option<u64>,
    /// 回执账本：每个应答一行，只追加
    #[arg(long, value_name = "文件")]
    ledger: Option<PathBuf>,
    /// 报文的种子
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 结果的写法
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// How the result is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// 给人看
    Text,
    /// 给程序看
    Json,
}

/// Runs it and says what became of it.
pub(crate) async fn run(swarm: Swarm) -> Result<()> {
    if !swarm.remote {
        only_here(&swarm.target)?;
    }
    let wanted = u64::try_from(swarm.connections).unwrap_or(u64::MAX).saturating_add(FILES_BESIDE);
    // Where the system gives fewer, connecting will say so.
    let _ = rlimit::increase_nofile_limit(wanted);
    let form = swarm.format;
    let report = swarm::run(options(swarm)).await?;
    match form {
        Form::Json => machine::say(&serde_json::to_string_pretty(&report)?),
        Form::Text => machine::say(&words(&report)),
    }
    Ok(())
}

fn options(swarm: Swarm) -> Options {
    let [heartbeat, state, fire] = swarm.mix;
    let [standard, bcd, point_first, hex_text] = swarm.dialects;
    let storm = |every| Storm { every: Duration::from_secs(every), frames: swarm.storm_frames };
    Options {
        target: swarm.target,
        connections: swarm.connections,
        mix: Mix { heartbeat, state, fire },
        points: swarm.points,
        ledger: swarm.ledger,
        run_for: Duration::from_secs(swarm.seconds),
        pause: Duration::from_millis(swarm.pause),
        dialects: DialectMix { standard, bcd, point_first, hex_text },
        udp_percent: swarm.udp,
        storm: swarm.storm_every.map(storm),
        reconnect_every: swarm.reconnect_every.map(Duration::from_secs),
        seed: swarm.seed,
        ..Options::default()
    }
}

/// Refuses a target that is not this machine.
fn only_here(target: &str) -> Result<()> {
    let mut addresses =
        target.to_socket_addrs().with_context(|| format!("网关地址 {target} 应写成 主机:端口"))?;
    if addresses.any(|address| !address.ip().is_loopback()) {
        bail!("{target} 不在本机；压测别的机器须先取得同意，再加 --remote");
    }
    Ok(())
}

/// Numbers with colons between them.
fn parts<const N: usize>(text: &str) -> Result<[u32; N], String> {
    let numbers: Vec<u32> = text.split(':').map_while(|part| part.trim().parse().ok()).collect();
    let wrong = || format!("应写成 {N} 个用冒号隔开的数，如 {}", vec!["1"; N].join(":"));
    if text.split(':').count() == N { numbers.try_into().map_err(|_| wrong()) } else { Err(wrong()) }
}

fn words(report: &Report) -> String {
    let rate = report.acknowledged() as f64 / report.seconds.max(f64::MIN_POSITIVE);
    let class = |name: &str, latency: &swarm::Latency| {
        let ms = |share| latency.percentile_us(share) as f64 / 1000.0;
        format!("{name} {} 条，应答 p50 {:.1} ms、p99 {:.1} ms", latency.count(), ms(0.5), ms(0.99))
    };
    [
        format!("{:.1} 秒，应答 {} 条，每秒 {rate:.0} 条", report.seconds, report.acknowledged()),
        class("心跳", &report.heartbeat),
        class("状态", &report.state),
        class("火警", &report.fire),
        format!(
            "连接 {} 次，断线后重发 {}，超时重发 {}，否认 {}，未应答 {}",
            report.connects, report.repeated, report.resends, report.denied, report.unanswered
        ),
        format!("告警风暴 {} 次，同时断开 {} 次（按连接计）", report.storms, report.dropped),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loaded_unless_somebody_says_otherwise() {
        assert!(only_here("127.0.0.1:5200").is_ok() && only_here("[::1]:5200").is_ok());
        let refused = only_here("192.0.2.7:5200").unwrap_err().to_string();
        assert!(refused.contains("--remote"), "{refused}");
        assert!(only_here("没有端口").is_err());
    }

    #[test]
    fn shares_are_numbers_between_colons() {
        assert_eq!(parts::<3>("90:9:1"), Ok([90, 9, 1]));
        assert_eq!(parts::<4>("3: 1:1:1"), Ok([3, 1, 1, 1]));
        for wrong in ["90:9", "90:9:1:1", "a:b:c", "", "1:1:1:x"] {
            assert!(parts::<3>(wrong).is_err(), "{wrong}");
        }
    }
}
