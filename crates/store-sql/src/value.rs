//! The four portable kinds of value, and rows of them as they come back.

use fengsui_base::{EntryId, RegionCode, Timestamp};
use fengsui_store::StoreError;
use std::borrow::Cow;

/// A value on its way to or from the database.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

impl<'a> Value<'a> {
    pub(crate) fn id(id: EntryId) -> Self {
        Value::Blob(Cow::Owned(id.as_bytes().to_vec()))
    }

    pub(crate) fn optional(value: Option<impl Into<Value<'a>>>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Numbers that the database keeps as signed 64 bits; the sequence will not reach half of it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

macro_rules! integers {
    ($($from:ty),*) => {
        $(impl From<$from> for Value<'_> {
            fn from(number: $from) -> Self {
                Value::Integer(i64::from(number))
            }
        })*
    };
}
integers!(bool, u8, u16, u32, i32, i64);

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Integer(signed(number))
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Value::Real(number)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Value::Integer(at.as_microsecond())
    }
}

impl From<RegionCode> for Value<'_> {
    fn from(region: RegionCode) -> Self {
        Value::from(region.number())
    }
}

impl From<EntryId> for Value<'_> {
    fn from(id: EntryId) -> Self {
        Value::id(id)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(without_nul(Cow::Borrowed(text)))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(without_nul(Cow::Owned(text)))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Value::Blob(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Blob(Cow::Owned(bytes))
    }
}

/// PostgreSQL has no text with U+0000; it becomes U+FFFD in both engines, so that they agree.
fn without_nul(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { text }
}

/// One row as it came back.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value<'static>>);

fn nonsense(column: usize, wanted: &str) -> StoreError {
    StoreError::Broken(format!("第 {} 列不是{wanted}", column + 1))
}

impl Row {
    pub(crate) fn optional_integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(column) {
            Some(Value::Integer(number)) => Ok(Some(*number)),
            Some(Value::Null) => Ok(None),
            _ => Err(nonsense(column, "整数")),
        }
    }

    pub(crate) fn integer(&self, column: usize) -> Result<i64, StoreError> {
        self.optional_integer(column)?.ok_or_else(|| nonsense(column, "整数"))
    }

    /// An integer of a narrower type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T, StoreError> {
        T::try_from(self.integer(column)?).map_err(|_| nonsense(column, "范围内的整数"))
    }

    pub(crate) fn optional_real(&self, column: usize) -> Result<Option<f64>, StoreError> {
        match self.0.get(column) {
            Some(Value::Real(number)) => Ok(Some(*number)),
            Some(Value::Null) => Ok(None),
            _ => Err(nonsense(column, "实数")),
        }
    }

    /// Takes the text out of the row.
    pub(crate) fn optional_text(&mut self, column: usize) -> Result<Option<String>, StoreError> {
        match self.0.get_mut(column) {
            Some(Value::Text(text)) => Ok(Some(std::mem::take(text).into_owned())),
            Some(Value::Null) => Ok(None),
            _ => Err(nonsense(column, "文字")),
        }
    }

    pub(crate) fn text(&mut self, column: usize) -> Result<String, StoreError> {
        self.optional_text(column)?.ok_or_else(|| nonsense(column, "文字"))
    }

    /// Takes the bytes out of the row.
    pub(crate) fn optional_blob(&mut self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.get_mut(column) {
            Some(Value::Blob(bytes)) => Ok(Some(std::mem::take(bytes).into_owned())),
            Some(Value::Null) => Ok(None),
            _ => Err(nonsense(column, "字节")),
        }
    }

    pub(crate) fn blob(&mut self, column: usize) -> Result<Vec<u8>, StoreError> {
        self.optional_blob(column)?.ok_or_else(|| nonsense(column, "字节"))
    }

    pub(crate) fn optional_id(&mut self, column: usize) -> Result<Option<EntryId>, StoreError> {
        let Some(bytes) = self.optional_blob(column)? else { return Ok(None) };
        EntryId::from_slice(&bytes).map(Some).ok_or_else(|| nonsense(column, "标识"))
    }

    pub(crate) fn id(&mut self, column: usize) -> Result<EntryId, StoreError> {
        self.optional_id(column)?.ok_or_else(|| nonsense(column, "标识"))
    }

    pub(crate) fn digest(&mut self, column: usize) -> Result<[u8; 32], StoreError> {
        self.blob(column)?.try_into().map_err(|_| nonsense(column, "摘要"))
    }

    pub(crate) fn optional_instant(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        let Some(micros) = self.optional_integer(column)? else { return Ok(None) };
        Timestamp::from_microsecond(micros).map(Some).map_err(|_| nonsense(column, "时刻"))
    }

    pub(crate) fn instant(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.optional_instant(column)?.ok_or_else(|| nonsense(column, "时刻"))
    }

    pub(crate) fn region(&self, column: usize) -> Result<RegionCode, StoreError> {
        RegionCode::new(self.number(column)?).map_err(|_| nonsense(column, "区划代码"))
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self, column: usize) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| nonsense(column, "JSON"))
    }
}
