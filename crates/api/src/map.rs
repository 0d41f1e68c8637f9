//! `/map`: the county's base map, its units as points, and where it all comes from.

use crate::Api;
use crate::gate::Caller;
use crate::problem::{Denied, Problem};
use crate::schema::{Bounds, LngLat};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fengsui_base::{Refusal, RefusalKind};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Write;
use utoipa::ToSchema;

/// Largest base map, in bytes.
const MAP_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A base map, ready to be sent.
pub struct BaseMap {
    plain: Bytes,
    packed: Bytes,
    etag: String,
    meta: MapMeta,
}

/// Where a map comes from and what it covers.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct MapMeta {
    datum: String,
    source: String,
    approval: String,
    updated_at: Option<String>,
    /// West, south, east, north.
    #[schema(value_type = Bounds)]
    bbox: [f64; 4],
    #[schema(value_type = LngLat)]
    center: [f64; 2],
    zoom: f64,
}

impl BaseMap {
    /// A base map from a GeoJSON FeatureCollection whose `fengsui` member says source, approval and date.
    ///
    /// Errors: a Chinese sentence, when the text is no such thing or too large.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAP_BYTES_MAX {
            return Err(format!("底图有 {} 字节，最多 {MAP_BYTES_MAX}", text.len()));
        }
        let value: Value = serde_json::from_str(text).map_err(|e| format!("底图不是 GeoJSON：{e}"))?;
        let features = value["features"].as_array().ok_or("底图没有 features")?;
        let bbox = bounds(features).ok_or("底图里没有坐标")?;
        let said =
            |name: &str, otherwise: &str| value["fengsui"][name].as_str().unwrap_or(otherwise).to_owned();
        let meta = MapMeta {
            datum: "CGCS2000".to_owned(),
            source: said("source", "未注明来源"),
            approval: said("approval", "未注明"),
            updated_at: value["fengsui"]["updated_at"].as_str().map(str::to_owned),
            bbox,
            center: [f64::midpoint(bbox[0], bbox[2]), f64::midpoint(bbox[1], bbox[3])],
            zoom: 10.0,
        };
        let packed = pack(text).map_err(|e| format!("底图压缩失败：{e}"))?;
        let etag = format!("\"{}-{}\"", text.len(), packed.len());
        Ok(Self { plain: text.to_owned().into(), packed: packed.into(), etag, meta })
    }
}

impl BaseMap {
    /// What the map covers: west, south, east, north in degrees.
    pub fn extent(&self) -> [f64; 4] {
        self.meta.bbox
    }
}

fn pack(text: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

fn bounds(features: &[Value]) -> Option<[f64; 4]> {
    let mut found: Option<[f64; 4]> = None;
    features.iter().for_each(|f| widen(&f["geometry"]["coordinates"], &mut found));
    found
}

fn widen(coordinates: &Value, found: &mut Option<[f64; 4]>) {
    let Some(list) = coordinates.as_array() else { return };
    match (list.first().and_then(Value::as_f64), list.get(1).and_then(Value::as_f64)) {
        (Some(x), Some(y)) => {
            let [w, s, e, n] = found.unwrap_or([x, y, x, y]);
            *found = Some([w.min(x), s.min(y), e.max(x), n.max(y)]);
        }
        _ => list.iter().for_each(|inner| widen(inner, found)),
    }
}

/// The base map as GeoJSON; a site without one gets 404 `map.none`.
#[utoipa::path(get, path = "/map/base", tag = "map", responses((status = 200, body = Object), (status = 404, body = Problem)))]
pub(crate) async fn base(
    State(api): State<Api>,
    _caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Denied> {
    let map = api.map.as_ref().ok_or_else(none)?;
    if headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == map.etag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let packs = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("gzip"));
    let common = [
        (header::CONTENT_TYPE, "application/geo+json"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::ETAG, map.etag.as_str()),
    ];
    if packs {
        return Ok((common, [(header::CONTENT_ENCODING, "gzip")], map.packed.clone()).into_response());
    }
    Ok((common, map.plain.clone()).into_response())
}

/// Where the map comes from and what it covers.
#[utoipa::path(get, path = "/map/meta", tag = "map", responses((status = 200, body = MapMeta), (status = 404, body = Problem)))]
pub(crate) async fn meta(State(api): State<Api>, _caller: Caller) -> Result<Json<MapMeta>, Denied> {
    Ok(Json(api.map.as_ref().ok_or_else(none)?.meta.clone()))
}

/// Units with a position as GeoJSON points.
#[utoipa::path(get, path = "/map/units", tag = "map", responses((status = 200, body = Object), (status = 403, body = Problem)))]
pub(crate) async fn units(State(api): State<Api>, caller: Caller) -> Result<Json<Value>, Denied> {
    let units = api.app.unit_positions(caller.grant()).await?;
    let feature = |e: &fengsui_ledger::Entry| {
        let position = e.position.map(|p| [p.lng, p.lat]);
        let properties = json!({ "id": e.id, "name": e.title, "category": e.fields.get("category"), "key_unit": e.fields.get("key_unit") });
        json!({ "type": "Feature", "geometry": { "type": "Point", "coordinates": position }, "properties": properties })
    };
    Ok(Json(
        json!({ "type": "FeatureCollection", "features": units.iter().map(feature).collect::<Vec<_>>() }),
    ))
}

fn none() -> Refusal {
    Refusal::new(RefusalKind::NotFound, "map.none", "本单位还没有导入底图，告警按坐标显示在空白底图上。")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_says_what_it_covers() {
        let text = r#"{"type":"FeatureCollection","fengsui":{"source":"虚构示例县"},"features":[
            {"type":"Feature","geometry":{"type":"LineString","coordinates":[[117.0,29.0],[117.5,29.4]]},"properties":{}}]}"#;
        let map = BaseMap::read(text).unwrap();
        assert_eq!(map.meta.bbox, [117.0, 29.0, 117.5, 29.4]);
        assert_eq!(map.meta.source, "虚构示例县");
    }

    #[test]
    fn what_is_no_map_is_refused_with_a_sentence() {
        assert!(BaseMap::read("{}").is_err());
        assert!(BaseMap::read("<kml/>").err().unwrap().contains("GeoJSON"));
    }
}
