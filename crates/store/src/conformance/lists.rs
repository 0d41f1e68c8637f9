//! Lists: which entries, in which order, from where, how many.

use super::given::{
    OTHER_VILLAGE, VILLAGE, active, at, id, indexed, placed, region, stored, titles, township,
};
use super::given::{unit, units, write, writes};
use crate::{
    Cursor, Direction, EntryWrite, Filter, INDEX_TEXT_CHARS, PAGE_MAX, Query, Sort, Store, TITLE_ORDER_CHARS,
    index_text,
};
use fengsui_base::{Scope, UnitId};
use fengsui_ledger::{Entry, IndexRow, IndexValue, UNIT_FIELD};

fn text(value: &str) -> IndexValue {
    IndexValue::Text(value.into())
}

fn by(filter: Filter) -> Query {
    Query { filters: vec![filter], ..units() }
}

fn is(field: &str, value: IndexValue) -> Query {
    by(Filter::Is(field.into(), value))
}

/// Only the kind asked for, only within the scope, whichever ranges it has.
pub async fn list_has_one_kind_within_the_scope(store: &dyn Store) {
    let epoch = active(store).await;
    let elsewhere = Entry { region: region(OTHER_VILLAGE), ..unit(2) };
    let alarm = Entry { kind: "alarm".into(), ..unit(3) };
    stored(store, epoch, writes(0, [write(unit(1)), write(elsewhere), write(alarm)])).await;
    assert_eq!(titles(store, &units()).await, ["单位2", "单位1"]);
    assert_eq!(titles(store, &Query::newest("alarm", Scope::everything())).await, ["单位3"]);
    assert_eq!(titles(store, &Query::newest("unit", township())).await, ["单位1"]);
    let both = Scope::of([VILLAGE..VILLAGE + 1, OTHER_VILLAGE..OTHER_VILLAGE + 1]);
    assert_eq!(titles(store, &Query::newest("unit", both)).await, ["单位2", "单位1"]);
    assert!(titles(store, &Query::newest("unit", Scope::nothing())).await.is_empty());
    assert_eq!(store.count(&Query::newest("unit", Scope::nothing())).await.unwrap(), 0);
}

/// A scope that names units finds them and what belongs to them in any region, beside its own regions, in every kind
/// of read, and nothing else of the places where they are.
pub async fn list_has_what_belongs_to_named_units(store: &dyn Store) {
    let epoch = active(store).await;
    let of_unit = |n: u128, owner: u128, state: &str| {
        let mut entry = Entry { kind: "terminal".into(), state: state.into(), ..unit(n) };
        entry.fields.insert(UNIT_FIELD.into(), id(owner).to_string().into());
        indexed(entry, UNIT_FIELD, text(&id(owner).to_string()))
    };
    let elsewhere = Entry { region: region(OTHER_VILLAGE), ..unit(3) };
    let bare = Entry { kind: "terminal".into(), ..unit(14) };
    let all = [write(unit(1)), write(unit(2)), write(elsewhere), write(bare)];
    let terminals = [of_unit(11, 1, "active"), of_unit(12, 2, "active"), of_unit(13, 1, "retired")];
    stored(store, epoch, writes(0, all.into_iter().chain(terminals))).await;
    let named = Scope::nothing().with_units([UnitId(id(1))]);
    let of = |kind: &str, scope: &Scope| Query::newest(kind, scope.clone());
    assert_eq!(titles(store, &of("unit", &named)).await, ["单位1"]);
    assert_eq!(titles(store, &of("terminal", &named)).await, ["单位13", "单位11"]);
    assert_eq!(store.count(&of("terminal", &named)).await.unwrap(), 2);
    let by_state = vec![("active".to_owned(), 1), ("retired".to_owned(), 1)];
    assert_eq!(store.tally(&of("terminal", &named), "state").await.unwrap(), by_state);
    for (states, expected) in
        [(vec!["active"], vec!["单位11"]), (vec!["active", "retired"], vec!["单位13", "单位11"])]
    {
        let states = states.into_iter().map(str::to_owned).collect();
        assert_eq!(titles(store, &Query { states, ..of("terminal", &named) }).await, expected);
    }
    let both = Scope::of([OTHER_VILLAGE..OTHER_VILLAGE + 1]).with_units([UnitId(id(1)), UnitId(id(2))]);
    assert_eq!(titles(store, &of("unit", &both)).await, ["单位3", "单位2", "单位1"]);
    assert_eq!(
        walk(store, Query { limit: 1, ..of("terminal", &both) }).await,
        ["单位13", "单位12", "单位11"]
    );
    for (n, seen) in [(1, true), (2, false), (3, false), (11, true), (12, false), (13, true), (14, false)] {
        assert_eq!(store.entry(&named, id(n)).await.unwrap().is_some(), seen, "{n}");
    }
    assert!(store.journal(&named, None, 10).await.unwrap().is_empty());
    assert!(store.entry(&Scope::nothing().with_units([]), id(1)).await.unwrap().is_none());
}

/// Any of the states asked for; none asked for means all.
pub async fn list_by_state(store: &dyn Store) {
    let epoch = active(store).await;
    let in_state = |n, state: &str| write(Entry { state: state.into(), ..unit(n) });
    let all = [in_state(1, "raised"), in_state(2, "taken"), in_state(3, "closed"), in_state(4, "raised")];
    stored(store, epoch, writes(0, all)).await;
    let states =
        |states: &[&str]| Query { states: states.iter().map(|s| (*s).to_owned()).collect(), ..units() };
    assert_eq!(titles(store, &states(&["raised"])).await, ["单位4", "单位1"]);
    assert_eq!(titles(store, &states(&["taken", "raised"])).await, ["单位4", "单位2", "单位1"]);
    assert_eq!(titles(store, &states(&["taken", "raised", "taken"])).await, ["单位4", "单位2", "单位1"]);
    let by_title =
        Query { sort: Sort::Title, direction: Direction::Ascending, ..states(&["taken", "raised"]) };
    assert_eq!(titles(store, &by_title).await, ["单位1", "单位2", "单位4"]);
    for limit in [1, 2] {
        let pages = walk(store, Query { limit, ..states(&["taken", "raised"]) }).await;
        assert_eq!(pages, ["单位4", "单位2", "单位1"]);
    }
    assert_eq!(store.count(&states(&["taken", "raised"])).await.unwrap(), 3);
    assert_eq!(titles(store, &states(&[])).await.len(), 4);
    assert!(titles(store, &states(&["none"])).await.is_empty());
}

/// Equality on each type of value; a number is not the text that looks like it; all filters must hold.
pub async fn list_by_indexed_field(store: &dyn Store) {
    let epoch = active(store).await;
    let row = IndexRow::of;
    let long = "长".repeat(3_000);
    let both = vec![row("class", text("学校")), row("floors", IndexValue::Integer(7))];
    let entries = [
        EntryWrite { index: both, ..write(unit(1)) },
        indexed(unit(2), "class", text("学校")),
        indexed(unit(3), "class", text("医院")),
        indexed(unit(4), "floors", text("7")),
        indexed(unit(5), "area", IndexValue::Real(0.1)),
        indexed(unit(6), "area", IndexValue::Real(0.0)),
        indexed(unit(7), "note", text(&long)),
    ];
    stored(store, epoch, writes(0, entries)).await;
    assert_eq!(titles(store, &is("class", text("学校"))).await, ["单位2", "单位1"]);
    assert_eq!(titles(store, &is("floors", IndexValue::Integer(7))).await, ["单位1"]);
    assert_eq!(titles(store, &is("floors", text("7"))).await, ["单位4"]);
    assert_eq!(titles(store, &is("area", IndexValue::Real(0.1))).await, ["单位5"]);
    assert_eq!(titles(store, &is("area", IndexValue::Real(-0.0))).await, ["单位6"]);
    assert_eq!(titles(store, &is("note", text(&long))).await, ["单位7"]);
    assert!(titles(store, &is("note", text(&format!("{long}长")))).await.is_empty());
    assert!(titles(store, &is("floors", IndexValue::Real(7.0))).await.is_empty());
    assert!(titles(store, &is("other", text("学校"))).await.is_empty());
    let mut two = is("class", text("学校"));
    two.filters.push(Filter::Is("floors".into(), IndexValue::Integer(7)));
    assert_eq!(titles(store, &two).await, ["单位1"]);
    assert_eq!(store.count(&two).await.unwrap(), 1);
}

/// The owner column and the exact title.
pub async fn list_by_owner_and_title(store: &dyn Store) {
    let epoch = active(store).await;
    let long = |last: &str| "题".repeat(TITLE_ORDER_CHARS) + last;
    let entries = [
        Entry { owner: Some(id(50)), ..unit(1) },
        Entry { owner: Some(id(51)), title: "单位".into(), ..unit(2) },
        Entry { title: long("甲"), ..unit(3) },
    ];
    stored(store, epoch, writes(0, entries.map(write))).await;
    assert_eq!(titles(store, &by(Filter::Owner(id(50)))).await, ["单位1"]);
    assert!(titles(store, &by(Filter::Owner(id(52)))).await.is_empty());
    assert_eq!(titles(store, &by(Filter::Title("单位".into()))).await, ["单位"]);
    assert!(titles(store, &by(Filter::Title("单".into()))).await.is_empty());
    assert_eq!(titles(store, &by(Filter::Title(long("甲")))).await.len(), 1);
    assert!(titles(store, &by(Filter::Title(long("乙")))).await.is_empty());
}

/// The range of opening is half-open.
pub async fn list_by_opening(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, (1..=4).map(|n| write(unit(n))))).await;
    let opened = |from, until| Query { opened: Some(at(from)..at(until)), ..units() };
    assert_eq!(titles(store, &opened(2, 4)).await, ["单位3", "单位2"]);
    assert!(titles(store, &opened(5, 9)).await.is_empty());
    assert_eq!(store.count(&opened(4, 5)).await.unwrap(), 1);
}

/// Only what is due within the half-open range, in every order; what has no deadline is left out.
pub async fn list_by_due_range(store: &dyn Store) {
    let epoch = active(store).await;
    let due = |n: i64| write(Entry { due_at: (n < 5).then(|| at(n)), ..unit(n.unsigned_abs().into()) });
    stored(store, epoch, writes(0, (1..=5).map(due))).await;
    let within = |from, until| Query { due: Some(at(from)..at(until)), ..units() };
    assert_eq!(titles(store, &within(2, 4)).await, ["单位3", "单位2"]);
    assert_eq!(walk(store, Query { sort: Sort::Due, limit: 1, ..within(0, 9) }).await.len(), 4);
    assert!(titles(store, &within(5, 9)).await.is_empty());
    assert_eq!(store.count(&within(4, 9)).await.unwrap(), 1);
    let ever = Query { due: Some(fengsui_base::Timestamp::MIN..at(3)), ..units() };
    assert_eq!(store.count(&ever).await.unwrap(), 2);
}

/// Counts by stretches from the start of the range, of what the query has and no more than asked for.
pub async fn deadlines_are_counted_by_the_step(store: &dyn Store) {
    let epoch = active(store).await;
    let due = |n: u128, second: Option<i64>, state: &str| {
        write(Entry { due_at: second.map(at), state: state.into(), ..unit(n) })
    };
    let entries = [
        due(1, Some(9), "active"),
        due(2, Some(10), "active"),
        due(3, Some(19), "closed"),
        due(4, Some(20), "active"),
        due(5, Some(45), "active"),
        due(6, Some(50), "active"),
        due(7, None, "active"),
    ];
    stored(store, epoch, writes(0, entries)).await;
    let step = std::time::Duration::from_secs(10);
    let range = Query { due: Some(at(10)..at(50)), ..units() };
    let tally = async |query: &Query, most| store.tally_due(query, step, most).await.unwrap();
    assert_eq!(tally(&range, 99).await, [(0, 2), (1, 1), (3, 1)]);
    assert_eq!(tally(&range, 3).await, [(0, 2), (1, 1)], "what is due first");
    let limited = Query { limit: 1, after: Some(Cursor::Opened(at(2), id(2))), ..range.clone() };
    assert_eq!(tally(&limited, 4).await, [(0, 2), (1, 1), (3, 1)], "page limits aside");
    let open = Query { states: vec!["active".into(), "none".into()], ..range.clone() };
    assert_eq!(tally(&open, 99).await, [(0, 1), (1, 1), (3, 1)]);
    assert!(tally(&Query { scope: Scope::nothing(), ..range }, 99).await.is_empty());
    assert!(tally(&units(), 99).await.is_empty(), "no range, nothing to count by");
}

async fn walk(store: &dyn Store, mut query: Query) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let page = store.list(&query).await.unwrap();
        assert!(page.items.len() <= usize::from(query.limit));
        seen.extend(page.items.into_iter().map(|e| e.title));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return seen,
        }
    }
}

/// Entries opened at one instant come in the order of their ids, in the direction asked for, page by page.
pub async fn list_is_ordered_both_ways_with_ties(store: &dyn Store) {
    let epoch = active(store).await;
    let opened = |n, second| write(Entry { opened_at: at(second), ..unit(n) });
    let entries = [opened(1, 9), opened(2, 5), opened(3, 5), opened(4, 5), opened(5, 1)];
    stored(store, epoch, writes(0, entries)).await;
    let ascending = ["单位5", "单位2", "单位3", "单位4", "单位1"];
    for limit in [1, 2, 5, 9] {
        let query = Query { direction: Direction::Ascending, limit, ..units() };
        assert_eq!(walk(store, query).await, ascending);
        let mut descending = walk(store, Query { limit, ..units() }).await;
        descending.reverse();
        assert_eq!(descending, ascending);
    }
}

/// Titles are compared by code point, whatever the locale of the database says, and long ones by their beginning.
pub async fn list_by_title_is_ordered_by_code_point(store: &dyn Store) {
    let epoch = active(store).await;
    let long = |last: &str| "龟".repeat(TITLE_ORDER_CHARS) + last;
    let names = ["单", "a", "B", "é", "𠮷", "b", "Ａ", "单元", "a b", "b", &long("乙"), &long("甲")];
    let entries = (1..).zip(names).map(|(n, name)| write(Entry { title: name.into(), ..unit(n) }));
    stored(store, epoch, writes(0, entries)).await;
    let mut ascending: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    ascending.sort_by_key(|t| t.chars().take(TITLE_ORDER_CHARS).collect::<String>());
    for limit in [1, 3, 20] {
        let query = Query { sort: Sort::Title, direction: Direction::Ascending, limit, ..units() };
        assert_eq!(walk(store, query.clone()).await, ascending);
        let mut descending = walk(store, Query { direction: Direction::Descending, ..query }).await;
        descending.reverse();
        assert_eq!(descending, ascending);
    }
}

/// By the time by which it must be done, ties by id, whatever the states are; what has no such time is left out, of the
/// count too.
pub async fn list_by_due_has_what_must_be_done_first(store: &dyn Store) {
    by_its_time(store, Sort::Due, |entry, second| Entry { due_at: second, ..entry }).await;
}

/// By the time at which its clock has something to say, in the same way.
pub async fn list_by_wake_has_what_calls_first(store: &dyn Store) {
    by_its_time(store, Sort::Wake, |entry, second| Entry { wake_at: second, ..entry }).await;
}

async fn by_its_time(
    store: &dyn Store,
    sort: Sort,
    set: impl Fn(Entry, Option<fengsui_base::Timestamp>) -> Entry,
) {
    let epoch = active(store).await;
    let due = |n: u128, second: Option<i64>, state: &str| {
        write(set(Entry { state: state.into(), ..unit(n) }, second.map(at)))
    };
    let entries = [
        due(1, Some(50), "active"),
        due(2, None, "active"),
        due(3, Some(10), "active"),
        due(4, Some(50), "retired"),
        due(5, Some(-5), "active"),
        due(6, Some(10), "retired"),
    ];
    stored(store, epoch, writes(0, entries)).await;
    let all = ["单位5", "单位3", "单位6", "单位1", "单位4"];
    let active = ["单位5", "单位3", "单位1"];
    let by_due = |states: &[&str], limit| {
        let states = states.iter().map(|s| (*s).to_owned()).collect();
        Query { sort: sort.clone(), direction: Direction::Ascending, states, limit, ..units() }
    };
    for limit in [1, 2, 9] {
        assert_eq!(walk(store, by_due(&[], limit)).await, all);
        assert_eq!(walk(store, by_due(&["active", "retired"], limit)).await, all);
        assert_eq!(walk(store, by_due(&["active"], limit)).await, active);
        let mut descending =
            walk(store, Query { direction: Direction::Descending, ..by_due(&["active"], limit) }).await;
        descending.reverse();
        assert_eq!(descending, active);
    }
    assert_eq!(store.count(&by_due(&[], 9)).await.unwrap(), 5);
    let within = Query { scope: township(), ..by_due(&["active"], 1) };
    assert_eq!(walk(store, within).await, active);
}

/// In the order of a field's places, ties by id; behind them what has none, in the order of its opening, whichever the
/// direction is; page by page over ties and over what has no place, and the same under every other condition.
pub async fn list_by_field_has_what_has_no_value_last(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, fined())).await;
    let by = |direction, limit| Query { sort: Sort::Field("fine".into()), direction, limit, ..units() };
    let orders = [
        (Direction::Ascending, [9, 1, 2, 7, 8, 4, 3, 5, 6]),
        (Direction::Descending, [8, 7, 2, 1, 9, 6, 5, 3, 4]),
    ];
    for (direction, order) in orders {
        let names = |keep: &dyn Fn(u128) -> bool| -> Vec<String> {
            order.into_iter().filter(|n| keep(*n)).map(|n| format!("单位{n}")).collect()
        };
        for limit in 1..=9 {
            let all = by(direction, limit);
            assert_eq!(walk(store, all.clone()).await, names(&|_| true), "{limit} a page");
            assert_eq!(store.count(&all).await.unwrap(), 9, "the list has everything");
            let closed = Query { states: vec!["closed".into()], ..all.clone() };
            assert_eq!(walk(store, closed.clone()).await, names(&is_closed), "{limit} a page");
            let both = Query { states: vec!["active".into(), "closed".into()], ..all.clone() };
            assert_eq!(walk(store, both).await, names(&|_| true), "{limit} a page");
            let within = Query { scope: township(), ..all.clone() };
            assert_eq!(walk(store, within).await, names(&|n| !is_elsewhere(n)), "{limit} a page");
            let filters = vec![Filter::Is("class".into(), text("学校"))];
            let schools = Query { filters, ..all.clone() };
            assert_eq!(walk(store, schools).await, names(&is_school), "{limit} a page");
            let opened = Query { opened: Some(at(3)..at(8)), ..all };
            let lately = |n| (3..8).contains(&opening(n));
            assert_eq!(walk(store, opened).await, names(&lately), "{limit} a page");
        }
        let other = Query { sort: Sort::Field("area".into()), ..by(direction, 2) };
        let by_opening = Query { direction, limit: 2, ..units() };
        assert_eq!(walk(store, other).await, walk(store, by_opening).await, "a field that nobody filled");
        let nowhere = Query { scope: Scope::nothing(), ..by(direction, 2) };
        assert!(walk(store, nowhere).await.is_empty());
    }
}

fn is_closed(n: u128) -> bool {
    n.is_multiple_of(2)
}

fn is_elsewhere(n: u128) -> bool {
    [2, 5].contains(&n)
}

fn is_school(n: u128) -> bool {
    [1, 3, 4, 7].contains(&n)
}

/// Not in the order of the ids: the fourth was opened first.
fn opening(n: u128) -> i64 {
    if n == 4 { 0 } else { i64::try_from(n).unwrap() }
}

/// Units of which five have a fine, three of these the same, and four none.
fn fined() -> Vec<EntryWrite> {
    let fines = [Some(50), Some(50), None, None, None, None, Some(50), Some(i64::MAX), Some(i64::MIN)];
    let one = |(n, fine): (u128, Option<i64>)| {
        let state = if is_closed(n) { "closed" } else { "active" };
        let place = region(if is_elsewhere(n) { OTHER_VILLAGE } else { VILLAGE });
        let entry = Entry { state: state.into(), region: place, opened_at: at(opening(n)), ..unit(n) };
        let mut write = fine.map_or_else(|| write(entry.clone()), |fine| placed(entry.clone(), "fine", fine));
        write.index.extend(is_school(n).then(|| IndexRow::of("class", text("学校"))));
        // A row to filter by has no place, and another field's place is not this one's.
        write.index.push(IndexRow::of("fine", IndexValue::Integer(7)));
        write.index.push(IndexRow { place: Some(-1), ..IndexRow::of("score", IndexValue::Integer(-1)) });
        write
    };
    (1..).zip(fines).map(one).collect()
}

/// An entry stands where its last version says, and once, though several rows of the field say a place.
pub async fn place_follows_the_entry(store: &dyn Store) {
    let epoch = active(store).await;
    let sorted = Query { sort: Sort::Field("fine".into()), direction: Direction::Ascending, ..units() };
    stored(store, epoch, writes(0, [(1, 10), (2, 20), (3, 30)].map(|(n, at)| placed(unit(n), "fine", at))))
        .await;
    assert_eq!(titles(store, &sorted).await, ["单位1", "单位2", "单位3"]);
    let second = |n| Entry { version: 2, ..unit(n) };
    let both = [placed(second(1), "fine", 40), placed(second(1), "fine", 5)].map(|one| one.index);
    let twice = EntryWrite { index: both.concat(), ..write(second(1)) };
    let unsaid = indexed(second(2), "fine", IndexValue::Integer(20));
    stored(store, epoch, writes(0, [twice, unsaid])).await;
    assert_eq!(titles(store, &sorted).await, ["单位3", "单位1", "单位2"]);
    stored(store, epoch, writes(0, [placed(Entry { version: 3, ..unit(2) }, "fine", 35)])).await;
    assert_eq!(titles(store, &sorted).await, ["单位3", "单位2", "单位1"]);
}

/// A page has at least one and at most [`PAGE_MAX`] entries, whatever is asked for.
pub async fn page_is_limited(store: &dyn Store) {
    let epoch = active(store).await;
    let most = usize::from(PAGE_MAX);
    stored(store, epoch, writes(0, (1..=u128::from(PAGE_MAX)).map(|n| write(unit(n))))).await;
    let page = store.list(&Query { limit: PAGE_MAX, ..units() }).await.unwrap();
    assert_eq!((page.items.len(), page.next), (most, None), "exactly a page has no next");
    stored(store, epoch, writes(0, [write(unit(1_000))])).await;
    let page = store.list(&Query { limit: u16::MAX, ..units() }).await.unwrap();
    assert_eq!(page.items.len(), most);
    assert_eq!(page.next, Some(Cursor::behind(&page.items[most - 1], &Sort::Opened, None)));
    assert_eq!(store.list(&Query { limit: 0, ..units() }).await.unwrap().items.len(), 1);
}

/// The next page starts behind the last one, whatever was inserted before or behind it meanwhile.
pub async fn cursor_stays_while_entries_are_inserted(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, [10, 20, 30, 40].map(|n| write(unit(n))))).await;
    let first = store.list(&Query { limit: 2, ..units() }).await.unwrap();
    stored(store, epoch, writes(0, [5, 15, 25, 35, 45].map(|n| write(unit(n))))).await;
    let rest = walk(store, Query { limit: 2, after: first.next, ..units() }).await;
    assert_eq!(rest, ["单位25", "单位20", "单位15", "单位10", "单位5"]);
}

/// A cursor that does not belong to the order is no reason to start again.
pub async fn cursor_of_another_order_finds_nothing(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, [write(unit(1))])).await;
    let after = Some(Cursor::Title(String::new(), id(0)));
    assert!(titles(store, &Query { after, ..units() }).await.is_empty());
    let after = Some(Cursor::Opened(at(0), id(0)));
    assert!(titles(store, &Query { after: after.clone(), sort: Sort::Title, ..units() }).await.is_empty());
    assert!(titles(store, &Query { after, sort: Sort::Due, ..units() }).await.is_empty());
    let after = Some(Cursor::Due(at(9), id(9)));
    assert!(titles(store, &Query { after, ..units() }).await.is_empty());
    let after = Some(Cursor::Wake(at(9), id(9)));
    assert!(titles(store, &Query { after, sort: Sort::Due, ..units() }).await.is_empty());
    let by_fine = Query { sort: Sort::Field("fine".into()), ..units() };
    let other = "area".to_owned();
    for after in [
        Cursor::Opened(at(9), id(9)),
        Cursor::Placed(other.clone(), i64::MAX, id(9)),
        Cursor::Unplaced(other, at(9), id(9)),
    ] {
        assert!(titles(store, &Query { after: Some(after), ..by_fine.clone() }).await.is_empty());
    }
    let after = Some(Cursor::Unplaced("fine".into(), at(9), id(9)));
    assert!(titles(store, &Query { after: after.clone(), ..units() }).await.is_empty());
    assert_eq!(
        titles(store, &Query { after, ..by_fine }).await,
        ["单位1"],
        "its own cursor finds what follows"
    );
}

/// Index rows are those of the last version: changed, added, gone.
pub async fn index_follows_the_entry(store: &dyn Store) {
    let epoch = active(store).await;
    let row = |field: &str, value: &str| IndexRow::of(field, text(value));
    let version = |version, index| writes(0, [EntryWrite { index, ..write(Entry { version, ..unit(1) }) }]);
    stored(store, epoch, version(1, vec![row("a", "1"), row("b", "1")])).await;
    stored(store, epoch, version(2, vec![row("a", "2"), row("b", "1"), row("c", "1")])).await;
    for (field, value, found) in [("a", "1", 0), ("a", "2", 1), ("b", "1", 1), ("c", "1", 1)] {
        assert_eq!(store.count(&is(field, text(value))).await.unwrap(), found, "{field}={value}");
    }
    stored(store, epoch, version(3, vec![row("c", "1")])).await;
    for (field, value, found) in [("a", "2", 0), ("b", "1", 0), ("c", "1", 1)] {
        assert_eq!(store.count(&is(field, text(value))).await.unwrap(), found, "{field}={value}");
    }
}

/// Several counts at once are what each would be alone, in their order, each no further than asked.
pub async fn counts_of_several_queries_are_those_of_each(store: &dyn Store) {
    let epoch = active(store).await;
    let elsewhere = Entry { region: region(OTHER_VILLAGE), state: "closed".into(), ..unit(2) };
    let due = Entry { due_at: Some(at(7)), ..unit(3) };
    let alarm = Entry { kind: "alarm".into(), ..unit(4) };
    let school = indexed(unit(5), "class", text("学校"));
    stored(store, epoch, writes(0, [write(unit(1)), write(elsewhere), write(due), write(alarm), school]))
        .await;
    let closed = Query { states: vec!["closed".into()], ..units() };
    let overdue = Query { due: Some(at(0)..at(8)), ..units() };
    let asked = [
        units(),
        Query::newest("alarm", Scope::everything()),
        Query::newest("unit", township()),
        closed,
        overdue,
        is("class", text("学校")),
        Query::newest("unit", Scope::nothing()),
        Query { limit: 1, ..units() },
    ];
    assert_eq!(store.counts(&asked, 9).await.unwrap(), [4, 1, 3, 1, 1, 1, 0, 4]);
    assert_eq!(store.counts(&asked, 2).await.unwrap(), [2, 1, 2, 1, 1, 1, 0, 2]);
    assert!(store.counts(&[], 9).await.unwrap().is_empty());
    // More of them than one statement of an engine takes.
    let many = vec![units(); 250];
    assert_eq!(store.counts(&many, 9).await.unwrap(), vec![4; 250]);
    let alone = store.count_to(&asked[2], 9).await.unwrap();
    assert_eq!(store.counts(&asked[2..3], 9).await.unwrap(), [alone]);
}

/// Counts and tallies are of all that match, not of a page.
pub async fn count_and_tally_look_past_the_page(store: &dyn Store) {
    let epoch = active(store).await;
    let unit_of =
        |n, state: &str, class: &str| indexed(Entry { state: state.into(), ..unit(n) }, "class", text(class));
    let entries = [
        unit_of(1, "active", "学校"),
        unit_of(2, "active", "医院"),
        unit_of(3, "closed", "学校"),
        indexed(unit(4), "class", IndexValue::Integer(3)),
    ];
    stored(store, epoch, writes(0, entries)).await;
    let long = "长".repeat(INDEX_TEXT_CHARS + 1);
    let alarm = Entry { kind: "alarm".into(), ..unit(5) };
    let twice = vec![IndexRow::of("class", text(&long)); 2];
    stored(store, epoch, writes(0, [EntryWrite { index: twice, ..write(alarm) }])).await;
    let alarms = Query::newest("alarm", Scope::everything());
    assert_eq!(store.tally(&alarms, "class").await.unwrap(), [(index_text(&long).into_owned(), 1)]);
    let after = Some(Cursor::Opened(at(2), id(2)));
    let query = Query { limit: 1, after, ..units() };
    assert_eq!(store.count(&query).await.unwrap(), 4);
    for (most, counted) in [(0, 0), (3, 3), (4, 4), (5, 4)] {
        assert_eq!(store.count_to(&query, most).await.unwrap(), counted, "counted to {most}");
    }
    let two_states = Query { states: ["active", "closed"].map(str::to_owned).to_vec(), ..query.clone() };
    assert_eq!(store.count_to(&two_states, 3).await.unwrap(), 3);
    let tally = |pairs: &[(&str, u64)]| pairs.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(store.tally(&query, "state").await.unwrap(), tally(&[("active", 3), ("closed", 1)]));
    assert_eq!(store.tally(&query, "class").await.unwrap(), tally(&[("医院", 1), ("学校", 2)]));
    let active = Query { states: vec!["active".into()], ..query };
    assert_eq!(store.tally(&active, "class").await.unwrap(), tally(&[("医院", 1), ("学校", 1)]));
    assert!(store.tally(&active, "none").await.unwrap().is_empty());
}
