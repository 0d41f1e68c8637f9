//! Telling the stories: every act by whom it says, at its time, with what its form means in the county.

use super::attachments::Attachments;
use super::days::Days;
use super::text::{Act, HERE, day_of};
use super::{CHINA, Remembered};
use anyhow::{Context, Result, anyhow};
use fengsui_access::Grant;
use fengsui_app::{App, Fault, LedgerForm, PaperAsk, PaperTemplates, PastAct};
use fengsui_base::{EntryId, Position, RegionCode, Timestamp};
use fengsui_catalog::{FieldType, Kind};
use fengsui_sim::county::County;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a form calls the region of an entry that belongs to no unit.
const REGION: &str = "region";
/// What an act that issues a paper calls the entry it is issued from.
const FROM: &str = "from";
/// What it calls the paper.
const PAPER: &str = "paper";

/// A unit as stories need it.
struct Known {
    id: EntryId,
    position: Option<Position>,
}

/// Tells stories.
pub(super) struct Teller<'a> {
    app: &'a Arc<App>,
    templates: &'a PaperTemplates,
    cast: BTreeMap<String, Grant>,
    units: BTreeMap<String, Known>,
    regions: BTreeMap<String, RegionCode>,
    attachments: Attachments,
    /// What each telling calls its entries: ledger and id.
    entries: BTreeMap<(usize, String), (String, EntryId)>,
    /// When which clock speaks next.
    wakes: BTreeSet<(Timestamp, EntryId)>,
    remembered: Remembered,
}

impl<'a> Teller<'a> {
    /// Signs everybody in and learns what the county has.
    pub(super) async fn gathered(
        app: &'a Arc<App>,
        templates: &'a PaperTemplates,
        county: &County,
        people: &[(&str, &str)],
        password: &str,
    ) -> Result<Self> {
        let mut cast = BTreeMap::new();
        for (name, login) in people {
            let signed_in = app.log_in(login, password.to_owned(), "本机").await?.signed_in;
            cast.insert((*name).to_owned(), signed_in.grant);
        }
        let mut units = BTreeMap::new();
        for unit in &county.units {
            let Some(id) = app.unit_with_code(&unit.code).await? else { continue };
            let at = unit.buildings.first().map(|b| b.position);
            let position = at.and_then(|p| Position::new(p.lon, p.lat).ok());
            units.insert(unit.name.clone(), Known { id: id.into(), position });
        }
        Ok(Self {
            app,
            templates,
            cast,
            units,
            regions: app.board().regions().into_iter().map(|r| (r.name, r.code)).collect(),
            attachments: Attachments::default(),
            entries: BTreeMap::new(),
            wakes: BTreeSet::new(),
            remembered: Remembered::default(),
        })
    }

    /// What was left behind.
    pub(super) fn remembered(self) -> Remembered {
        self.remembered
    }

    /// Lets all clocks say what was due by then, each at its own time.
    pub(super) async fn catch_up(&mut self, until: Timestamp) -> Result<()> {
        while let Some((at, id)) = self.wakes.first().copied().filter(|(at, _)| *at <= until) {
            self.wakes.remove(&(at, id));
            let next = self.app.demonstration_call(id, at).await?;
            // A clock that was due speaks once; whatever it says next is later.
            self.wakes.extend(next.filter(|next| *next > at).map(|next| (next, id)));
        }
        Ok(())
    }

    /// Tells one act; what lies in the future has not happened, and a refused act is remembered.
    pub(super) async fn tell(&mut self, act: &Act, days: &Days<'_>) -> Result<()> {
        let at = CHINA.to_timestamp(act.at)?;
        if at > self.app.now() {
            return Ok(());
        }
        self.catch_up(at).await?;
        if let Err(error) = self.done(act, days, at).await {
            tracing::warn!(
                place = act.place,
                error = format!("{error:#}"),
                "a story was not told to its end"
            );
            self.remembered.refused.push(format!("{}：{error:#}", act.place));
        }
        Ok(())
    }

    async fn done(&mut self, act: &Act, days: &Days<'_>, at: Timestamp) -> Result<()> {
        let known = self.entry(act.telling, &act.called);
        let (kind, id) = match (&act.opens, known) {
            (Some(kind), _) => (kind.clone(), None),
            (None, Some((kind, id))) => (kind, Some(id)),
            (None, None) => return Err(anyhow!("还没有“{}”", act.called)),
        };
        let app = self.app;
        let ledger = app.catalog().kind(&kind).with_context(|| format!("没有台账 {kind}"))?;
        let grant = self.cast.get(&act.who).cloned().with_context(|| format!("没有人员 {}", act.who))?;
        let done = if ledger.mv(&act.mv).is_some_and(|mv| mv.issues) {
            self.issued(act, &grant, at).await?
        } else {
            let form = self.form(ledger, act, days, &grant).await?;
            app.demonstration_act(&grant, &kind, id, form, at).await.map_err(refused)?
        };
        if act.opens.is_some() {
            self.remembered.entries += 1;
            self.entries.insert((act.telling, act.called.clone()), (kind, done.entry.id));
        }
        self.wakes.extend(done.wakes.into_iter().filter_map(|(id, wake)| wake.map(|wake| (wake, id))));
        Ok(())
    }

    /// Issues a paper from an entry of the story: `文书=issued_paper.issue from=@通知书 paper=order_by_date`.
    async fn issued(&self, act: &Act, grant: &Grant, at: Timestamp) -> Result<PastAct> {
        let said = |name: &str| {
            let found = act.fields.iter().find(|(known, _)| known == name);
            found.map(|(_, text)| text.as_str()).with_context(|| format!("缺 {name}"))
        };
        let called = said(FROM)?.trim_start_matches('@');
        let (kind, id) = self.entry(act.telling, called).with_context(|| format!("还没有“{called}”"))?;
        let version = self.app.ledger_entry(grant, &kind, id).await.map_err(refused)?.version;
        let ask = PaperAsk { kind, id, version, paper: said(PAPER)?.to_owned(), request: None };
        let issued = self.app.demonstration_paper(grant, self.templates, ask, at).await;
        let entry = issued.map_err(refused)?;
        Ok(PastAct { wakes: vec![(entry.id, entry.wake_at)], entry })
    }

    /// The entry that a telling calls so, or one of those that are told once.
    fn entry(&self, telling: usize, called: &str) -> Option<(String, EntryId)> {
        let own = self.entries.get(&(telling, called.to_owned()));
        own.or_else(|| self.entries.get(&(0, called.to_owned()))).cloned()
    }

    async fn form(&mut self, kind: &Kind, act: &Act, days: &Days<'_>, grant: &Grant) -> Result<LedgerForm> {
        let mut form = LedgerForm { mv: act.mv.clone(), ..LedgerForm::default() };
        if act.opens.is_some() {
            form.region = self.regions.get("云岫县").copied();
        }
        for (name, text) in &act.fields {
            match (name.as_str(), kind.field(name)) {
                (HERE, _) => form.position = self.units.get(text).and_then(|unit| unit.position),
                (_, Some(field)) => {
                    let value = self.value(field.kind, act, text, days, grant, kind).await?;
                    form.fields.insert(name.clone(), value);
                }
                (REGION, None) => {
                    let region = self.regions.get(text).with_context(|| format!("没有辖区 {text}"))?;
                    form.region = Some(*region);
                }
                (_, None) => return Err(anyhow!("{} 没有 {name} 这一项", kind.label)),
            }
        }
        Ok(form)
    }

    async fn value(
        &mut self,
        field: FieldType,
        act: &Act,
        text: &str,
        days: &Days<'_>,
        grant: &Grant,
        kind: &Kind,
    ) -> Result<Value> {
        let wrong = || anyhow!("看不懂：{text}");
        let day = |text: &str| days.day(text, Some(day_of(act))).ok_or_else(wrong);
        let at = CHINA.to_timestamp(act.at)?;
        Ok(match field {
            FieldType::Integer | FieldType::Money => json!(text.parse::<i64>().map_err(|_| wrong())?),
            FieldType::Real => json!(text.parse::<f64>().map_err(|_| wrong())?),
            FieldType::Truth => json!(text == "是"),
            FieldType::Date => day(text)?.to_string().into(),
            FieldType::Instant => {
                let (on, time) = text.split_once(' ').ok_or_else(wrong)?;
                let time: jiff::civil::Time = format!("{time}:00").parse().map_err(|_| wrong())?;
                CHINA.to_timestamp(day(on)?.to_datetime(time))?.to_string().into()
            }
            FieldType::Person => self.person(text)?,
            FieldType::People => text.split(',').map(|name| self.person(name)).collect::<Result<Value>>()?,
            FieldType::Link => self.linked(act.telling, text)?,
            FieldType::Links => {
                text.split(',').map(|name| self.linked(act.telling, name)).collect::<Result<Value>>()?
            }
            FieldType::Photos => self.attachments.photos(self.app, grant, &kind.name, text, at).await?,
            FieldType::Files => self.attachments.files(self.app, grant, &kind.name, text, at).await?,
            FieldType::Region => {
                self.regions.get(text).map(|code| code.to_string().into()).ok_or_else(wrong)?
            }
            FieldType::List | FieldType::Record => serde_json::from_str(text)?,
            FieldType::Text | FieldType::Choice => text.into(),
        })
    }

    fn person(&self, name: &str) -> Result<Value> {
        let grant = self.cast.get(name).with_context(|| format!("没有人员 {name}"))?;
        Ok(grant.account().to_string().into())
    }

    /// The entry that a value names: `@检查`, or a unit by its name.
    fn linked(&self, telling: usize, text: &str) -> Result<Value> {
        let id = match text.strip_prefix('@') {
            Some(called) => self.entry(telling, called).map(|(_, id)| id),
            None => self.units.get(text).map(|unit| unit.id),
        };
        id.map(|id| id.to_string().into()).with_context(|| format!("没有 {text}"))
    }
}

fn refused(fault: Fault) -> anyhow::Error {
    anyhow!("{}", in_words(&fault.refusal()))
}

/// A refusal with every place it names.
fn in_words(refusal: &fengsui_base::Refusal) -> String {
    let places: Vec<_> = refusal.places.iter().map(|p| format!("{} {}", p.pointer, p.detail)).collect();
    format!("{} {}", refusal.detail, places.join("；")).trim_end().to_owned()
}
