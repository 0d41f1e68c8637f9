//! Any bytes as a template, and any text in a place of a sound one: never a panic, and the text comes out again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wordform::{Block, Document, Page, Paragraph, Run, Template, compose, fill, pages};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(template) = Template::read(bytes) {
        let _ = fill(&template, &serde_json::json!({}));
    }
    let _ = pages(bytes);
    let run = Run { text: "{{a?}}".to_owned(), size_half_pt: 32, ..Run::default() };
    let body = vec![Block::Paragraph(Paragraph { runs: vec![run], ..Paragraph::default() })];
    let form = compose(&Document { page: Page::OFFICIAL, header: Vec::new(), footer: Vec::new(), body });
    let template = Template::read(&form).expect("a sound form");
    let text = String::from_utf8_lossy(bytes);
    if let Ok(file) = fill(&template, &serde_json::json!({ "a": text })) {
        pages(&file).expect("a filled form is a document");
    }
});
