//! Floors of a unit: a plan is uploaded, points are put on it, an alarm shows where it burns.

use crate::stores::{in_memory, on_each_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{Fault, FloorName, PLACES_MAX, SignedIn};
use fengsui_base::{PointId, UnitId};
use fengsui_store::Direction;

/// The smallest of PNGs: one grey pixel.
const PIXEL: &str = "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636800000082008177cd72b60000000049454e44ae426082";

pub(crate) fn pixel() -> Vec<u8> {
    hex::decode(PIXEL).unwrap()
}

fn code(fault: Fault) -> String {
    match fault {
        Fault::Refused(refusal) => {
            refusal.places.first().map_or(refusal.code.to_string(), |place| place.code.to_string())
        }
        Fault::Broken(error) => panic!("{error}"),
    }
}

/// A supervisor, and a unit with eight points on no named floor.
async fn given(desk: &Desk) -> (SignedIn, UnitId) {
    desk.employ("fanghuo", "防火员", "fire_supervisor", COUNTY).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 8).await;
    (desk.sign_in("fanghuo").await, unit)
}

async fn first_floor(desk: &Desk, by: &SignedIn, unit: UnitId) -> FloorName {
    desk.app.floors(&by.grant, unit).await.unwrap().remove(0).0
}

async fn points(desk: &Desk, by: &SignedIn, unit: UnitId) -> Vec<PointId> {
    let name = first_floor(desk, by, unit).await;
    let found = desk.app.floor_points(&by.grant, unit, &name).await.unwrap();
    found.iter().map(|p| p.point.id).collect()
}

#[tokio::test]
async fn a_plan_is_shown_until_it_is_replaced_and_the_old_one_goes_after_a_day() {
    on_each_store(async |desk| {
        let (by, unit) = given(&desk).await;
        let name = FloorName::new(" 主楼 ", "3 层");
        let first = desk.app.set_plan(&by.grant, unit, name.clone(), pixel()).await.unwrap();
        let shown = first.fields["plan"].as_str().unwrap().to_owned();
        assert_eq!(desk.app.unit_picture(&by.grant, unit, &shown).await.unwrap().media_type, "image/png");
        desk.clock.pass_s(2 * 86_400);
        assert_eq!(desk.app.reconcile_blobs().await.unwrap(), 0, "it is shown");
        let other = [pixel(), b"behind the end".to_vec()].concat();
        let same = desk.app.set_plan(&by.grant, unit, name.clone(), other).await.unwrap();
        assert_eq!(
            (same.fields["plan"].as_str(), same.version),
            (Some(shown.as_str()), 2),
            "the same pixels"
        );
        desk.app.remove_plan(&by.grant, unit, name.clone()).await.unwrap();
        let gone = desk.app.unit_picture(&by.grant, unit, &shown).await;
        assert_eq!(code(gone.unwrap_err()), "not_found", "nothing shows it any more");
        desk.clock.pass_s(86_401);
        assert_eq!(desk.app.reconcile_blobs().await.unwrap(), 1);
        let desk = desk.restart().await;
        let floors = desk.app.floors(&by.grant, unit).await.unwrap();
        let kept = floors.iter().find(|(known, _)| *known == name).unwrap();
        assert_eq!((floors.len(), kept.1.points), (2, 0), "the floor that was named, and that of the points");
    })
    .await;
}

#[tokio::test]
async fn a_placed_point_stays_where_it_is_and_its_alarm_shows_it() {
    on_each_store(async |desk| {
        let (by, unit) = given(&desk).await;
        let name = first_floor(&desk, &by, unit).await;
        let all = points(&desk, &by, unit).await;
        assert_eq!(all.len(), 8);
        let places = vec![(all[0], Some([0.25, 1.0])), (all[1], Some([0.0, 0.5]))];
        assert_eq!(desk.app.place_points(&by.grant, unit, places).await.unwrap(), 2);
        desk.app.place_points(&by.grant, unit, vec![(all[1], None)]).await.unwrap();
        let desk = desk.restart().await;
        let (_, facts) = desk.app.floors(&by.grant, unit).await.unwrap().remove(0);
        assert_eq!((facts.points, facts.placed), (8, 1));
        let fire = desk.fire("889", 1).await;
        let (plan, at) = desk.app.alarm_plan(&by.grant, fire.alarm.id).await.unwrap();
        assert_eq!((plan.is_none(), at), (true, Some([0.25, 1.0])), "no picture yet");
        if !name.floor.is_empty() {
            desk.app.set_plan(&by.grant, unit, name.clone(), pixel()).await.unwrap();
            let (plan, _) = desk.app.alarm_plan(&by.grant, fire.alarm.id).await.unwrap();
            assert_eq!(plan.unwrap().name, name);
        }
        let found = desk.app.floor_points(&by.grant, unit, &name).await.unwrap();
        let burning: Vec<_> = found.iter().filter_map(|p| p.alarm).collect();
        assert_eq!(burning, [(fire.alarm.id, 1)]);
    })
    .await;
}

#[tokio::test]
async fn places_and_plans_have_limits_and_belong_to_the_unit() {
    let desk = in_memory().await;
    let (by, unit) = given(&desk).await;
    let other = desk.register("云岫酒店", TOWN, "890", 1).await;
    desk.employ("linxian", "邻县", "fire_supervisor", NEIGHBOUR).await;
    let neighbour = desk.sign_in("linxian").await;
    let all = points(&desk, &by, unit).await;
    let refused = async |who: &SignedIn, unit: UnitId, places| {
        code(desk.app.place_points(&who.grant, unit, places).await.unwrap_err())
    };
    let at = |x: f64| vec![(all[0], Some([x, 0.5]))];
    assert_eq!(refused(&by, unit, at(1.01)).await, "places.outside");
    assert_eq!(refused(&by, unit, at(f64::NAN)).await, "places.outside");
    assert_eq!(refused(&by, unit, vec![(all[0], None); PLACES_MAX + 1]).await, "places.many");
    assert_eq!(refused(&by, other, at(0.5)).await, "not_found", "the point is of another unit");
    assert_eq!(refused(&neighbour, unit, at(0.5)).await, "not_found");
    let named = |floor: &str| FloorName::new("主楼", floor);
    let plan = async |who: &SignedIn, name, bytes| {
        desk.app.set_plan(&who.grant, unit, name, bytes).await.map_or_else(code, |_| String::new())
    };
    assert_eq!(plan(&neighbour, named("3 层"), pixel()).await, "not_found");
    assert_eq!(plan(&by, named(""), pixel()).await, "floor.name");
    assert_eq!(plan(&by, named(&"长".repeat(61)), pixel()).await, "floor.name");
    assert_eq!(plan(&by, named("3 层"), b"<svg/>".to_vec()).await, "picture.format");
    assert_eq!(plan(&by, named(&"长".repeat(60)), pixel()).await, "");
    let floors = fengsui_store::Query::newest("floor", fengsui_base::Scope::everything());
    let floors = fengsui_store::Query { direction: Direction::Ascending, ..floors };
    assert_eq!(desk.store.count(&floors).await.unwrap(), 1);
}
