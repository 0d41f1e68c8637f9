//! Accounts of false alarms: what is counted, by what, compared with what; and that every figure is the count of a
//! list that can be opened.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{Alarm, Cause, Class, Finding, Month};
use fengsui_app::kit::{Desk, NEIGHBOUR, NEIGHBOUR_TOWN, TOWN, code};
use fengsui_app::{AccountFilter, AlarmFilter, Command, FalseAlarms, Fault, SignedIn};
use fengsui_base::{AlarmId, Timestamp, UnitId};
use fengsui_store::SCAN_MAX;

const DAY_S: i64 = 86_400;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn of_month(text: &str) -> AccountFilter {
    AccountFilter { month: Some(month(text)), region: None, unit: None }
}

/// A point reports fire; it is found to be this, and over.
async fn found(
    desk: &Desk,
    by: &SignedIn,
    source: &str,
    point: u32,
    finding: Finding,
    cause: Option<Cause>,
) -> AlarmId {
    let id = desk.fire(source, point).await.alarm.id;
    let verify = Command::Verify { finding, cause, note: None };
    let mut commands = vec![Command::Take, verify];
    if finding == Finding::Real {
        commands.push(Command::Forward { note: None });
    }
    for command in commands {
        desk.app.act_on_alarm(&by.grant, id, command).await.unwrap();
    }
    desk.restore(source, point).await;
    if finding == Finding::Real {
        let close = Command::Close { note: None, unrestored_reason: None };
        desk.app.act_on_alarm(&by.grant, id, close).await.unwrap();
    }
    id
}

async fn wrong(desk: &Desk, by: &SignedIn, source: &str, point: u32, cause: Cause) -> AlarmId {
    found(desk, by, source, point, Finding::False, Some(cause)).await
}

async fn listed(desk: &Desk, by: &SignedIn, filter: AlarmFilter) -> usize {
    let filter = AlarmFilter { class: Some("fire".to_owned()), limit: 200, ..filter };
    desk.app.alarms(&by.grant, filter).await.unwrap().items.len()
}

#[tokio::test]
async fn a_month_is_counted_by_cause_unit_and_device_with_its_base() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let hotel = desk.register("云岫饭店", TOWN, "889", 4).await;
        desk.register("云岫纺织", TOWN, "890", 50).await;
        wrong(&desk, &zhou, "889", 1, Cause::Cooking).await;
        wrong(&desk, &zhou, "889", 1, Cause::Cooking).await;
        wrong(&desk, &zhou, "889", 2, Cause::Steam).await;
        wrong(&desk, &zhou, "890", 7, Cause::Dust).await;
        found(&desk, &zhou, "890", 8, Finding::Real, None).await;
        found(&desk, &zhou, "890", 9, Finding::Test, None).await;
        desk.clock.pass_s(1);
        let accounts = desk.app.false_alarms(&zhou.grant, of_month("2026-11")).await.unwrap();
        let now = accounts.now.figures;
        assert_eq!((now.false_alarms, now.real, now.test, now.verified()), (4, 1, 1, 5));
        assert_eq!((accounts.points, now.per_hundred(54).unwrap().part), (54, 4));
        let by_cause: Vec<_> =
            accounts.causes.iter().map(|c| (c.cause, *c.by_month.last().unwrap())).collect();
        assert_eq!(by_cause[0], (Some(Cause::Cooking), 2));
        assert_eq!(by_cause.iter().map(|(_, n)| n).sum::<u64>(), 4);
        let first = &accounts.units[0];
        assert_eq!((first.unit, first.name.as_str(), first.points), (hotel, "云岫饭店", 4));
        assert_eq!((first.figures.false_alarms, first.figures.verified()), (3, 3));
        let device = &accounts.devices[0];
        assert_eq!((device.count, device.newest.raise.component_address), (2, 1));
        assert_eq!(device.causes, [(Cause::Cooking, 2)]);
        // The same filters open the same records.
        let slot = AlarmFilter {
            finding: Some("false".to_owned()),
            slot: Some(device.slot.clone()),
            from: Some(accounts.now.range.start),
            until: Some(accounts.now.range.end),
            ..AlarmFilter::default()
        };
        assert_eq!(listed(&desk, &zhou, slot).await, 2);
        let steam = AlarmFilter { cause: Some("steam".to_owned()), ..AlarmFilter::default() };
        assert_eq!(listed(&desk, &zhou, steam).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_running_month_is_compared_with_the_same_days() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫饭店", TOWN, "889", 40).await;
    // 21 November: two; 22 November: one.
    for point in [1, 2] {
        wrong(&desk, &zhou, "889", point, Cause::Steam).await;
    }
    desk.clock.pass_s(DAY_S);
    wrong(&desk, &zhou, "889", 3, Cause::Steam).await;
    // 21 December, a little before the hour of the first ones.
    desk.clock.pass_s(29 * DAY_S - 60);
    wrong(&desk, &zhou, "889", 4, Cause::Steam).await;
    desk.clock.pass_s(120);
    let accounts = desk.app.false_alarms(&zhou.grant, of_month("2026-12")).await.unwrap();
    assert_eq!(accounts.now.figures.false_alarms, 1);
    assert_eq!(accounts.before.figures.false_alarms, 2, "the third came on a later day of November");
    assert_eq!(accounts.months[11].figures.false_alarms, 3, "the chart shows all of November");
    assert_eq!(accounts.last_year.range.end, "2025-12-21T06:01:00Z".parse::<Timestamp>().unwrap());
    let past = desk.app.false_alarms(&zhou.grant, of_month("2026-11")).await.unwrap();
    assert_eq!((past.now.figures.false_alarms, past.now.range.clone()), (3, month("2026-11").range()));
}

#[tokio::test]
async fn accounts_end_where_the_scope_ends() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.employ("linxian", "林岚", "duty_officer", NEIGHBOUR).await;
    let lin = desk.sign_in("linxian").await;
    let hotel = desk.register("云岫饭店", TOWN, "889", 4).await;
    desk.register("邻溪饭店", NEIGHBOUR_TOWN, "990", 4).await;
    wrong(&desk, &zhou, "889", 1, Cause::Steam).await;
    desk.clock.pass_s(1);
    let theirs = desk.app.false_alarms(&lin.grant, of_month("2026-11")).await.unwrap();
    assert_eq!((theirs.now.figures.false_alarms, theirs.points, theirs.units.len()), (0, 4, 0));
    // A unit or region of others is as good as none.
    let unit = AccountFilter { unit: Some(hotel), ..of_month("2026-11") };
    let refused = desk.app.false_alarms(&lin.grant, unit).await;
    assert!(matches!(refused, Err(Fault::Refused(r)) if r.code == "not_found"));
    let town = AccountFilter { region: Some(code(TOWN)), ..of_month("2026-11") };
    assert_eq!(desk.app.false_alarms(&lin.grant, town).await.unwrap().points, 0);
    assert_eq!(desk.app.false_alarms(&zhou.grant, town).await.unwrap().now.figures.false_alarms, 1);
}

#[tokio::test]
async fn the_page_of_a_fire_says_how_often_its_point_was_wrong() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫饭店", TOWN, "889", 4).await;
        wrong(&desk, &zhou, "889", 1, Cause::Dust).await;
        desk.clock.pass_s(DAY_S);
        for cause in [Cause::Cooking, Cause::Cooking, Cause::Cooking, Cause::Steam] {
            wrong(&desk, &zhou, "889", 1, cause).await;
        }
        wrong(&desk, &zhou, "889", 2, Cause::Steam).await;
        // Thirty days to the second after the others: the first is too long ago.
        desk.clock.pass_s(30 * DAY_S);
        let now = desk.fire("889", 1).await.alarm.id;
        let account = desk.app.alarm(&zhou.grant, now).await.unwrap().point_account.unwrap();
        assert_eq!((account.count, account.causes), (4, vec![(Cause::Cooking, 3), (Cause::Steam, 1)]));
    })
    .await;
}

/// Numbers that look drawn by lot and are the same in every run.
struct Lot(u64);

impl Lot {
    fn draw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Every fire there is, read by walking the whole register.
async fn all_fires(desk: &Desk) -> Vec<Alarm> {
    let all = desk.store.scan("alarm", None, SCAN_MAX).await.unwrap();
    let all: Vec<_> = all.into_iter().map(|scanned| scanned.whole().unwrap()).collect();
    let alarms = all.iter().filter_map(|e| desk.app.read_alarm(e));
    alarms.filter(|a| a.raise.class == Class::Fire).collect()
}

fn is_false(alarm: &Alarm, cause: Option<Cause>) -> bool {
    alarm.verdict().is_some_and(|v| v.finding == Finding::False && cause.is_none_or(|c| v.cause == Some(c)))
}

fn agrees(accounts: &FalseAlarms, fires: &[Alarm], unit: Option<UnitId>) {
    let own: Vec<_> = fires.iter().filter(|a| unit.is_none_or(|u| a.raise.unit == Some(u))).collect();
    let count = |wanted: &dyn Fn(&Alarm) -> bool| own.iter().filter(|a| wanted(a)).count() as u64;
    for (place, stretch) in accounts.months.iter().enumerate() {
        let within = |a: &Alarm| stretch.range.contains(&a.raise.raised_at);
        assert_eq!(stretch.figures.false_alarms, count(&|a| within(a) && is_false(a, None)));
        let verified = |a: &Alarm| {
            within(a) && a.verdict().is_some_and(|v| matches!(v.finding, Finding::False | Finding::Real))
        };
        assert_eq!(stretch.figures.verified(), count(&verified));
        for account in &accounts.causes {
            assert_eq!(account.by_month[place], count(&|a| within(a) && is_false(a, account.cause)));
        }
    }
    let within = |a: &Alarm| accounts.now.range.contains(&a.raise.raised_at);
    for device in &accounts.devices {
        assert_eq!(device.count, count(&|a| within(a) && is_false(a, None) && a.raise.slot == device.slot));
    }
    let of_devices: u64 = accounts.devices.iter().map(|d| d.count).sum();
    assert_eq!(of_devices, accounts.now.figures.false_alarms);
}

#[tokio::test]
async fn figures_equal_a_scan_of_the_entries() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let hotel = desk.register("云岫饭店", TOWN, "889", 4).await;
        desk.register("云岫纺织", TOWN, "890", 4).await;
        let causes = [Cause::Cooking, Cause::Steam, Cause::Dust, Cause::Works];
        let mut lot = Lot(7);
        for _ in 0..60 {
            desk.clock.pass_s(i64::try_from(lot.draw(4 * 86_400)).unwrap());
            let source = ["889", "890"][lot.draw(2) as usize];
            let point = u32::try_from(lot.draw(4)).unwrap() + 1;
            let (finding, cause) = match lot.draw(6) {
                0 => (Finding::Real, None),
                1 => (Finding::Test, None),
                n => (Finding::False, Some(causes[n as usize - 2])),
            };
            found(&desk, &zhou, source, point, finding, cause).await;
        }
        desk.clock.pass_s(1);
        let fires = all_fires(&desk).await;
        assert_eq!(fires.len(), 60);
        for month in ["2026-12", "2027-01", "2027-02"] {
            for unit in [None, Some(hotel)] {
                let filter = AccountFilter { unit, ..of_month(month) };
                agrees(&desk.app.false_alarms(&zhou.grant, filter).await.unwrap(), &fires, unit);
            }
        }
    })
    .await;
}
