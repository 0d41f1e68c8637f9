//! Posts (岗位), scope, and who may do what: one question, one answer, always with the reason.
//!
//! A person holds posts, each for a region. What a person may see is the union of those regions in which a
//! post of hers has the permission asked for; there is no permission without a region and none without a post.

pub mod totp;

use fengsui_base::{AccountId, Officer, Refusal, RefusalKind, Region, RegionCode, Scope};
use fengsui_catalog::{Catalog, Permission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A post held for a region, as stored with the account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Appointment {
    /// Post of the catalog.
    pub post: String,
    /// Region.
    pub region: RegionCode,
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
    permissions: Vec<Permission>,
    privileged: bool,
}

impl Grant {
    /// What an officer may do by her appointments. Appointments to posts or regions that no longer exist
    /// give nothing.
    pub fn of<'a>(
        officer: Officer,
        appointments: &[Appointment],
        catalog: &Catalog,
        region: impl Fn(RegionCode) -> Option<&'a Region>,
    ) -> Self {
        let power = |a: &Appointment| {
            let post = catalog.post(&a.post)?;
            let region = region(a.region)?.clone();
            Some(Power {
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

    /// Where the permission holds; empty when nowhere.
    pub fn scope(&self, permission: Permission) -> Scope {
        Scope::of(
            self.powers.iter().filter(|p| p.permissions.contains(&permission)).map(|p| p.region.range()),
        )
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
"#;

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
        let appointments: Vec<_> = posts
            .iter()
            .map(|(p, r)| Appointment { post: (*p).into(), region: r.parse().unwrap() })
            .collect();
        let officer = Officer { id: AccountId(EntryId::from_u128(1)), name: "周敏".into(), seat: None };
        Grant::of(officer, &appointments, &catalog, |code| regions.iter().find(|r| r.code == code))
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
