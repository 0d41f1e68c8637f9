//! Ledgers of the demonstration county (示例台账): two months of inspections with what was found, at every stage: just found,
//! ordered, overdue, waiting to be checked again, closed in time and late.

use anyhow::Result;
use fengsui_access::Grant;
use fengsui_app::{App, LedgerForm};
use fengsui_base::{EntryId, Fields, Timestamp};
use fengsui_ledger::Entry;
use fengsui_sim::county::County;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, ToSpan};
use serde_json::{Value, json};

/// China has one zone without daylight saving: a fixed offset needs no time-zone file.
const CHINA: Offset = Offset::constant(8);
/// How many units were inspected.
const INSPECTIONS: usize = 40;
/// Every so many units of the county's list one is inspected.
const STRIDE: usize = 7;
/// The oldest inspection, in days before today.
const OLDEST_DAYS: i64 = 62;

/// What is found: what, category, level, the article that it violates.
const FINDINGS: [(&str, &str, &str, &str); 12] = [
    ("常闭式防火门损坏 4 樘", "facility", "considerable", "消防法 第 16 条第 1 款第 2 项"),
    ("疏散楼梯间堆放货物", "escape", "considerable", "消防法 第 28 条"),
    ("安全出口指示灯不亮 6 处", "facility", "ordinary", "消防法 第 16 条第 1 款第 2 项"),
    ("灭火器压力不足 8 具", "facility", "low", "消防法 第 16 条第 1 款第 2 项"),
    ("消防车通道设置固定桩", "fire_lane", "considerable", "消防法 第 28 条"),
    ("配电箱下方堆放纸箱", "electric", "ordinary", "消防法 第 27 条"),
    ("电动自行车在门厅充电 11 辆", "electric", "considerable", "消防法 第 28 条"),
    ("外窗设置铁栅栏未留逃生口", "escape", "ordinary", "消防法 第 28 条"),
    ("消防水泵控制柜处于手动", "facility", "considerable", "消防法 第 16 条第 1 款第 2 项"),
    ("仓库与住宿设在同一建筑", "mixed_use", "grave", "消防法 第 19 条"),
    ("厨房排油烟罩未按期清洗", "gas", "ordinary", "消防法 第 27 条"),
    ("消防控制室值班记录缺 3 日", "management", "low", "消防法 第 16 条第 1 款第 1 项"),
];
/// Forms of inspection, in turn.
const FORMS: [&str; 6] = ["random", "campaign", "night", "leader_led", "look_back", "joint"];

/// Who acts in the stories.
struct Cast {
    supervisor: Grant,
    head: Grant,
    officers: Value,
}

/// One step of a story: when, by whom, what.
type Act<'g> = (Timestamp, &'g Grant, LedgerForm);

/// Writes the ledgers of the past two months. Answers how many entries there are.
pub(crate) async fn remember(app: &App, county: &County, logins: [&str; 3], password: &str) -> Result<usize> {
    let [supervisor, colleague, head] = logins;
    let sign_in =
        async |login: &str| app.log_in(login, password.to_owned(), "本机").await.map(|l| l.signed_in.grant);
    let (supervisor, colleague, head) =
        (sign_in(supervisor).await?, sign_in(colleague).await?, sign_in(head).await?);
    let officers = json!([supervisor.account().to_string(), colleague.account().to_string()]);
    let cast = Cast { supervisor, head, officers };
    let (today, mut written) = (CHINA.to_datetime(app.now()).date(), 0);
    let inspected = county.units.iter().step_by(STRIDE).take(INSPECTIONS);
    for (n, unit) in inspected.enumerate() {
        let Some(id) = app.unit_with_code(&unit.code).await? else { continue };
        let ago = OLDEST_DAYS - (OLDEST_DAYS * i64::try_from(n)?) / i64::try_from(INSPECTIONS)?;
        let day = today.saturating_sub(ago.days());
        written += cast.inspection(app, n, &id.to_string(), day, today).await?;
    }
    Ok(written)
}

impl Cast {
    /// One inspection with what it found; the last few are still to come.
    async fn inspection(&self, app: &App, n: usize, unit: &str, day: Date, today: Date) -> Result<usize> {
        let coming = n + 4 >= INSPECTIONS;
        let planned = if coming { today.saturating_add((i64::try_from(n % 4)? + 1).days()) } else { day };
        let plan = form(
            "plan",
            json!({
                "subject": "消防监督检查", "unit": unit, "form": FORMS[n % FORMS.len()],
                "planned_on": planned.to_string(), "inspectors": self.officers,
            }),
        );
        let mut acts = vec![(at(day, -20), &self.supervisor, plan)];
        if !coming {
            let record = "查看消防控制室、疏散通道和消防设施，抽测火灾自动报警系统。";
            acts.push((
                at(day, 10),
                &self.supervisor,
                form(
                    "inspect",
                    json!({
                        "inspected_on": day.to_string(), "inspectors": self.officers,
                        "accompanied_by": "单位消防安全管理人", "record": record,
                    }),
                ),
            ));
        }
        let Some(inspection) = past(app, "inspection", acts).await? else { return Ok(0) };
        if coming {
            return Ok(1);
        }
        let (mut written, mut over_at, mut open) = (1, Some(at(day, 11)), false);
        for k in 0..n % 4 {
            let Some(hazard) = self.hazard(app, inspection.id, unit, n * 4 + k, day, today).await? else {
                continue;
            };
            written += 1;
            open |= hazard.closed_at.is_none();
            over_at = over_at.max(hazard.closed_at);
        }
        self.follow_up(app, inspection, day, today, over_at.filter(|_| !open), written > 1).await?;
        Ok(written)
    }

    /// An inspection is over when everything that it found is; until then it is looked after every month.
    async fn follow_up(
        &self,
        app: &App,
        inspection: Entry,
        day: Date,
        today: Date,
        over_at: Option<Timestamp>,
        found: bool,
    ) -> Result<()> {
        let (supervisor, soon) = (&self.supervisor, SignedDuration::from_mins(20));
        let mut acts: Vec<Act<'_>> = Vec::new();
        if !found {
            acts.push((at(day, 11), supervisor, form("clear", json!({}))));
        } else if day.until(today)?.get_days() > 2 {
            acts.push((at(day, 16), supervisor, form("follow", json!({}))));
            let looked =
                (1..).map(|month| day.saturating_add((28 * month).days())).take_while(|on| *on < today);
            for on in looked.filter(|on| over_at.is_none_or(|over| at(*on, 9) < over)) {
                let progress = json!({ "progress": "电话督促单位按期整改" });
                acts.push((at(on, 9), supervisor, form("report_progress", progress)));
            }
            acts.extend(over_at.map(|over| (over + soon, supervisor, form("close", json!({})))));
        }
        if !acts.is_empty() {
            app.demonstration_entry("inspection", Some(inspection), acts).await?;
        }
        Ok(())
    }

    async fn hazard(
        &self,
        app: &App,
        inspection: EntryId,
        unit: &str,
        n: usize,
        day: Date,
        today: Date,
    ) -> Result<Option<Entry>> {
        let (what, category, risk, basis) = FINDINGS[n % FINDINGS.len()];
        let found = form(
            "register",
            json!({
                "what": what, "unit": unit, "category": category, "risk": risk,
                "found_on": day.to_string(), "inspection": inspection.to_string(), "basis": basis,
            }),
        );
        let correct_by = day.saturating_add((10 + i64::try_from(n % 3)? * 10).days());
        let order = form(
            "order",
            json!({ "correct_by": correct_by.to_string(), "basis": basis, "demand": "限期整改，并采取临时防范措施" }),
        );
        let supervisor = &self.supervisor;
        let mut acts: Vec<Act<'_>> = vec![(at(day, 11), supervisor, found)];
        // What was found in the last days waits for its order.
        if day.until(today)?.get_days() > 2 {
            acts.push((at(day, 15), supervisor, order));
            self.later(n, day, correct_by, today, &mut acts);
        }
        past(app, "hazard", acts).await
    }

    /// How it went on: some were extended, most were corrected, a few are overdue.
    fn later<'g>(&'g self, n: usize, day: Date, correct_by: Date, today: Date, acts: &mut Vec<Act<'g>>) {
        let mut last = correct_by;
        if n.is_multiple_of(5) && correct_by < today {
            last = correct_by.saturating_add(15.days());
            let reason = "配件在途，单位申请延期";
            let extend = json!({ "correct_by": last.to_string(), "extend_reason": reason });
            acts.push((at(correct_by, 9), &self.head, form("extend", extend)));
        }
        // Every seventh is late; one of two of those is still open.
        let done = if n % 7 == 3 { last.saturating_add(4.days()) } else { last.saturating_sub(2.days()) };
        if done >= today || done <= day || n % 14 == 3 {
            return;
        }
        acts.push((at(done, 16), &self.supervisor, form("fall_due", json!({}))));
        let checked = done.saturating_add(1.days());
        if checked < today && n % 6 != 4 {
            let pass = json!({
                "recheckers": self.officers, "rechecked_on": checked.to_string(), "finding": "现场复查，隐患已消除",
            });
            acts.push((at(checked, 10), &self.supervisor, form("pass", pass)));
        }
    }
}

async fn past(app: &App, kind: &str, acts: Vec<Act<'_>>) -> Result<Option<Entry>> {
    Ok(app.demonstration_entry(kind, None, acts).await?)
}

fn form(mv: &str, fields: Value) -> LedgerForm {
    let fields: Fields = fields.as_object().cloned().unwrap_or_default();
    LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
}

/// An hour of a day in the office; before midnight for a negative one.
fn at(day: Date, hour: i64) -> Timestamp {
    let midnight = CHINA.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH);
    midnight + SignedDuration::from_hours(hour)
}
