//! `…/export`: lists as tables, by the same filters as the lists themselves.

use crate::Api;
use crate::alarms::AlarmParameters;
use crate::gate::Caller;
use crate::page::{self, Parameters};
use crate::problem::{Denied, Problem};
use crate::terminals::TerminalParameters;
use crate::units::UnitParameters;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use fengsui_app::{App, Export, ExportFormat, ExportList, PointFilter};
use fengsui_base::Refusal;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// What a workbook is called on the wire.
pub(crate) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// As what.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportParameters {
    /// `xlsx` or `csv`.
    format: Option<String>,
}

/// Which points.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PointExportParameters {
    /// Of this terminal.
    terminal: Option<String>,
    /// Of this unit.
    unit: Option<String>,
}

impl ExportParameters {
    fn format(&self) -> Result<ExportFormat, Refusal> {
        match self.format.as_deref() {
            None | Some("xlsx") => Ok(ExportFormat::Workbook),
            Some("csv") => Ok(ExportFormat::Csv),
            Some(_) => Err(page::bad("/format", "format.unknown", "只能导出 xlsx 或 CSV，请重新选择")),
        }
    }
}

impl PointExportParameters {
    pub(crate) fn filter(&self) -> Result<PointFilter, Refusal> {
        let (terminal, unit) = (self.terminal.as_deref().map(page::id), self.unit.as_deref().map(page::id));
        Ok(PointFilter { terminal: terminal.transpose()?, unit: unit.transpose()? })
    }
}

/// The units of the list.
#[utoipa::path(get, path = "/units/export", tag = "units", params(UnitParameters, ExportParameters), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), (status = 422, body = Problem)))]
pub(crate) async fn units(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<UnitParameters>,
    Parameters(as_what): Parameters<ExportParameters>,
) -> Result<Response, Denied> {
    send(&api.app, &caller, ExportList::Units(p.filter()?), &as_what).await
}

/// The terminals of the list.
#[utoipa::path(get, path = "/terminals/export", tag = "terminals", params(TerminalParameters, ExportParameters), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), (status = 422, body = Problem)))]
pub(crate) async fn terminals(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<TerminalParameters>,
    Parameters(as_what): Parameters<ExportParameters>,
) -> Result<Response, Denied> {
    send(&api.app, &caller, ExportList::Terminals(p.filter()?), &as_what).await
}

/// The registered points of a terminal, of a unit, or of all terminals that the asker may see.
#[utoipa::path(get, path = "/points/export", tag = "terminals", params(PointExportParameters, ExportParameters), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), (status = 422, body = Problem)))]
pub(crate) async fn points(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<PointExportParameters>,
    Parameters(as_what): Parameters<ExportParameters>,
) -> Result<Response, Denied> {
    send(&api.app, &caller, ExportList::Points(p.filter()?), &as_what).await
}

/// The alarms of the list.
#[utoipa::path(get, path = "/alarms/export", tag = "alarms", params(AlarmParameters, ExportParameters), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), (status = 422, body = Problem)))]
pub(crate) async fn alarms(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<AlarmParameters>,
    Parameters(as_what): Parameters<ExportParameters>,
) -> Result<Response, Denied> {
    send(&api.app, &caller, ExportList::Alarms(p.filter()?), &as_what).await
}

pub(crate) async fn send(
    app: &Arc<App>,
    caller: &Caller,
    list: ExportList,
    as_what: &ExportParameters,
) -> Result<Response, Denied> {
    let format = as_what.format()?;
    let export = app.export(caller.grant(), list, format).await?;
    let name = export.name(app.now());
    match format {
        ExportFormat::Workbook => {
            let bytes = app.export_workbook(export).await?;
            Ok((download(&name, "xlsx", WORKBOOK), bytes).into_response())
        }
        ExportFormat::Csv => {
            let lines = csv(app.clone(), export);
            Ok((download(&name, "csv", "text/csv; charset=utf-8"), lines).into_response())
        }
    }
}

/// The table as it leaves, piece by piece: the head, then a page of rows at a time. A storage that fails in the
/// middle breaks the line, so that nobody takes half a table for a whole one.
fn csv(app: Arc<App>, export: Export) -> Body {
    let first = futures::stream::once(std::future::ready(Ok(export.csv_head())));
    let rest = futures::stream::try_unfold((app, export), async |(app, mut export)| {
        let lines = app.export_lines(&mut export).await?;
        Ok::<_, fengsui_app::Fault>(lines.map(|lines| (lines, (app, export))))
    });
    Body::from_stream(futures::StreamExt::chain(first, rest))
}

/// The heads of an answer that is kept as a file: its name in ASCII, and in full as RFC 5987 has it.
fn download(name: &str, extension: &str, kind: &str) -> [(header::HeaderName, String); 3] {
    let encoded: String = name.bytes().map(escaped).collect();
    let named =
        format!("attachment; filename=\"export.{extension}\"; filename*=UTF-8''{encoded}.{extension}");
    [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, named),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ]
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || byte == b'_' {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
