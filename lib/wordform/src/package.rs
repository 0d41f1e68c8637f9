//! The packed folder that a `.docx` is: measured, unpacked in memory, and packed again the same way every time.

use crate::limits::{FILE_BYTES_MAX, MEMBERS_MAX, RATIO_FREE_BYTES, RATIO_MAX, UNPACKED_BYTES_MAX};
use crate::mistake::{FillMistake, TemplateMistake};
use crate::{tree, tree::Element};
use std::io::{Cursor, Read, Write};

/// The part that every document has.
pub(crate) const MAIN_PART: &str = "word/document.xml";

/// One file of the folder.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Unpacks a document; nothing of it is believed before it is measured.
pub(crate) fn unpacked(file: &[u8]) -> Result<Vec<Member>, TemplateMistake> {
    if file.len() > FILE_BYTES_MAX {
        return Err(TemplateMistake::TooLarge(FILE_BYTES_MAX));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).map_err(not_a_document)?;
    if archive.len() > MEMBERS_MAX {
        return Err(TemplateMistake::Swollen);
    }
    let room = UNPACKED_BYTES_MAX.min((file.len() as u64 * RATIO_MAX).max(RATIO_FREE_BYTES));
    let (mut members, mut left) = (Vec::<Member>::new(), room);
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(not_a_document)?;
        let name = part.name().map_err(not_a_document)?.into_owned();
        if part.is_dir() {
            continue;
        }
        if is_strange(&name)
            || part.is_symlink()
            || members.iter().any(|m| m.name.eq_ignore_ascii_case(&name))
        {
            return Err(TemplateMistake::StrangeMember(crate::text::shortened(&name)));
        }
        let mut bytes = Vec::new();
        // What an archive says of its own size need not be true: one byte more than there is room for is enough.
        part.take(left + 1).read_to_end(&mut bytes).map_err(not_a_document)?;
        left = left.checked_sub(bytes.len() as u64).ok_or(TemplateMistake::Swollen)?;
        members.push(Member { name, bytes });
    }
    checked(members)
}

fn checked(members: Vec<Member>) -> Result<Vec<Member>, TemplateMistake> {
    if !members.iter().any(|m| m.name == MAIN_PART) {
        return Err(TemplateMistake::NotADocument("里面没有正文".to_owned()));
    }
    if members.iter().any(|m| m.name.to_ascii_lowercase().contains("vba")) {
        return Err(TemplateMistake::Macros);
    }
    for links in members.iter().filter(|m| m.name.ends_with(".rels")) {
        let outside = read_part(links)?.elements().find_map(fetched_from_outside);
        if let Some(target) = outside {
            return Err(TemplateMistake::External(target));
        }
    }
    Ok(members)
}

/// A tree of a part, with its name in the mistake.
pub(crate) fn read_part(member: &Member) -> Result<Element, TemplateMistake> {
    tree::read(&member.bytes)
        .map_err(|reason| TemplateMistake::Broken { part: crate::text::shortened(&member.name), reason })
}

/// A hyperlink waits for a hand; anything else outside is fetched as soon as the document is opened.
fn fetched_from_outside(link: &Element) -> Option<String> {
    let outside = link.attribute("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
    let waits = link.attribute("Type").is_some_and(|kind| kind.ends_with("/hyperlink"));
    (outside && !waits).then(|| crate::text::shortened(link.attribute("Target").unwrap_or_default()))
}

fn is_strange(name: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ':');
    name.is_empty()
        || name.starts_with('/')
        || name.contains(odd)
        || name.split('/').any(|p| p == ".." || p == ".")
}

fn not_a_document(reason: impl std::fmt::Display) -> TemplateMistake {
    TemplateMistake::NotADocument(reason.to_string().chars().take(80).collect())
}

/// Packs members in their order, without times of their own, so that the same members give the same bytes.
pub(crate) fn packed(members: &[Member]) -> Result<Vec<u8>, FillMistake> {
    let broken = |e: zip::result::ZipError| FillMistake::Packing(e.to_string());
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for member in members {
        archive.start_file(member.name.as_str(), options).map_err(broken)?;
        archive.write_all(&member.bytes).map_err(|e| FillMistake::Packing(e.to_string()))?;
    }
    archive.finish().map(Cursor::into_inner).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, bytes: &[u8]) -> Member {
        Member { name: name.to_owned(), bytes: bytes.to_vec() }
    }

    fn refused(members: &[Member]) -> TemplateMistake {
        unpacked(&packed(members).unwrap()).unwrap_err()
    }

    #[test]
    fn members_come_out_as_they_went_in_and_the_same_bytes_every_time() {
        let members = [member("[Content_Types].xml", b"<a/>"), member(MAIN_PART, b"<b/>")];
        let file = packed(&members).unwrap();
        assert_eq!(unpacked(&file).unwrap(), members);
        assert_eq!(packed(&members).unwrap(), file);
    }

    #[test]
    fn names_that_lead_outside_and_names_that_stand_twice_are_refused() {
        let main = member(MAIN_PART, b"<b/>");
        for name in
            ["../evil.xml", "/etc/passwd", "word\\a.xml", "c:a.xml", "word/../a.xml", "WORD/document.xml"]
        {
            let wrong = refused(&[main.clone(), member(name, b"")]);
            assert!(matches!(wrong, TemplateMistake::StrangeMember(_)), "{name}: {wrong}");
        }
    }

    #[test]
    fn macros_and_what_is_fetched_from_outside_are_refused_and_a_hyperlink_is_not() {
        let main = member(MAIN_PART, b"<b/>");
        assert_eq!(refused(&[main.clone(), member("word/vbaProject.bin", b"")]), TemplateMistake::Macros);
        let rels = |kind: &str| {
            let link = format!(
                "<R><Link Type=\"http://x/{kind}\" Target=\"http://y/z\" TargetMode=\"External\"/></R>"
            );
            [main.clone(), member("word/_rels/settings.xml.rels", link.as_bytes())]
        };
        assert_eq!(refused(&rels("attachedTemplate")), TemplateMistake::External("http://y/z".to_owned()));
        assert!(unpacked(&packed(&rels("hyperlink")).unwrap()).is_ok());
    }

    #[test]
    fn a_bomb_a_crowd_and_a_giant_are_refused_before_they_are_unpacked() {
        let main = member(MAIN_PART, b"<b/>");
        let zeros = vec![0; usize::try_from(RATIO_FREE_BYTES).unwrap()];
        assert_eq!(refused(&[main.clone(), member("word/a.bin", &zeros)]), TemplateMistake::Swollen);
        let fits = &zeros[..zeros.len() - main.bytes.len()];
        assert!(unpacked(&packed(&[main.clone(), member("word/a.bin", fits)]).unwrap()).is_ok());
        let crowd: Vec<_> = (1..=MEMBERS_MAX).map(|n| member(&format!("word/{n}.xml"), b"")).collect();
        assert_eq!(refused(&[std::slice::from_ref(&main), &crowd].concat()), TemplateMistake::Swollen);
        assert!(unpacked(&packed(&[&[main], &crowd[1..]].concat()).unwrap()).is_ok());
        assert_eq!(unpacked(&vec![0; FILE_BYTES_MAX + 1]), Err(TemplateMistake::TooLarge(FILE_BYTES_MAX)));
    }

    #[test]
    fn what_is_no_document_says_so() {
        assert!(matches!(unpacked(b"hello"), Err(TemplateMistake::NotADocument(_))));
        assert!(matches!(refused(&[member("xl/workbook.xml", b"")]), TemplateMistake::NotADocument(_)));
    }
}
