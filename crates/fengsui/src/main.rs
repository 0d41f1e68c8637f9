//! 烽燧 Fengsui: an emergency command desk, a management database and a safety early-warning device in one.
//!
//! This is the outermost layer: commands, configuration, and the wiring of store, application, gateway and
//! HTTP. It is the only place that asks the clock and draws random bytes.

mod assets;
mod catalog;
mod catalog_check;
mod config;
mod deaf;
mod demo;
mod duty;
mod edge_view;
mod encryption;
mod floor_plans;
mod frame;
mod gateways;
mod keep;
mod logs;
mod machine;
mod measured;
mod officer;
mod papers;
mod past;
mod plans;
mod responders;
mod room;
mod secrets_key;
mod serve;
mod site_certificate;
mod spool;
mod stories;
mod swarm;
mod terminals;
mod wires;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Rows, frames and decisions are made in one thread and freed in another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 烽燧：应急指挥台、管理数据库、安全预警器
#[derive(Parser)]
#[command(name = "fengsui", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 启动本节点
    Serve(ConfigArgument),
    /// 启动示例县：虚构的数据和虚拟终端，仅供演示
    Demo(demo::Demo),
    /// 只启动虚拟终端，连到指定的网关
    Terminals(terminals::Terminals),
    /// 压力试验：成百上千台虚拟终端一起发，逐条记下应答；默认只发本机
    Swarm(swarm::Swarm),
    /// 报文分析：标准输入读入，每行输出一个 JSON
    #[command(subcommand)]
    Frame(FrameCommand),
    /// 文书模板：取出来修改，改好了检查
    #[command(subcommand)]
    Paper(papers::PaperCommand),
    /// 台账目录：启用之前检查
    #[command(subcommand)]
    Catalog(catalog_check::CatalogCommand),
    /// 操作留痕
    #[command(subcommand)]
    Journal(JournalCommand),
    /// 换密钥文件：把数据库里的密钥重新加密，先停止节点
    RotateSecretsKey(secrets_key::Rotate),
    /// 备份到一个文件，与数据库种类无关
    Backup(keep::Backup),
    /// 从备份恢复到空的数据库
    Restore(keep::Restore),
    /// 生成站点证书：没有外网也能用 HTTPS
    SiteCertificate(site_certificate::SiteCertificate),
    /// 输出接口说明（OpenAPI）
    Openapi,
}

#[derive(Subcommand)]
enum FrameCommand {
    /// 每行一帧，十六进制
    Decode,
    /// 原始字节流
    Stream,
}

#[derive(Subcommand)]
enum JournalCommand {
    /// 从头核对留痕链
    Verify(ConfigArgument),
}

/// Where the configuration is.
#[derive(Args, Clone)]
struct ConfigArgument {
    /// 配置文件（TOML）
    #[arg(long, value_name = "文件")]
    config: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            machine::say_error(&format!("烽燧停止：{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(argument) => machine::block_on(serve::serve(argument.config.as_deref())),
        Command::Demo(demo) => machine::block_on(demo::run(demo)),
        Command::Terminals(options) => machine::block_on(terminals::run(options)),
        Command::Swarm(options) => machine::block_on(swarm::run(options)),
        Command::Frame(FrameCommand::Decode) => {
            Ok(frame::decode(std::io::stdin().lock(), std::io::stdout().lock()).map(|_| ())?)
        }
        Command::Frame(FrameCommand::Stream) => {
            Ok(frame::stream(std::io::stdin().lock(), std::io::stdout().lock()).map(|_| ())?)
        }
        Command::Paper(command) => papers::run(&command),
        Command::Catalog(command) => catalog_check::run(&command),
        Command::Journal(JournalCommand::Verify(argument)) => {
            machine::block_on(keep::verify(argument.config.as_deref()))
        }
        Command::RotateSecretsKey(options) => machine::block_on(secrets_key::rotate(options)),
        Command::Backup(options) => machine::block_on(keep::backup(options)),
        Command::Restore(options) => machine::block_on(keep::restore(options)),
        Command::SiteCertificate(options) => site_certificate::run(&options),
        Command::Openapi => {
            machine::say(&serde_json::to_string_pretty(&fengsui_api::openapi())?);
            Ok(())
        }
    }
}
