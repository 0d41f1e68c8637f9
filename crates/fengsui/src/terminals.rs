//! Virtual terminals from the command line: a county that speaks over real sockets.

use crate::logs;
use anyhow::Result;
use clap::Args;
use fengsui_sim::county;
use fengsui_sim::terminal::{self, DEFAULT_TARGET, Options};
use std::sync::Arc;

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
    /// 只启动前若干台
    #[arg(long)]
    terminals: Option<usize>,
    /// 日志
    #[arg(long, default_value = "warn")]
    log: String,
}

/// Plays the county until it is stopped.
pub(crate) async fn run(options: Terminals) -> Result<()> {
    logs::start(&options.log, true);
    let county = Arc::new(county::generate(options.seed));
    let play = Options {
        target: options.target,
        seed: options.seed,
        speed: options.speed,
        terminals: options.terminals,
        ..Options::default()
    };
    tokio::select! {
        () = terminal::run(county, play) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}
