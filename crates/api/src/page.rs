//! What all resources share: cursors as opaque text, limits, versions in `ETag` and `If-Match`, typed bodies.

use crate::problem::Denied;
use crate::schema::{ActionName, RegionLevel, TimelineIcon};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use fengsui_base::{EntryId, Place, Refusal, RefusalKind, RegionCode, Timestamp};
use fengsui_ledger::{Entry, JournalLine};
use fengsui_store::{Cursor, JournalRow, PAGE_MAX};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// How many items a page has when nobody says.
const PAGE_DEFAULT: u16 = 50;
/// Longest `Idempotency-Key`, in bytes.
const KEY_BYTES_MAX: usize = 100;

/// The page asked for.
pub(crate) fn limit(asked: Option<u16>) -> u16 {
    asked.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)
}

/// A cursor as text.
pub(crate) fn cursor_text(cursor: &Cursor) -> String {
    let plain = match cursor {
        Cursor::Opened(at, id) => format!("o {} {id}", at.as_microsecond()),
        Cursor::Title(title, id) => format!("t {id} {title}"),
        Cursor::Due(at, id) => format!("d {} {id}", at.as_microsecond()),
        Cursor::Wake(at, id) => format!("w {} {id}", at.as_microsecond()),
        Cursor::Placed(field, place, id) => format!("p {place} {id} {field}"),
        Cursor::Unplaced(field, at, id) => format!("u {} {id} {field}", at.as_microsecond()),
    };
    hex::encode(plain)
}

/// A cursor from its text.
pub(crate) fn cursor(text: Option<&str>) -> Result<Option<Cursor>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    read_cursor(text).map(Some).ok_or_else(|| bad("/cursor", "cursor.unknown", "翻页位置不对，请回到第一页"))
}

fn read_cursor(text: &str) -> Option<Cursor> {
    let plain = String::from_utf8(hex::decode(text).ok()?).ok()?;
    let mut parts = plain.splitn(3, ' ');
    let (kind, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let at = || Timestamp::from_microsecond(second.parse().ok()?).ok();
    let id_and_field =
        || third.split_once(' ').and_then(|(id, field)| Some((id.parse().ok()?, field.to_owned())));
    match kind {
        "o" => Some(Cursor::Opened(at()?, third.parse().ok()?)),
        "d" => Some(Cursor::Due(at()?, third.parse().ok()?)),
        "w" => Some(Cursor::Wake(at()?, third.parse().ok()?)),
        "t" => Some(Cursor::Title(third.to_owned(), second.parse().ok()?)),
        "p" => id_and_field().and_then(|(id, field)| Some(Cursor::Placed(field, second.parse().ok()?, id))),
        "u" => id_and_field().and_then(|(id, field)| Some(Cursor::Unplaced(field, at()?, id))),
        _ => None,
    }
}

/// A place in the sequence as text, for lists that follow it.
pub(crate) fn place_text(seq: u64, line: u32) -> String {
    format!("{seq}.{line}")
}

/// A place in the sequence from its text.
pub(crate) fn place(text: Option<&str>) -> Result<Option<(u64, u32)>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let parts = text.split_once('.').and_then(|(s, l)| Some((s.parse().ok()?, l.parse().ok()?)));
    parts.map(Some).ok_or_else(|| bad("/cursor", "cursor.unknown", "翻页位置不对，请回到第一页"))
}

/// A refusal of one input.
pub(crate) fn bad(pointer: &'static str, code: &'static str, sentence: &str) -> Refusal {
    Refusal::invalid(vec![Place::new(pointer, code, sentence)])
}

/// An id from a path or a parameter.
pub(crate) fn id(text: &str) -> Result<EntryId, Refusal> {
    text.parse().map_err(|_| Refusal::not_found())
}

/// An id from a body.
pub(crate) fn id_in(text: &str, pointer: &'static str) -> Result<EntryId, Refusal> {
    if text.is_empty() {
        return Err(bad(pointer, "field.required", "还没有选择，请选择一个"));
    }
    text.parse().map_err(|_| bad(pointer, "id.malformed", "编号不对，请重新选择"))
}

/// A region code from a body or a parameter.
pub(crate) fn region(text: &str, pointer: &'static str) -> Result<RegionCode, Refusal> {
    text.parse().map_err(|_| bad(pointer, "region.malformed", "辖区代码是十二位数字"))
}

/// The `Idempotency-Key` of a create.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(text) if !text.is_empty() && text.len() <= KEY_BYTES_MAX => Ok(Some(text.to_owned())),
        _ => Err(bad("/Idempotency-Key", "key.malformed", "请求编号不对，请刷新后再试")),
    }
}

/// The version in `If-Match`.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<u64, Refusal> {
    let text = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok());
    let version = text.and_then(|t| t.trim().trim_matches('"').parse().ok());
    version.ok_or_else(|| {
        Refusal::new(RefusalKind::Conflict, "version.missing", "请带上所改记录的版本（If-Match）。")
    })
}

/// The `ETag` of a version.
pub(crate) fn etag(version: u64) -> [(HeaderName, HeaderValue); 1] {
    let value =
        HeaderValue::from_str(&format!("\"{version}\"")).expect("digits in quotes are a header value");
    [(header::ETAG, value)]
}

/// A JSON body, refused in Chinese when it is none.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Denied;

    async fn from_request(request: Request, state: &S) -> Result<Self, Denied> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(Denied(unreadable(&rejection))),
        }
    }
}

/// The reason in the parser's own words is a fact for whoever wrote the request, not a sentence for the screen.
fn unreadable(rejection: &JsonRejection) -> Refusal {
    let (code, sentence) = match rejection {
        _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            ("body.too_large", format!("内容超过 {} KiB，请分开提交。", crate::BODY_BYTES_MAX / 1024))
        }
        JsonRejection::JsonDataError(_) => {
            ("body.fields", "有内容缺少或格式不对，请核对后再提交。".to_owned())
        }
        JsonRejection::MissingJsonContentType(_) => {
            ("body.type", "请按 JSON 提交（Content-Type: application/json）。".to_owned())
        }
        JsonRejection::JsonSyntaxError(_) => {
            ("body.syntax", "内容不是完整的 JSON，请核对后再提交。".to_owned())
        }
        _ => ("body.unreadable", "内容没有收完整，请再提交一次。".to_owned()),
    };
    Refusal::new(RefusalKind::Invalid, code, sentence).with("reason", rejection.body_text())
}

/// Parameters of a list, refused in Chinese when they are malformed.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Parameters<T> {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denied> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(v)| Self(v))
            .map_err(|_| Denied(bad("/query", "query.malformed", "筛选条件写法不对，请清除后重选")))
    }
}

/// An id in the path; what is no id does not exist.
pub(crate) struct InPath(pub(crate) EntryId);

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denied> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Denied(Refusal::not_found()))?;
        Ok(Self(id(&text)?))
    }
}

/// A region as every resource shows it.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct RegionRef {
    /// Twelve digits.
    pub(crate) code: String,
    /// Name.
    pub(crate) name: String,
    /// Level of administration.
    #[schema(value_type = RegionLevel)]
    pub(crate) level: String,
}

impl RegionRef {
    pub(crate) fn of(region: &fengsui_base::Region) -> Self {
        Self { code: region.code.to_string(), name: region.name.clone(), level: level(region.level) }
    }

    /// The region with this code, by its code alone when nobody knows it.
    pub(crate) fn find(app: &fengsui_app::App, code: RegionCode) -> Self {
        match app.board().region(code) {
            Some(region) => Self::of(&region),
            None => Self { code: code.to_string(), name: code.to_string(), level: "county".to_owned() },
        }
    }
}

fn level(level: fengsui_base::Level) -> String {
    serde_json::to_value(level).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The township a region lies in, by name.
pub(crate) fn township(app: &fengsui_app::App, code: RegionCode) -> Option<String> {
    let path = app.board().region_path(code);
    path.into_iter().find(|r| r.level == fengsui_base::Level::Township).map(|r| r.name)
}

impl NamedRef {
    pub(crate) fn of(id: impl ToString, name: &str) -> Self {
        Self { id: id.to_string(), name: name.to_owned() }
    }
}

/// A person as every resource shows her.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct PersonRef {
    /// Account.
    pub(crate) id: String,
    /// Name.
    pub(crate) name: String,
}

impl PersonRef {
    pub(crate) fn of(officer: &fengsui_base::Officer) -> Self {
        Self { id: officer.id.to_string(), name: officer.name.clone() }
    }
}

/// Another entry by name.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct NamedRef {
    /// Id.
    pub(crate) id: String,
    /// Name.
    pub(crate) name: String,
}

/// One choice.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChoiceView {
    pub(crate) value: String,
    pub(crate) label: String,
}

impl ChoiceView {
    /// What may be chosen for a field of the catalog.
    pub(crate) fn of(app: &fengsui_app::App, kind: &str, field: &str) -> Vec<Self> {
        let field = app.catalog().kind(kind).and_then(|k| k.field(field));
        let choices = field.map(|f| f.choices.clone()).unwrap_or_default();
        choices.into_iter().map(|c| Self { value: c.value, label: c.label }).collect()
    }
}

/// A person to call.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Contact {
    /// What for: 消防安全管理人 …
    pub(crate) role: String,
    /// Name.
    pub(crate) name: String,
    /// Telephone.
    pub(crate) phone: String,
}

/// A simple action with its reason why not.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct SimpleAction {
    /// Stable name.
    #[schema(value_type = ActionName)]
    pub(crate) name: &'static str,
    /// What the button says.
    pub(crate) label: &'static str,
    /// Whether it is allowed.
    pub(crate) allowed: bool,
    /// Why not.
    pub(crate) reason: Option<String>,
}

impl SimpleAction {
    pub(crate) fn of(name: &'static str, label: &'static str, refusal: Option<Refusal>) -> Self {
        Self { name, label, allowed: refusal.is_none(), reason: refusal.map(|r| r.detail) }
    }
}

/// One line of a timeline.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct TimelineItem {
    /// Number in the sequence.
    seq: u64,
    /// Place within it.
    line: u32,
    /// When.
    at: Option<String>,
    /// What kind of thing it is.
    #[schema(value_type = TimelineIcon)]
    icon: &'static str,
    /// Who.
    who: Option<String>,
    /// What.
    text: String,
    /// Evidence.
    source: String,
    /// Digest, hexadecimal.
    digest: String,
    /// Kind of the subject.
    subject_kind: Option<String>,
    /// Id of the subject.
    subject_id: Option<String>,
    /// What kind of record it is about.
    subject_label: String,
    /// What that record is called now, where the list says so.
    pub(crate) subject_name: Option<String>,
}

impl TimelineItem {
    pub(crate) fn of(app: &fengsui_app::App, row: JournalRow) -> Self {
        let digest = hex::encode(row.digest);
        let (seq, line) = (row.seq, row.line);
        match row.content {
            Some(content) => Self::spoken(app, seq, line, digest, content),
            None => Self::erased(seq, line, digest, row.erased),
        }
    }

    fn spoken(app: &fengsui_app::App, seq: u64, line: u32, digest: String, content: JournalLine) -> Self {
        use fengsui_base::Actor;
        let device = matches!(content.actor, Actor::Device(_));
        let icon = match (&content.actor, content.verb.as_str()) {
            (_, "alarm.forwarded") => "phone",
            (_, "alarm.closed") => "check",
            (Actor::Officer(_) | Actor::Responder(_), _) => "person",
            (Actor::Device(_), _) => "device",
            (Actor::System { .. }, _) => "clock",
        };
        Self {
            seq,
            line,
            at: Some(content.at.to_string()),
            icon,
            who: (!device).then(|| content.actor.name()),
            text: content.text,
            source: if device { format!("{} {seq}", content.evidence) } else { content.evidence },
            digest,
            subject_label: app
                .catalog()
                .kind(&content.subject.kind)
                .map_or_else(|| content.subject.kind.clone(), |k| k.label.clone()),
            subject_name: None,
            subject_id: Some(content.subject.id.to_string()),
            subject_kind: Some(content.subject.kind),
        }
    }

    fn erased(seq: u64, line: u32, digest: String, erased: Option<(u64, String)>) -> Self {
        let text = erased.map_or_else(
            || "内容缺失".to_owned(),
            |(by, reason)| format!("内容已依法删除（第 {by} 号）：{reason}"),
        );
        Self {
            seq,
            line,
            at: None,
            icon: "clock",
            who: None,
            text,
            source: String::new(),
            digest,
            subject_kind: None,
            subject_id: None,
            subject_label: String::new(),
            subject_name: None,
        }
    }
}

/// A position as `[longitude, latitude]`.
pub(crate) fn lng_lat(position: Option<fengsui_base::Position>) -> Option<[f64; 2]> {
    position.map(|p| [p.lng, p.lat])
}

/// A text field of an entry.
pub(crate) fn text(entry: &Entry, name: &str) -> Option<String> {
    entry.fields.get(name).and_then(|v| v.as_str()).map(str::to_owned)
}

/// What a form says of texts: what is absent is not said, what is empty is nothing.
pub(crate) fn said<'f>(
    fields: impl IntoIterator<Item = (&'f str, Option<String>)>,
) -> impl Iterator<Item = (String, serde_json::Value)> {
    fields.into_iter().filter_map(|(name, text)| {
        let text = text?.trim().to_owned();
        let value = if text.is_empty() { serde_json::Value::Null } else { text.into() };
        Some((name.to_owned(), value))
    })
}

/// A list field of an entry, items of another shape left out.
pub(crate) fn items<T: DeserializeOwned>(entry: &Entry, name: &str) -> Vec<T> {
    let list = entry.fields.get(name).and_then(|v| v.as_array()).cloned().unwrap_or_default();
    list.into_iter().filter_map(|v| serde_json::from_value(v).ok()).collect()
}
