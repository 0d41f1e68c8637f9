//! Posts (岗位), scope, and who may do what: one question, one answer, always with the reason.
//!
//! A person holds posts, each for a region, and some of them only for named units or for the units of a sector there.
//! What a person may see is the union of those regions and units for which a post of hers has the permission asked
//! for; there is no permission without a region and none without a post.

pub mod totp;

use fengsui_base::{AccountId, Officer, Refusal, RefusalKind, Region, RegionCode, Scope, UnitId};
use fengsui_catalog::{Catalog, HeldFor, Permission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A post held for a region, as stored with the account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Appointment {
    /// Post of the catalog.
    pub post: String,
    /// Region.
    pub region: RegionCode,
    /// The units (单位) it is held for, where the post is one of named units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitId>,
    /// The sectors (行业) it is held for, where the post is one of sectors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sectors: Vec<String>,
}

impl Appointment {
    /// A post for the whole of a region.
    pub fn of(post: impl Into<String>, region: RegionCode) -> Self {
        Self { post: post.into(), region, units: Vec::new(), sectors: Vec::new() }
    }
}

/// Where appointments point to, as the registers stand now.
pub trait Ground {
    /// A region that exists.
    fn region(&self, code: RegionCode) -> Option<Region>;
    /// Units of some sectors within a region.
    fn units_of(&self, region: &Region, sectors: &[String]) -> Vec<UnitId>;
}

/// A person who is signed in, with everything needed to answer what she may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    officer: Officer,
    powers: Vec<Power>,
}

/// One post with its region.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Power {
    /// Name of the post.
    pub post: String,
    /// Label of the post.
    pub label: String,
    /// Region it is held for.
    pub region: Region,
    /// What it is held for within the region.
    pub held_for: HeldFor,
    /// The units it is held for; of a post of sectors, those that have them now.
    pub units: Vec<UnitId>,
    /// The sectors (行业) it is held for.
    pub sectors: Vec<String>,
    permissions: Vec<Permission>,
    privileged: bool,
}

impl Grant {
    /// What an officer may do by her appointments. Appointments to posts or regions that no longer exist
    /// give nothing.
    pub fn of(
        officer: Officer,
        appointments: &[Appointment],
        catalog: &Catalog,
        ground: &impl Ground,
    ) -> Self {
        let power = |a: &Appointment| {
            let post = catalog.post(&a.post)?;
            let region = ground.region(a.region)?;
            let units = match post.held_for {
                HeldFor::Region => Vec::new(),
                HeldFor::Sector => ground.units_of(&region, &a.sectors),
                HeldFor::Unit => a.units.clone(),
            };
            Some(Power {
                held_for: post.held_for,
                units,
                sectors: a.sectors.clone(),
                post: post.name.clone(),
                label: post.label.clone(),
                region,
                permissions: post.permissions.clone(),
                privileged: post.privileged,
            })
        };
        Self { officer, powers: appointments.iter().filter_map(power).collect() }
    }

    /// The same grant at another seat.
    #[must_use]
    pub fn at_seat(mut self, seat: Option<u16>) -> Self {
        self.officer.seat = seat;
        self
    }

    /// The officer.
    pub fn officer(&self) -> &Officer {
        &self.officer
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        self.officer.id
    }

    /// The posts with their regions.
    pub fn powers(&self) -> &[Power] {
        &self.powers
    }

    /// Whether one of the posts is privileged.
    pub fn privileged(&self) -> bool {
        self.powers.iter().any(|p| p.privileged)
    }

    /// All permissions held anywhere.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        self.powers.iter().flat_map(|p| p.permissions.iter().copied()).collect()
    }

    /// Where the permission holds, and for which units beside; empty when nowhere.
    pub fn scope(&self, permission: Permission) -> Scope {
        let having = || self.powers.iter().filter(|p| p.permissions.contains(&permission));
        let whole = having().filter(|p| p.held_for == HeldFor::Region).map(|p| p.region.range());
        // A post of units never widens to its region, even when it names none.
        let named = having().filter(|p| p.held_for != HeldFor::Region).flat_map(|p| p.units.iter().copied());
        Scope::of(whole).with_units(named)
    }

    /// Where one of these posts is held, and for which units beside; empty when nowhere. Ledgers name posts, not permissions.
    pub fn scope_of_posts(&self, posts: &[String]) -> Scope {
        let having = || self.powers.iter().filter(|p| posts.contains(&p.post));
        let whole = having().filter(|p| p.held_for == HeldFor::Region).map(|p| p.region.range());
        let named = having().filter(|p| p.held_for != HeldFor::Region).flat_map(|p| p.units.iter().copied());
        Scope::of(whole).with_units(named)
    }

    /// The scope of a permission, or the refusal when it holds nowhere.
    pub fn may(&self, permission: Permission) -> Result<Scope, Refusal> {
        let scope = self.scope(permission);
        if !scope.is_empty() {
            return Ok(scope);
        }
        let posts = self.powers.iter().map(|p| p.label.as_str()).collect::<Vec<_>>().join("、");
        let sentence = if posts.is_empty() {
            "您还没有岗位，请联系安全管理员。".to_owned()
        } else if self.permissions().contains(&permission) {
            format!("现在没有归您管的单位（{posts}），请联系安全管理员。")
        } else {
            format!("您的岗位（{posts}）没有这项权限，需要时请联系安全管理员。")
        };
        Err(Refusal::new(RefusalKind::Forbidden, "access.denied", sentence))
    }

    /// Whether the permission holds in the region; outside its scope a thing does not exist.
    pub fn may_at(&self, permission: Permission, region: RegionCode) -> Result<(), Refusal> {
        let scope = self.may(permission)?;
        if scope.contains(region) { Ok(()) } else { Err(Refusal::not_found()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::{EntryId, Level};

    const POSTS: &str = r#"
[[post]]
name = "duty_officer"
label = "值班员"
description = "在席位上接警"
permissions = ["alarm.read", "alarm.handle"]

[[post]]
name = "township_officer"
label = "乡镇安全员"
description = "看本乡镇"
permissions = ["alarm.read"]

[[post]]
name = "unit_safety_manager"
label = "单位消防安全管理人"
description = "看本单位"
permissions = ["alarm.read"]
held_for = "unit"

[[post]]
name = "sector_department"
label = "行业部门"
description = "看本行业"
permissions = ["alarm.read"]
held_for = "sector"
"#;

    const SCHOOL: UnitId = UnitId(EntryId::from_u128(7));
    const MILL: UnitId = UnitId(EntryId::from_u128(8));

    struct Registers([Region; 2]);

    impl Ground for Registers {
        fn region(&self, code: RegionCode) -> Option<Region> {
            self.0.iter().find(|r| r.code == code).cloned()
        }

        fn units_of(&self, _: &Region, sectors: &[String]) -> Vec<UnitId> {
            if sectors.iter().any(|s| s == "教育") { vec![SCHOOL] } else { Vec::new() }
        }
    }

    fn region(code: &str, level: Level) -> Region {
        Region {
            code: code.parse().unwrap(),
            name: code.into(),
            level,
            parent: None,
            valid_from_on: None,
            valid_until_on: None,
        }
    }

    fn grant(posts: &[(&str, &str)]) -> Grant {
        let catalog = Catalog::load(&[("posts.toml", POSTS)]).unwrap();
        let regions = [region("990101000000", Level::County), region("990102001000", Level::Township)];
        let appointments: Vec<_> =
            posts.iter().map(|(p, r)| Appointment::of(*p, r.parse().unwrap())).collect();
        granted(&catalog, regions, &appointments)
    }

    fn granted(catalog: &Catalog, regions: [Region; 2], appointments: &[Appointment]) -> Grant {
        let officer = Officer { id: AccountId(EntryId::from_u128(1)), name: "周敏".into(), seat: None };
        Grant::of(officer, appointments, catalog, &Registers(regions))
    }

    #[test]
    fn a_post_of_units_or_sectors_holds_for_those_and_never_for_the_region() {
        let catalog = Catalog::load(&[("posts.toml", POSTS)]).unwrap();
        let county = "990101000000";
        let hold = |post: &str, units: Vec<UnitId>, sectors: &[&str]| {
            let sectors = sectors.iter().map(|s| (*s).to_owned()).collect();
            let appointment =
                Appointment { units, sectors, ..Appointment::of(post, county.parse().unwrap()) };
            let regions = [region(county, Level::County), region("990102001000", Level::Township)];
            granted(&catalog, regions, &[appointment])
        };
        let village: RegionCode = "990101001001".parse().unwrap();
        for (grant, unit) in [
            (hold("unit_safety_manager", vec![MILL], &["教育"]), MILL),
            (hold("sector_department", vec![MILL], &["教育"]), SCHOOL),
        ] {
            let scope = grant.may(Permission::AlarmRead).unwrap();
            assert!(scope.holds(village, Some(unit.into())) && !scope.contains(village));
            assert_eq!(scope.units().len(), 1);
            assert!(grant.may_at(Permission::AlarmRead, village).is_err());
        }
        for nothing in
            [hold("unit_safety_manager", vec![], &["教育"]), hold("sector_department", vec![MILL], &["卫生"])]
        {
            assert_eq!(nothing.may(Permission::AlarmRead).unwrap_err().code, "access.denied");
        }
        let whole = hold("township_officer", vec![MILL], &[]).may(Permission::AlarmRead).unwrap();
        assert!(whole.contains(village) && whole.units().is_empty());
    }

    #[test]
    fn each_permission_has_its_own_scope() {
        let grant = grant(&[("duty_officer", "990101000000"), ("township_officer", "990102001000")]);
        let neighbour: RegionCode = "990102001005".parse().unwrap();
        assert!(grant.may_at(Permission::AlarmRead, neighbour).is_ok());
        assert_eq!(grant.may_at(Permission::AlarmHandle, neighbour).unwrap_err().kind, RefusalKind::NotFound);
    }

    #[test]
    fn without_a_post_nothing_is_allowed_and_the_reason_is_said() {
        let refusal = grant(&[]).may(Permission::AlarmRead).unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_ref()), (RefusalKind::Forbidden, "access.denied"));
        assert!(
            grant(&[("duty_officer", "990101000000")])
                .may(Permission::AccountManage)
                .unwrap_err()
                .detail
                .contains("值班员")
        );
    }

    #[test]
    fn a_post_or_region_that_is_gone_gives_nothing() {
        assert!(
            grant(&[("janitor", "990101000000"), ("duty_officer", "990103000000")]).permissions().is_empty()
        );
    }
}
