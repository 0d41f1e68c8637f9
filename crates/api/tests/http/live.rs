//! The live stream: who hears what, what a line that broke is told again, and when a stream ends.
//!
//! The beat runs on a clock that leaps to the next beat whenever nothing else is to be done: nothing sleeps.

use crate::site::{Browser, Site};
use axum::body::{Body, BodyDataStream};
use axum::http::HeaderName;
use fengsui_alarm::Condition;
use fengsui_app::kit::{COUNTY, NEIGHBOUR, NEIGHBOUR_TOWN, TOWN};
use fengsui_app::{Command, Ending, RESUME_MAX, Reach, SESSION_HOURS};
use fengsui_base::AlarmId;
use futures::StreamExt;
use serde_json::Value;

#[tokio::test(start_paused = true)]
async fn an_alarm_is_told_as_it_happens_to_its_own_county_alone() {
    let site = Site::open().await;
    site.desk.register("云岫纺织", TOWN, "889", 4).await;
    site.desk.register("石桥粮库", NEIGHBOUR_TOWN, "990", 4).await;
    let mut own = Screen::open(&site, &site.employed("zhoumin", "duty_officer", COUNTY).await, None).await;
    let mut neighbour =
        Screen::open(&site, &site.employed("linxi", "duty_officer", NEIGHBOUR).await, None).await;
    let li = site.desk.on_duty("liqiang", "李强", "duty_officer", 2).await;
    let fire = site.desk.fire("889", 1).await;
    site.desk.app.act_on_alarm(&li.grant, AlarmId(fire.entry.id), Command::Take).await.unwrap();
    let head = site.desk.head().await;
    let heard = own.until_tick(head).await;
    assert_eq!(
        heard.iter().map(Told::summary).collect::<Vec<_>>(),
        ["seat", "terminal", "alarm raised", "alarm taken"]
    );
    assert_eq!(heard[2].data["alarm"]["rings"], true);
    assert_eq!(
        (&heard[3].data["alarm"]["rings"], &heard[3].data["alarm"]["holder"]["officer"]["name"]),
        (&false.into(), &"李强".into())
    );
    assert!(neighbour.until_tick(head).await.is_empty());
    site.desk.fire("990", 1).await;
    let head = site.desk.head().await;
    assert_eq!(
        neighbour.until_tick(head).await.iter().map(Told::summary).collect::<Vec<_>>(),
        ["terminal", "alarm raised"]
    );
    assert!(own.until_tick(head).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_line_that_broke_is_told_exactly_what_it_missed() {
    let site = Site::open().await;
    site.desk.register("云岫纺织", TOWN, "889", 9).await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let before = site.desk.head().await;
    let mut unbroken = Screen::open(&site, &zhou, None).await;
    for point in 1..=3 {
        site.desk.fire("889", point).await;
    }
    site.desk.fire("4711", 1).await;
    let head = site.desk.head().await;
    let all = unbroken.until_tick(head).await;
    assert_eq!(
        all.len(),
        12,
        "three fires that confirm each other, and a terminal nobody knows with its own"
    );
    for known in before..=head {
        let mut resumed = Screen::open(&site, &zhou, Some(known)).await;
        let missed: Vec<_> =
            all.iter().filter(|t| t.data["seq"].as_u64() > Some(known)).map(Told::place).collect();
        assert_eq!(
            resumed.until_tick(head).await.iter().map(Told::place).collect::<Vec<_>>(),
            missed,
            "after {known}"
        );
        // And it goes on from there, nothing twice.
        assert_eq!(resumed.next().await.unwrap().name, "tick");
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_breaks_within_a_change_is_told_the_whole_of_it_again() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    site.desk.register("云岫纺织", TOWN, "889", 1).await;
    let mut screen = Screen::open(&site, &zhou, None).await;
    site.desk.fire("889", 1).await;
    let heard = screen.until_tick(site.desk.head().await).await;
    let ids: Vec<_> = heard.iter().map(|t| (t.name.as_str(), t.id.is_some())).collect();
    assert_eq!(ids, [("terminal", false), ("alarm", true)], "a browser resumes after the last id it saw");
}

#[tokio::test(start_paused = true)]
async fn a_screen_that_is_too_far_behind_loads_anew_and_goes_on_from_there() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let known = site.desk.head().await;
    site.desk.hears("4711", vec![]).await.unwrap();
    for point in 1..=u32::from(RESUME_MAX) {
        site.desk.hears("4711", vec![site.desk.state(point, &[Condition::Fault])]).await.unwrap();
    }
    let head = site.desk.head().await;
    assert_eq!(head - known, u64::from(RESUME_MAX) + 1);
    let mut nearer = Screen::open(&site, &zhou, Some(known + 1)).await;
    assert_eq!(
        nearer.until_tick(head).await.iter().filter(|t| t.name == "alarm").count(),
        usize::from(RESUME_MAX)
    );
    let mut screen = Screen::open(&site, &zhou, Some(known)).await;
    let told = screen.next().await.unwrap();
    assert_eq!((told.name.as_str(), told.id, &told.data["seq"]), ("resync", Some(head), &head.into()));
    site.desk.fire("4711", 9_999).await;
    assert_eq!(screen.until_tick(head + 1).await.len(), 2);
    let mut ahead = Screen::open(&site, &zhou, Some(head + 1_000)).await;
    assert_eq!(ahead.next().await.unwrap().name, "resync", "a number from data that was restored since");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ran_out_keeps_the_display_and_the_bell() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let mut screen = Screen::open(&site, &zhou, None).await;
    site.desk.clock.pass_s(SESSION_HOURS * 3600);
    for _ in 0..40 {
        let told = screen.next().await.unwrap();
        assert_eq!((told.name.as_str(), &told.data["shedding"]), ("tick", &false.into()));
    }
    site.desk.fire("4711", 1).await;
    let heard = screen.until_tick(site.desk.head().await).await;
    assert_eq!(heard.last().unwrap().summary(), "alarm raised");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_ended_on_purpose_ends_its_stream() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let mut screen = Screen::open(&site, &zhou, None).await;
    assert_eq!(site.desk.app.meters().streams.get(), 1);
    site.ask(zhou.request("DELETE", "/api/v1/session", None)).await;
    let mut beats = 0;
    while screen.next().await.is_some() {
        beats += 1;
        assert!(beats <= 15, "within fifteen beats");
    }
    drop(screen);
    assert_eq!(site.desk.app.meters().streams.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_entry_of_a_ledger_is_told_to_whoever_may_read_it_with_the_version_it_has_now() {
    let site = Site::open().await;
    let unit = site.desk.register("云岫纺织", TOWN, "889", 1).await;
    site.desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let luo = site.desk.sign_in("luomin").await;
    let mut own =
        Screen::open(&site, &site.employed("huangtao", "fire_supervisor", COUNTY).await, None).await;
    let mut others = Vec::new();
    for (login, post, region) in
        [("linxi", "fire_supervisor", NEIGHBOUR), ("zhoumin", "duty_officer", COUNTY)]
    {
        others.push(Screen::open(&site, &site.employed(login, post, region).await, None).await);
    }
    let app = &site.desk.app;
    let today = app.calendar().day_of(app.now()).to_string();
    let fields = serde_json::json!({ "what": "防火门损坏", "unit": unit.to_string(), "category": "facility",
                                     "risk": "low", "found_on": today });
    let fields = fields.as_object().unwrap().clone();
    let form = fengsui_app::LedgerForm { mv: "register".to_owned(), fields, ..Default::default() };
    let hazard = app.open_entry(&luo.grant, "hazard", form, None).await.unwrap();
    app.remark_entry(&luo.grant, "hazard", hazard.id, "已电话提醒", None).await.unwrap();
    let head = site.desk.head().await;
    let heard = own.until_tick(head).await;
    let entries: Vec<_> = heard.iter().filter(|t| t.name == "entry").collect();
    assert_eq!(entries.len(), 2);
    for told in entries {
        assert_eq!(told.data["kind"], "hazard");
        assert_eq!((&told.data["id"], &told.data["version"]), (&hazard.id.to_string().into(), &1.into()));
    }
    for mut other in others {
        assert!(other.until_tick(head).await.iter().all(|t| t.name != "entry"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_screen_hears_only_what_its_posts_are_about() {
    let site = Site::open().await;
    site.desk.register("云岫纺织", TOWN, "889", 4).await;
    let mut auditor = Screen::open(&site, &site.employed("shenji", "audit_admin", COUNTY).await, None).await;
    let mut technician =
        Screen::open(&site, &site.employed("xitong", "system_admin", COUNTY).await, None).await;
    site.desk.fire("889", 1).await;
    let head = site.desk.head().await;
    assert!(auditor.until_tick(head).await.is_empty());
    assert_eq!(technician.until_tick(head).await.iter().map(Told::summary).collect::<Vec<_>>(), ["terminal"]);
}

#[tokio::test(start_paused = true)]
async fn a_duty_check_is_told_from_the_order_to_its_end_wherever_its_list_may_be_read() {
    let site = Site::open().await;
    let unit = site.desk.register("云岫纺织", TOWN, "889", 1).await;
    let li = site.desk.on_duty("liqiang", "李强", "duty_officer", 2).await;
    let mut own = Screen::open(&site, &site.employed("zhoumin", "duty_officer", COUNTY).await, None).await;
    let mut neighbour =
        Screen::open(&site, &site.employed("linxi", "duty_officer", NEIGHBOUR).await, None).await;
    let mut auditor = Screen::open(&site, &site.employed("shenji", "audit_admin", COUNTY).await, None).await;
    let app = &site.desk.app;
    let before = site.desk.head().await;
    app.start_duty_checks(&li.grant, &[unit], 5, None).await.unwrap();
    for errand in app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap() {
        let confirmed = Ending::Answered { words: "终端已确认".to_owned(), raw: vec![0x40] };
        app.end_errand(errand.id, confirmed, 1).await.unwrap();
    }
    site.desk.clock.pass_s(5 * 60);
    app.reconcile_duty_checks().await.unwrap();
    let head = site.desk.head().await;
    let heard = own.until_tick(head).await;
    let states: Vec<_> = heard
        .iter()
        .filter(|t| t.name == "duty_check")
        .map(|t| (t.data["check"]["state"].as_str().unwrap(), t.data["check"]["running"].as_bool().unwrap()))
        .collect();
    assert_eq!(states, [("waiting", true), ("asked", true), ("missed", false)]);
    assert!(neighbour.until_tick(head).await.is_empty());
    assert!(auditor.until_tick(head).await.is_empty());
    let mut resumed = Screen::open(&site, &site.browser("zhoumin").await, Some(before)).await;
    let missed = resumed.until_tick(head).await;
    assert_eq!(missed.last().map(|t| t.data["check"]["state"].clone()), Some("missed".into()));
}

/// A screen with its live line.
struct Screen {
    body: BodyDataStream,
    text: String,
}

/// One event of the stream.
struct Told {
    name: String,
    id: Option<u64>,
    data: Value,
}

impl Told {
    /// What it is about, in two words.
    fn summary(&self) -> String {
        match self.data["change"].as_str() {
            Some(change) => format!("{} {change}", self.name),
            None => self.name.clone(),
        }
    }

    /// Which event of the whole story it is.
    fn place(&self) -> (u64, String) {
        (self.data["seq"].as_u64().unwrap(), self.summary())
    }

    fn read(block: &str) -> Self {
        let field = |name: &str| block.lines().find_map(|l| l.strip_prefix(name).map(str::trim_start));
        Self {
            name: field("event:").unwrap_or("message").to_owned(),
            id: field("id:").map(|id| id.parse().unwrap()),
            data: serde_json::from_str(field("data:").unwrap()).unwrap(),
        }
    }
}

impl Screen {
    async fn open(site: &Site, browser: &Browser, known: Option<u64>) -> Self {
        let mut request = browser.request("GET", "/api/v1/events", None);
        known.map(|seq| request.headers_mut().insert(HeaderName::from_static("last-event-id"), seq.into()));
        let response = site.send(request).await;
        assert_eq!(response.status(), 200);
        Self { body: Body::into_data_stream(response.into_body()), text: String::new() }
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let told = Told::read(block);
                self.text = rest.to_owned();
                return Some(told);
            }
            let piece = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// Everything up to the beat that says that all is told up to this number.
    async fn until_tick(&mut self, seq: u64) -> Vec<Told> {
        let mut heard = Vec::new();
        for _ in 0..10_000 {
            let told = self.next().await.expect("the stream goes on");
            match told.name.as_str() {
                "tick" if told.data["seq"].as_u64() >= Some(seq) => return heard,
                "tick" => {}
                _ => heard.push(told),
            }
        }
        panic!("no beat with number {seq}");
    }
}
