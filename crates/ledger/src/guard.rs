//! The guards (条件) of a move, each with the sentence that says what is missing and how to mend it.

use crate::{Linked, Scene, bounds};
use fengsui_base::{EntryId, Fields, Place, ids_in};
use fengsui_catalog::{Field, Guard};
use serde_json::Value;

/// Why a guard does not let the move pass; `None` when it does.
///
/// `fields` are the entry's fields with what the form says laid over them.
pub(crate) fn stops(scene: &Scene<'_>, guard: &Guard, fields: &Fields) -> Option<String> {
    match guard {
        Guard::Officers { field, least } => officers(scene, field, *least, fields),
        Guard::NotTheUnit => {
            let only_unit = scene.doer.posts.iter().all(|p| p.of_unit);
            only_unit.then(|| "责任单位不能办理自己的这一步，须由主管部门办理".to_owned())
        }
        Guard::Approved(mv) => {
            let approved = scene.life().is_some_and(|life| life.lately().any(|h| h.mv == *mv));
            let label = scene.kind.mv(mv).map_or(mv.as_str(), |m| m.label.as_str());
            (!approved).then(|| format!("还没有“{label}”"))
        }
        Guard::Filled(field) => is_empty(fields.get(field)).then(|| format!("还缺{}", label(scene, field))),
        Guard::Is { field, one_of } => is_one_of(scene, field, one_of, fields),
        Guard::Files { field, least } => {
            let there = fields.get(field).and_then(Value::as_array).map_or(0, Vec::len);
            (there < usize::from(*least))
                .then(|| format!("{}须有 {least} 张（份），现有 {there}", label(scene, field)))
        }
        Guard::InTime => {
            let due = scene.life()?.clock?.due;
            (scene.now >= due.at).then(|| "期限已过，不能再办这一步".to_owned())
        }
        Guard::PastDue => {
            let due = scene.life()?.clock?.due;
            let last = scene.calendar.last_day(&due);
            (scene.now < due.at).then(|| format!("期限还没有过（{last}），过后才能办这一步"))
        }
        Guard::Ahead(term) => {
            let due = scene.life()?.clock?.due;
            let late = scene.now >= scene.calendar.before(&due, *term);
            late.then(|| format!("须在到期前 {} 提出，已经过了", term.words()))
        }
        Guard::WithinM(most) => too_far(scene, *most),
        Guard::Linked { kind, least } => {
            let there = scene.linked.get(kind).copied().unwrap_or_default().total;
            (there < u64::from(*least))
                .then(|| format!("关联的{}须有 {least} 条，现有 {there} 条", kind_label(scene, kind)))
        }
        Guard::LinkedEnded(kind) => {
            let Linked { open, .. } = scene.linked.get(kind).copied().unwrap_or_default();
            (open > 0).then(|| format!("关联的{}还有 {open} 条没有办结", kind_label(scene, kind)))
        }
        Guard::NotWhoDid(mv) => {
            let life = scene.life()?;
            let same = life.hands.iter().rev().find(|h| h.mv == *mv)?.by == scene.doer.account;
            let label = scene.kind.mv(mv).map_or(mv.as_str(), |m| m.label.as_str());
            same.then(|| format!("“{label}”是您办的，这一步须由他人办理"))
        }
        Guard::Span { from, to, least, most, most_years } => {
            let apart = bounds::Apart { least: *least, most: *most, most_years: *most_years };
            bounds::span(scene, from, to, &apart, fields)
        }
        Guard::AtMost { field, most, by, limits } => {
            let (limit, of) = match by {
                None => (*most, None),
                Some(choice) => bounds::limit_of(scene, choice, limits, *most, fields),
            };
            bounds::at_most(scene, field, limit, of.as_deref(), fields)
        }
        Guard::InRange { field, pack, takes, on } => {
            let found = scene.bench().range(pack, takes, on.as_deref(), fields);
            found.and_then(|(_, range)| bounds::in_range(scene.kind, field, range, fields))
        }
        Guard::Below { field, threshold } => bounds::below(scene, field, *threshold, fields),
        Guard::Reaches { field, target } => bounds::reaches(scene, field, target, fields),
        Guard::Share { part, whole, least } => bounds::share(scene, part, whole, *least, fields),
    }
}

/// Why corrected fields leave the limits that the steps already made had to keep to: a fine that was decided within its
/// range is not corrected out of it. A limit that the correction does not touch is not asked again.
pub(crate) fn left_limits(scene: &Scene<'_>, fields: &Fields) -> Vec<Place> {
    let life = scene.life();
    let made = life.iter().flat_map(|life| &life.hands).filter_map(|hand| scene.kind.mv(&hand.mv));
    let changed = |name: &str| fields.get(name) != scene.entry.fields.get(name);
    let mut wrong = Vec::<Place>::new();
    for guard in made.flat_map(|mv| &mv.guards).filter(|guard| guard.is_limit()) {
        let Some(name) = guard.fields().find(|name| changed(name)) else { continue };
        let known = |detail: &String| wrong.iter().any(|place| place.detail == *detail);
        if let Some(detail) = stops(scene, guard, fields).filter(|detail| !known(detail)) {
            wrong.push(Place::new(format!("/{name}"), "field.limit", detail));
        }
    }
    wrong
}

pub(crate) fn label<'s>(scene: &'s Scene<'_>, field: &'s str) -> &'s str {
    scene.kind.field(field).map_or(field, |f: &Field| f.label.as_str())
}

fn kind_label(scene: &Scene<'_>, kind: &str) -> String {
    let follow = scene.kind.office.as_ref().and_then(|o| o.follows.iter().find(|f| f.kind == kind));
    follow.map_or_else(|| "记录".to_owned(), |f| format!("“{}”的记录", f.label))
}

pub(crate) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => false,
    }
}

fn officers(scene: &Scene<'_>, field: &str, least: u8, fields: &Fields) -> Option<String> {
    let mut ids = fields.get(field).map(ids_in).unwrap_or_default();
    ids.sort_unstable();
    ids.dedup();
    let certified = |id: &&EntryId| scene.people.get(id).is_some_and(|p| p.certificate.is_some());
    let there = ids.iter().filter(certified).count();
    (there < usize::from(least))
        .then(|| format!("{}须有 {least} 名持执法证的人员，现有 {there} 名", label(scene, field)))
}

fn is_one_of(scene: &Scene<'_>, field: &str, one_of: &[String], fields: &Fields) -> Option<String> {
    let said = fields.get(field).and_then(Value::as_str).unwrap_or_default();
    if one_of.iter().any(|v| v == said) {
        return None;
    }
    let known = scene.kind.field(field)?;
    let wanted = one_of.iter().map(|v| known.choice_label(v)).collect::<Vec<_>>().join("或");
    Some(format!("{}须是{wanted}", known.label))
}

fn too_far(scene: &Scene<'_>, most_m: u32) -> Option<String> {
    let place = scene.entry.position.or_else(|| scene.unit.and_then(|u| u.position));
    let Some(place) = place else {
        return Some("这里没有坐标，请先在单位或本条记录上标出位置".to_owned());
    };
    let Some(here) = scene.doer.position else {
        return Some(format!("须在现场 {most_m} 米以内办理，但没有取得您的定位"));
    };
    let away = place.distance_m(here);
    (away > f64::from(most_m)).then(|| format!("须在现场 {most_m} 米以内办理，您距现场约 {away:.0} 米"))
}
