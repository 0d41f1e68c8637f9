//! The state of the system (运行状态): facts an administrator can act on.

use crate::steady::MachineOff;
use crate::{App, Fault, RestingLedger, TerminalCounts};
use fengsui_access::Grant;
use fengsui_base::{Timestamp, span_words};
use fengsui_catalog::Permission;
use fengsui_store::{Chain, Storage};

/// How many ChangeSets one round of chain verification reads.
const VERIFY_STEP: u16 = 200;
/// How long an urgent message may wait before it is a fault of the system, in seconds.
const URGENT_WAIT_MAX_S: i64 = 60;

/// How far the chain has been verified since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChainState {
    pub(crate) chain: Chain,
    pub(crate) at: Option<Timestamp>,
    pub(crate) broken: Option<(u64, String)>,
}

/// The state of the system.
#[derive(Clone, Debug)]
pub struct Status {
    /// When this program started.
    pub started_at: Timestamp,
    /// Storage.
    pub storage: Storage,
    /// Epoch of the lease that this node holds.
    pub epoch: u64,
    /// Number of the last ChangeSet.
    pub sequence: u64,
    /// Chain digest there, hexadecimal.
    pub chain_head: String,
    /// How far the chain was walked, when, and whether it holds.
    pub verified_to: u64,
    /// When.
    pub verified_at: Option<Timestamp>,
    /// Terminals.
    pub terminals: TerminalCounts,
    /// What to look at.
    pub checks: Vec<Check>,
}

/// One thing that is well or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// Stable name.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// How it stands and what to do.
    pub detail: String,
}

impl App {
    /// How the system stands.
    pub async fn status(&self, grant: &Grant) -> Result<Status, Fault> {
        let scope = grant.may(Permission::SystemRead)?;
        if !self.concerns(grant, Permission::SystemRead) {
            return Err(fengsui_base::Refusal::not_found().into());
        }
        let now = self.now();
        let head = self.store.head().await?;
        let chain = self.verification.lock().clone();
        let storage = self.store.storage(now).await?;
        let terminals = self.board.terminal_counts(&scope, now);
        let seats = self.board.seats();
        let checks = vec![
            self.writing(),
            self.room(),
            self.load(),
            clock_check(self.clock.machine_off()),
            chain_check(&chain, head.seq),
            seats_check(seats.iter().map(|(n, h)| (*n, h.sound.as_str()))),
            self.messages_check(now),
            strangers_check(self.board.stranger_count()),
            ledgers_check(&self.resting_ledgers().await?),
        ];
        Ok(Status {
            started_at: self.started_at,
            epoch: self.epoch.0,
            storage,
            sequence: head.seq,
            chain_head: hex::encode(head.chain),
            verified_to: chain.chain.seq,
            verified_at: chain.at,
            terminals,
            checks,
        })
    }

    fn writing(&self) -> Check {
        let ok = !self.stopped();
        let detail =
            if ok { "正常写入" } else { "写入已停止，正在重启；期间终端会重发" };
        Check { name: "writing", label: "写入", ok, detail: detail.to_owned() }
    }

    fn room(&self) -> Check {
        let ok = !self.only_urgent();
        let detail = if ok {
            "有余量，并为火警预留了空间"
        } else {
            "磁盘快满了：只收火警和人员操作，终端的普通状态暂不应答，会重发。请尽快腾出空间"
        };
        Check { name: "room", label: "磁盘空间", ok, detail: detail.to_owned() }
    }

    fn load(&self) -> Check {
        let (shedding, shed) = self.shedding();
        let detail = match (shedding, shed) {
            (true, _) => format!(
                "过载：心跳、数值和不变的状态暂不应答，已有 {shed} 帧，终端会重发；火警和状态变化照收。请看磁盘和处理器"
            ),
            (false, 0) => "来多少收多少".to_owned(),
            (false, _) => format!("来多少收多少；启动以来过载时有 {shed} 帧遥测没有应答，由终端重发"),
        };
        Check { name: "load", label: "负荷", ok: !shedding, detail }
    }

    /// Whether messages leave: a channel is on, none fails, and no urgent message waits too long.
    fn messages_check(&self, now: Timestamp) -> Check {
        let (waiting, urgent) = self.outward.waiting();
        let waited_s = urgent.map_or(0, |since| now.duration_since(since).as_secs());
        let on: Vec<_> = self.outward.channels().into_iter().filter(|c| c.enabled).collect();
        let failing: Vec<_> =
            on.iter().filter(|c| c.failing_since.is_some()).map(|c| c.name.as_str()).collect();
        let (ok, detail) = if waited_s > URGENT_WAIT_MAX_S {
            (false, format!("有紧急消息等了 {waited_s} 秒还没送出，请看消息通道"))
        } else if on.is_empty() {
            (false, "没有启用的消息通道，没人在席时叫不到人".to_owned())
        } else if !failing.is_empty() {
            (false, format!("{}故障，紧急消息改走其他通道", failing.join("、")))
        } else {
            (true, format!("{} 个通道启用，{waiting} 条待发", on.len()))
        };
        Check { name: "messages", label: "外发消息", ok, detail }
    }

    /// Walks a bounded piece of the chain further; a reconciler calls it again and again.
    pub(crate) async fn verify_further(&self) -> Result<(), Fault> {
        let known = self.verification.lock().clone();
        if known.broken.is_some() {
            return Ok(());
        }
        let sets = self.store.journal_since(known.chain.seq, VERIFY_STEP).await?;
        let mut state = ChainState { at: Some(self.now()), ..known };
        for (seq, digest, rows) in sets {
            match state.chain.check(seq, &digest, &rows) {
                Ok(next) => state.chain = next,
                Err(wrong) => {
                    tracing::error!(seq, wrong, "the journal's chain is broken");
                    state.broken = Some((seq, wrong));
                    break;
                }
            }
        }
        *self.verification.lock() = state;
        Ok(())
    }
}

/// Whether the program's time is the machine's, and what to do where it is not.
fn clock_check(off: MachineOff) -> Check {
    let how_far =
        || format!("{} {}", if off.ahead_s > 0 { "快了" } else { "慢了" }, span_words(off.ahead_s.abs()));
    let detail = match (off.held, off.told()) {
        (true, _) => format!(
            "机器的时间突然{}，没有跟着走：告警、升级和期限照原来的时间继续，自动校时暂停。请校准机器的时间；机器的时间没有错的，重启本程序",
            how_far()
        ),
        (false, true) => format!("机器的时间{}，正在慢慢对齐", how_far()),
        (false, false) => "与机器的时间一致".to_owned(),
    };
    Check { name: "clock", label: "时间", ok: !off.held, detail }
}

fn chain_check(state: &ChainState, head: u64) -> Check {
    let (ok, detail) = match &state.broken {
        Some((seq, wrong)) => {
            (false, format!("第 {seq} 号断开：{wrong}。请保全数据，用 fengsui journal verify 核对"))
        }
        None if state.chain.seq + u64::from(VERIFY_STEP) >= head => {
            (true, format!("已核对到第 {} 号，相符", state.chain.seq))
        }
        None => (true, format!("正在核对，已到第 {} 号，共 {head} 号", state.chain.seq)),
    };
    Check { name: "chain", label: "留痕链", ok, detail }
}

fn ledgers_check(resting: &[RestingLedger]) -> Check {
    let detail = match resting {
        [] => "都在办理".to_owned(),
        some => {
            let labels: Vec<_> = some.iter().map(|r| format!("“{}”", r.label)).collect();
            format!("{}有暂停的内容，请到“台账模板”处理", labels.join("、"))
        }
    };
    Check { name: "ledgers", label: "台账", ok: resting.is_empty(), detail }
}

fn strangers_check(count: usize) -> Check {
    let most = crate::intake::UNKNOWN_MAX;
    let detail = if count >= most {
        format!("待认领终端已满 {most} 台，新终端的帧只存原文、不报警。请到“待认领终端”认领或拒收")
    } else {
        format!("{count} 台，上限 {most} 台")
    };
    Check { name: "strangers", label: "待认领终端", ok: count < most, detail }
}

fn seats_check<'a>(seats: impl Iterator<Item = (u16, &'a str)>) -> Check {
    let (heard, silent): (Vec<_>, Vec<_>) = seats.partition(|(_, sound)| *sound == "heard");
    let named = silent.iter().map(|(seat, _)| format!("{seat} 席")).collect::<Vec<_>>().join("、");
    let detail = match (heard.len(), silent.len()) {
        (0, 0) => "没有人上席，告警无人听到".to_owned(),
        (on, 0) => format!("{on} 个席位有人"),
        (on, off) => format!("{} 个席位有人，其中{named}无声，请检查音箱和浏览器", on + off),
    };
    Check { name: "seats", label: "值守", ok: !heard.is_empty() && silent.is_empty(), detail }
}
