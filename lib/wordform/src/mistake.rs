//! What may be wrong with a template or with what is to be filled in, said so that the person at Word can mend it.

use crate::limits::{FILLED_CHARS_MAX, NODES_MAX, RECORDS_MAX, VALUE_CHARS_MAX};

/// Why a file cannot be used as a template.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TemplateMistake {
    /// The file is larger than it may be; bytes.
    #[error("文件超过 {0} 字节，请删去其中的大图片后再用")]
    TooLarge(usize),
    /// Unpacked it has more members or bytes than a document of this size has.
    #[error(
        "文件展开后过大或内容过多，不像正常的文档；请在 Word 或 WPS 里新建空白文档，粘贴内容后另存为 .docx"
    )]
    Swollen,
    /// It is not a packed WordprocessingML document.
    #[error("这不是 .docx 文档：{0}；请在 Word 或 WPS 里另存为 .docx")]
    NotADocument(String),
    /// A member has a name that leads out of the document, or two have the same.
    #[error("文档里有来路不明的内容“{0}”；请在 Word 或 WPS 里新建空白文档，粘贴内容后另存")]
    StrangeMember(String),
    /// It brings macros.
    #[error("文档里有宏；请另存为不带宏的 .docx")]
    Macros,
    /// It fetches something from elsewhere when it is opened.
    #[error("文档打开时会去取外部内容“{0}”；请断开链接，把图片或模板改为嵌入")]
    External(String),
    /// A part of it is broken or nested beyond measure.
    #[error("文档的 {part} 部分读不出：{reason}；请在 Word 或 WPS 里打开后另存")]
    Broken {
        /// Name of the member.
        part: String,
        /// What was wrong.
        reason: String,
    },
    /// A mark is opened and never closed, or written wrongly.
    #[error("“{paragraph}”：{remedy}")]
    Mark {
        /// Text of the paragraph, shortened.
        paragraph: String,
        /// What to do.
        remedy: String,
    },
}

/// Why a template cannot be filled with these values.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FillMistake {
    /// A text is longer than it may be.
    #[error("“{place}”有 {chars} 个字，最多 {VALUE_CHARS_MAX} 个；请写短些，其余作为附件")]
    TooLong {
        /// Name of the place.
        place: String,
        /// How long it is.
        chars: usize,
    },
    /// A list has more records than it may have.
    #[error("“{place}”有 {records} 条，最多 {RECORDS_MAX} 条；请分成几份文书")]
    TooMany {
        /// Name of the list.
        place: String,
        /// How many there are.
        records: usize,
    },
    /// A value is not what its place can show.
    #[error("“{place}”的值填不进这里：要的是{wanted}")]
    Misfit {
        /// Name of the place.
        place: String,
        /// What fits there, in Chinese.
        wanted: &'static str,
    },
    /// All values together, or all that they repeat, are more than a paper holds.
    #[error("填好后的文书过长（超过 {FILLED_CHARS_MAX} 字或 {NODES_MAX} 处），请分成几份")]
    TooMuch,
    /// The filled document could not be packed.
    #[error("文书打包失败：{0}")]
    Packing(String),
}
