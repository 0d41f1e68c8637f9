//! What is asked of ledgers: filters of a list, forms of an entry and of a move, files.

use super::due_days;
use crate::page;
use crate::schema::LngLat;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use fengsui_app::{DueStanding, LEDGER_FILE_BYTES_MAX, LedgerColumns, LedgerFilter, LedgerForm, StoredFile};
use fengsui_base::{EntryId, Fields, Position, Refusal, Timestamp};
use fengsui_store::Sort;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest name of a file, in characters.
const NAME_CHARS_MAX: usize = 120;

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerParameters {
    /// Search text.
    q: Option<String>,
    /// States, separated by commas.
    states: Option<String>,
    /// `open`, `overdue`, `soon` or `closed`.
    standing: Option<String>,
    /// Only what the caller must do, of that what the other filters let through; no pages, at most 200.
    pub(crate) mine: Option<bool>,
    /// Only what is due on this day, as 2026-11-25.
    due: Option<String>,
    unit: Option<String>,
    region: Option<String>,
    /// `due`, `opened`, `title`, or the name of a field of the ledger that is declared `sort`. What says nothing in the field
    /// stands last, whichever the direction is.
    sort: Option<String>,
    descending: Option<bool>,
    /// `field:value`, several separated by commas.
    filter: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// Which columns of a ledger leave.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerExportParameters {
    /// `list` (as the list has them) or `all`.
    columns: Option<String>,
}

impl LedgerExportParameters {
    pub(crate) fn columns(&self) -> Result<LedgerColumns, Refusal> {
        match self.columns.as_deref() {
            None | Some("list") => Ok(LedgerColumns::List),
            Some("all") => Ok(LedgerColumns::All),
            Some(_) => Err(page::bad("/columns", "columns.unknown", "只能导出清单所列各列或全部各项")),
        }
    }
}

/// What a form says to open an entry.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EntryForm {
    /// The opening move.
    #[serde(rename = "move")]
    mv: String,
    /// The fields that it asks for.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    fields: Fields,
    /// Region of an entry that belongs to no unit.
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
}

/// What a form says to move or correct an entry.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MoveForm {
    /// The fields that the move asks for.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    fields: Fields,
    /// Where the person stands, or where the entry is.
    #[serde(default)]
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
}

/// A form that is still being filled in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LedgerTrial {
    /// The entry that it is about; none for a new one.
    #[serde(default)]
    entry: Option<String>,
    /// What the form says so far.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    fields: Fields,
    /// Region of a new entry that belongs to no unit.
    #[serde(default)]
    region: Option<String>,
}

/// Something said about an entry.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Remark {
    pub(crate) text: String,
}

/// A file that was stored, as a field of photos or files holds it.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileView {
    /// Name of its content.
    blob: String,
    /// Name of the file.
    name: String,
    /// Media type.
    #[serde(rename = "type")]
    media_type: String,
    /// How large it is, in bytes.
    size: usize,
    /// When it was stored.
    at: String,
}

impl FileView {
    pub(crate) fn of(stored: StoredFile, name: String, at: Timestamp) -> Self {
        let StoredFile { blob, media_type, bytes } = stored;
        Self { blob, name, media_type, size: bytes, at: at.to_string() }
    }
}

impl LedgerParameters {
    fn due_on(&self) -> Result<Option<jiff::civil::Date>, Refusal> {
        self.due.as_deref().map(|text| due_days::day(text, "/due")).transpose()
    }

    pub(crate) fn filter(self) -> Result<LedgerFilter, Refusal> {
        let split = |text: Option<String>| -> Vec<String> {
            let text = text.unwrap_or_default();
            text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let pair = |part: String| {
            let pair = part.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned()));
            pair.ok_or_else(|| page::bad("/filter", "filter.malformed", "筛选条件写法不对，请清除后重选"))
        };
        let due_on = self.due_on()?;
        Ok(LedgerFilter {
            text: self.q,
            states: split(self.states),
            due_on,
            standing: self.standing.as_deref().map(standing).transpose()?,
            unit: self.unit.as_deref().map(page::id).transpose()?,
            region: self.region.as_deref().map(|r| page::region(r, "/region")).transpose()?,
            fields: split(self.filter).into_iter().map(pair).collect::<Result<_, _>>()?,
            sort: sort(self.sort),
            descending: self.descending.unwrap_or(false),
            after: page::cursor(self.cursor.as_deref())?,
            limit: page::limit(self.limit),
        })
    }
}

fn standing(text: &str) -> Result<DueStanding, Refusal> {
    match text {
        "open" => Ok(DueStanding::Open),
        "overdue" => Ok(DueStanding::Overdue),
        "soon" => Ok(DueStanding::Soon),
        "closed" => Ok(DueStanding::Closed),
        _ => Err(page::bad("/standing", "standing.unknown", "时限状态只能是在办、逾期、临期、已结")),
    }
}

/// Every other word is a field; whether it orders a list is the ledger's to say.
fn sort(text: Option<String>) -> Sort {
    match text.as_deref() {
        Some("due") => Sort::Due,
        Some("title") => Sort::Title,
        Some("opened") | None => Sort::Opened,
        Some(field) => Sort::Field(field.to_owned()),
    }
}

impl EntryForm {
    pub(crate) fn read(self) -> Result<LedgerForm, Refusal> {
        let region = self.region.as_deref().map(|r| page::region(r, "/region")).transpose()?;
        Ok(LedgerForm { mv: self.mv, fields: self.fields, region, position: position(self.position)? })
    }
}

impl LedgerTrial {
    pub(crate) fn read(self) -> Result<(Option<EntryId>, LedgerForm), Refusal> {
        let region = self.region.as_deref().map(|r| page::region(r, "/region")).transpose()?;
        let entry = self.entry.as_deref().map(page::id).transpose()?;
        Ok((entry, LedgerForm { fields: self.fields, region, ..LedgerForm::default() }))
    }
}

impl MoveForm {
    pub(crate) fn read(self, mv: String) -> Result<LedgerForm, Refusal> {
        Ok(LedgerForm { mv, fields: self.fields, region: None, position: position(self.position)? })
    }
}

fn position(said: Option<[f64; 2]>) -> Result<Option<Position>, Refusal> {
    let read = said.map(|[lng, lat]| Position::new(lng, lat)).transpose();
    read.map_err(|_| {
        page::bad("/position", "position.range", "坐标超出范围：经度 −180 至 180，纬度 −90 至 90")
    })
}

/// The name of an uploaded file, percent-encoded in `X-File-Name`, without any folder.
pub(crate) fn file_name(headers: &HeaderMap) -> Result<String, Refusal> {
    let refused = || page::bad("/X-File-Name", "file.name", "文件名最多 120 个字，且不能没有");
    let text = headers.get("x-file-name").and_then(|v| v.to_str().ok()).ok_or_else(refused)?;
    let decoded = form_urlencoded::parse(format!("n={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned());
    let name = decoded.unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim().to_owned();
    let fits =
        !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(refused()) }
}

pub(crate) fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let sentence = format!("文件超过 {} MB，请压缩或分开上传", LEDGER_FILE_BYTES_MAX / 1024 / 1024);
        return page::bad("/file", "file.bytes", &sentence);
    }
    page::bad("/file", "file.unreadable", "文件没有收完整，请再传一次")
}
