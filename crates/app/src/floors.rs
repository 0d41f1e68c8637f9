//! Floors (楼层) of a unit: which there are, their plan pictures, and where on the plan each point is.
//!
//! A floor is there as soon as a point names it; an entry of its own it has once it has a plan. Where a point is
//! stands on the point, in fractions of the picture, so that a larger scan of the same plan moves nothing.

use crate::changes::Said;
use crate::committer::Settled;
use crate::entries::{field, text_is};
use crate::pictures::{self, Picture};
use crate::{App, Fault, KnownPoint, KnownTerminal};
use fengsui_access::Grant;
use fengsui_alarm::Conditions;
use fengsui_base::{Actor, AlarmId, EntryId, Place, PointId, Refusal, TerminalId, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{Blob, ChangeSet, Expect, KeyWrite, Numbering, PAGE_MAX, Query, StateKey, blob_key};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest name of a building or floor, in characters.
const NAME_CHARS_MAX: usize = 60;
/// Most points that are placed at a time.
pub const PLACES_MAX: usize = 500;
/// Most points of one floor that are shown.
pub const FLOOR_POINTS_MAX: usize = 5_000;

/// Building and floor by their names; the building is empty where a unit has only one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct FloorName {
    /// Building.
    pub building: String,
    /// Floor, such as `3 层` or `地下 1 层`.
    pub floor: String,
}

/// A floor with what is known of it.
#[derive(Clone, Debug, Default)]
pub struct FloorFacts {
    /// Its entry, once it has or had a plan.
    pub entry: Option<Entry>,
    /// How many points are registered on it.
    pub points: usize,
    /// How many of them have their place on the plan.
    pub placed: usize,
    /// The conditions of all its points together.
    pub conditions: Conditions,
    /// How many alarms of its points are open.
    pub open_alarms: usize,
}

/// A point of a floor with its state.
pub struct FloorPoint {
    /// As registered.
    pub point: Arc<KnownPoint>,
    /// Its terminal.
    pub terminal: TerminalId,
    /// Its conditions.
    pub conditions: Conditions,
    /// Whether its terminal was heard lately.
    pub online: Option<bool>,
    /// The gravest open alarm of it, with its level.
    pub alarm: Option<(AlarmId, u8)>,
}

/// A picture to be shown, with the floor it is the plan of.
pub struct Plan {
    /// Unit.
    pub unit: UnitId,
    /// Which floor.
    pub name: FloorName,
    /// The floor's entry.
    pub entry: Entry,
}

impl FloorName {
    /// The names as they are compared: without blanks around them.
    pub fn new(building: &str, floor: &str) -> Self {
        Self { building: building.trim().to_owned(), floor: floor.trim().to_owned() }
    }

    fn of(point: &KnownPoint) -> Self {
        let text = |name: &Option<String>| name.clone().unwrap_or_default();
        Self::new(&text(&point.place.building), &text(&point.place.floor))
    }

    fn of_entry(entry: &Entry) -> Self {
        let text = |name| field::<String>(entry, name).unwrap_or_default();
        Self::new(&text("building"), &text("floor"))
    }

    /// From the lowest floor up: the number in the name, negative below ground; names without one come last.
    pub fn height(&self) -> i32 {
        let digits: String =
            self.floor.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        let number = digits.parse().unwrap_or(i32::MAX);
        let below = ["地下", "负", "B", "b", "-"].iter().any(|sign| self.floor.starts_with(sign));
        if below && number != i32::MAX { -number } else { number }
    }

    fn key(&self, unit: UnitId) -> String {
        format!("floor/{unit}/{}/{}", self.building, self.floor)
    }

    fn check(&self) -> Result<(), Refusal> {
        let long = |text: &str| text.chars().count() > NAME_CHARS_MAX;
        if self.floor.is_empty() || long(&self.floor) || long(&self.building) {
            let sentence = format!("请写明楼层，楼栋和楼层名各不超过 {NAME_CHARS_MAX} 个字");
            return Err(wrong("/floor", "floor.name", &sentence));
        }
        Ok(())
    }
}

impl App {
    /// The floors of a unit, by building and from the lowest up.
    pub async fn floors(&self, grant: &Grant, unit: UnitId) -> Result<Vec<(FloorName, FloorFacts)>, Fault> {
        self.unit(grant, unit).await?;
        let mut floors: BTreeMap<FloorName, FloorFacts> = BTreeMap::new();
        for entry in self.floor_entries(grant, unit).await? {
            let name = FloorName::of_entry(&entry);
            floors.entry(name).or_default().entry = Some(entry);
        }
        for (terminal, key, point) in self.points_of(grant, unit) {
            let facts = floors.entry(FloorName::of(&point)).or_default();
            facts.points += 1;
            facts.placed += usize::from(point.plan.is_some());
            facts.conditions = joined(facts.conditions, conditions_of(&terminal, key));
            facts.open_alarms += usize::from(self.alarm_of(grant, terminal.id, point.id).is_some());
        }
        let mut all: Vec<_> = floors.into_iter().collect();
        all.sort_by_key(|(name, _)| (name.building.clone(), name.height(), name.floor.clone()));
        Ok(all)
    }

    async fn floor_entries(&self, grant: &Grant, unit: UnitId) -> Result<Vec<Entry>, Fault> {
        let mut query = Query::newest("floor", grant.may(Permission::UnitRead)?);
        query.filters = vec![text_is("unit", unit.to_string())];
        query.limit = PAGE_MAX;
        Ok(self.store.list(&query).await?.items)
    }

    /// The points of a unit's terminals that this person may see.
    fn points_of(
        &self,
        grant: &Grant,
        unit: UnitId,
    ) -> impl Iterator<Item = (Arc<KnownTerminal>, StateKey, Arc<KnownPoint>)> {
        let terminals = self.board.terminals_of(unit, &grant.scope(Permission::TerminalRead));
        terminals
            .into_iter()
            .flat_map(|t| t.points().into_iter().map(move |(key, point)| (t.clone(), key, point)))
    }

    /// The gravest open alarm of a point.
    fn alarm_of(&self, grant: &Grant, terminal: TerminalId, point: PointId) -> Option<(AlarmId, u8)> {
        let scope = grant.scope(Permission::AlarmRead);
        let open = self.board.open_alarms_of(terminal).into_iter();
        let of_point = open.filter(|a| a.alarm.raise.point == Some(point) && a.within(&scope));
        of_point.map(|a| (a.alarm.id, a.alarm.raise.class.level())).min_by_key(|(_, level)| *level)
    }

    /// The points of one floor, by label.
    pub async fn floor_points(
        &self,
        grant: &Grant,
        unit: UnitId,
        name: &FloorName,
    ) -> Result<Vec<FloorPoint>, Fault> {
        self.unit(grant, unit).await?;
        let here = self.points_of(grant, unit).filter(|(_, _, point)| FloorName::of(point) == *name);
        let mut points: Vec<_> = here
            .map(|(terminal, key, point)| FloorPoint {
                conditions: conditions_of(&terminal, key),
                online: terminal.online(self.now()),
                terminal: terminal.id,
                alarm: self.alarm_of(grant, terminal.id, point.id),
                point,
            })
            .collect();
        points.sort_by(|a, b| a.point.label.cmp(&b.point.label));
        points.truncate(FLOOR_POINTS_MAX);
        Ok(points)
    }

    /// Gives a floor its plan, or another one. What is uploaded is durable before the floor names it.
    pub async fn set_plan(
        &self,
        grant: &Grant,
        unit: UnitId,
        name: FloorName,
        bytes: Vec<u8>,
    ) -> Result<Entry, Fault> {
        let unit = self.unit_to_write(grant, unit).await?;
        name.check()?;
        let picture = pictures::look_in_turn(&self.pictures, bytes).await?;
        self.store.put_blob(self.epoch, picture.blob.clone(), self.now()).await?;
        self.change_floor(officer(grant), &unit, &name, Some(&picture)).await
    }

    /// Takes in the plan of a floor from a county's file; the unit is named by its code.
    pub async fn import_plan(
        &self,
        code: &str,
        name: FloorName,
        bytes: Vec<u8>,
        rule: &str,
    ) -> Result<(), Fault> {
        let id = self.store.key(&format!("unit/code/{code}")).await?.ok_or_else(Refusal::not_found)?;
        let unit = self.store.entry(&fengsui_base::Scope::everything(), id).await?;
        let unit = unit.ok_or_else(Refusal::not_found)?;
        name.check()?;
        let picture = pictures::look_in_turn(&self.pictures, bytes).await?;
        self.store.put_blob(self.epoch, picture.blob.clone(), self.now()).await?;
        self.change_floor(Self::by_rule(rule), &unit, &name, Some(&picture)).await.map(drop)
    }

    /// Takes a floor's plan away; where its points are stays known.
    pub async fn remove_plan(&self, grant: &Grant, unit: UnitId, name: FloorName) -> Result<Entry, Fault> {
        let unit = self.unit_to_write(grant, unit).await?;
        self.change_floor(officer(grant), &unit, &name, None).await
    }

    async fn unit_to_write(&self, grant: &Grant, unit: UnitId) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::UnitWrite)?;
        let entry = self.store.entry(&scope, unit.into()).await?.filter(|e| e.kind == "unit");
        Ok(entry.ok_or_else(Refusal::not_found)?)
    }

    async fn change_floor(
        &self,
        actor: Actor,
        unit: &Entry,
        name: &FloorName,
        picture: Option<&Picture>,
    ) -> Result<Entry, Fault> {
        let actor = &actor;
        let settled = self
            .settle(true, |_| async move {
                let key = name.key(UnitId(unit.id));
                let before = match self.store.key(&key).await? {
                    Some(id) => self.store.entry(&fengsui_base::Scope::everything(), id).await?,
                    None => None,
                };
                if before.is_none() && picture.is_none() {
                    return Err(Refusal::not_found().into());
                }
                Ok(self.floor_change(actor, unit, name, before, picture))
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    fn floor_change(
        &self,
        actor: &Actor,
        unit: &Entry,
        name: &FloorName,
        before: Option<Entry>,
        picture: Option<&Picture>,
    ) -> (ChangeSet, Entry) {
        let mut change = ChangeSet::new(self.now());
        let shown = before.as_ref().and_then(|e| field::<String>(e, "plan"));
        let mut entry = self.floor_entry(&mut change, unit, name, before);
        change.keys.extend(shown.map(|plan| KeyWrite::Free(blob_key(&plan, entry.id))));
        for field in ["plan", "plan_width", "plan_height"] {
            entry.fields.remove(field);
        }
        if let Some(picture) = picture {
            change.keys.push(KeyWrite::Take(blob_key(&picture.blob.name(), entry.id), entry.id));
            entry.fields.insert("plan".to_owned(), picture.blob.name().into());
            entry.fields.insert("plan_width".to_owned(), picture.width.into());
            entry.fields.insert("plan_height".to_owned(), picture.height.into());
        }
        let what = if picture.is_some() { "设置平面图" } else { "移除平面图" };
        let said = Said::new("floor.planned", format!("{} {what}", entry.title), "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        (change, entry)
    }

    /// The next version of the floor's entry, or its first.
    fn floor_entry(
        &self,
        change: &mut ChangeSet,
        unit: &Entry,
        name: &FloorName,
        before: Option<Entry>,
    ) -> Entry {
        if let Some(before) = before {
            return Entry { version: before.version + 1, region: unit.region, ..before };
        }
        let words = [unit.title.as_str(), &name.building, &name.floor];
        let title = words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        let fields = [
            ("unit", unit.id.to_string()),
            ("building", name.building.clone()),
            ("floor", name.floor.clone()),
        ];
        let fields = fields.into_iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_owned(), v.into()));
        let entry = self.fresh("floor", unit.region, &title, fields.collect(), change.at);
        let key = name.key(UnitId(unit.id));
        change.expects.push(Expect::Absent(key.clone()));
        change.keys.push(KeyWrite::Take(key, entry.id));
        entry
    }

    /// A picture of a unit: readable by whoever may read a floor of the unit that shows it.
    pub async fn unit_picture(&self, grant: &Grant, unit: UnitId, name: &str) -> Result<Blob, Fault> {
        self.unit(grant, unit).await?;
        let floors = self.floor_entries(grant, unit).await?;
        let shows = |e: &Entry| field::<String>(e, "plan").is_some_and(|plan| plan == name);
        if !floors.iter().any(shows) {
            return Err(Refusal::not_found().into());
        }
        Ok(self.store.blob(name).await?.ok_or_else(Refusal::not_found)?)
    }

    /// Says where points of a unit are on the plans of their floors, or that it is not known; all or none.
    pub async fn place_points(
        &self,
        grant: &Grant,
        unit: UnitId,
        places: Vec<(PointId, Option<[f64; 2]>)>,
    ) -> Result<usize, Fault> {
        let unit = self.unit_to_write(grant, unit).await?;
        if places.len() > PLACES_MAX {
            let sentence = format!("一次最多放 {PLACES_MAX} 个点位，请分几次保存");
            return Err(wrong("/places", "places.many", &sentence).into());
        }
        let inside = |at: &[f64; 2]| at.iter().all(|share| (0.0..=1.0).contains(share));
        if !places.iter().filter_map(|(_, at)| at.as_ref()).all(inside) {
            return Err(
                wrong("/places", "places.outside", "位置按图片宽、高的比例填写，在 0 到 1 之间").into()
            );
        }
        if places.is_empty() {
            return Ok(0);
        }
        // A point that is named twice is where it was put last.
        let places: BTreeMap<_, _> = places.into_iter().map(|(id, at)| (EntryId::from(id), at)).collect();
        let places = &places;
        self.settle(true, |_| {
            let unit = &unit;
            async move { Ok((self.places_change(grant, unit, places).await?, ())) }
        })
        .await?;
        Ok(places.len())
    }

    async fn places_change(
        &self,
        grant: &Grant,
        unit: &Entry,
        places: &BTreeMap<EntryId, Option<[f64; 2]>>,
    ) -> Result<ChangeSet, Fault> {
        let scope = grant.may(Permission::UnitWrite)?;
        let mut change = ChangeSet::new(self.now());
        let actor = officer(grant);
        let said = Said::new("unit.points_placed", format!("在平面图上放 {} 个点位", places.len()), "操作");
        change.journal.push(self.line_on(unit, change.at, &actor, said));
        for (id, at) in places {
            let entry = self.store.entry(&scope, *id).await?;
            let of_unit = |e: &Entry| e.kind == "point" && field::<EntryId>(e, "unit") == Some(unit.id);
            let entry = entry.filter(of_unit).ok_or_else(Refusal::not_found)?;
            change.entries.push(self.write(placed(entry, *at), Numbering::Keep));
        }
        Ok(change)
    }

    /// The plan on which an alarm's point lies, with where on it, when both are known.
    pub async fn alarm_plan(
        &self,
        grant: &Grant,
        id: AlarmId,
    ) -> Result<(Option<Plan>, Option<[f64; 2]>), Fault> {
        let view = self.alarm(grant, id).await?;
        let raise = &view.alarm.raise;
        let Some(unit) = raise.unit else { return Ok((None, None)) };
        let point = self.board.terminal(raise.terminal).and_then(|t| {
            t.points().into_iter().map(|(_, point)| point).find(|point| Some(point.id) == raise.point)
        });
        let text = |name: &Option<String>| name.clone().unwrap_or_default();
        let name = point.as_ref().map_or_else(
            || FloorName::new(&text(&raise.building), &text(&raise.floor)),
            |point| FloorName::of(point),
        );
        let scope = grant.scope(Permission::UnitRead);
        let entry = match self.store.key(&name.key(unit)).await? {
            Some(id) => self.store.entry(&scope, id).await?,
            None => None,
        };
        let plan = entry.filter(|e| e.fields.contains_key("plan")).map(|entry| Plan { unit, name, entry });
        Ok((plan, point.and_then(|point| point.plan)))
    }
}

fn officer(grant: &Grant) -> Actor {
    Actor::Officer(grant.officer().clone())
}

fn placed(mut entry: Entry, at: Option<[f64; 2]>) -> Entry {
    entry.version += 1;
    entry.fields.remove("plan_x");
    entry.fields.remove("plan_y");
    if let Some([x, y]) = at {
        entry.fields.insert("plan_x".to_owned(), x.into());
        entry.fields.insert("plan_y".to_owned(), y.into());
    }
    entry
}

fn conditions_of(terminal: &KnownTerminal, key: StateKey) -> Conditions {
    terminal.state(key).map_or(Conditions::default(), |state| Conditions::from_bits(state.bits))
}

fn joined(one: Conditions, other: Conditions) -> Conditions {
    Conditions::from_bits(one.bits() | other.bits())
}

fn wrong(pointer: &'static str, code: &'static str, sentence: &str) -> Refusal {
    Refusal::invalid(vec![Place::new(pointer, code, sentence)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_stand_in_the_order_of_the_building() {
        let height = |floor: &str| FloorName::new("主楼", floor).height();
        assert_eq!((height("地下 2 层"), height("B1"), height("1 层"), height("12F")), (-2, -1, 1, 12));
        assert_eq!(height("屋面"), i32::MAX);
    }
}
