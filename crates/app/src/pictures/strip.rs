//! Cutting out what a camera or a drawing program wrote beside the pixels: position, time, names, comments.
//! Pure; the pixels stay as they are, byte for byte.

use image::ImageFormat;

/// The PNG chunks that matter for how the picture looks.
const PNG_KEPT: [&[u8; 4]; 11] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"];
/// The flags of a WebP header that announce Exif and XMP.
const WEBP_METADATA_FLAGS: u8 = 0b0000_1100;

/// The picture without what stands beside its pixels; `None` when its parts do not add up.
pub(super) fn without_metadata(bytes: &[u8], format: ImageFormat) -> Option<Vec<u8>> {
    match format {
        ImageFormat::Png => png(bytes),
        ImageFormat::Jpeg => jpeg(bytes),
        ImageFormat::WebP => webp(bytes),
        _ => None,
    }
}

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    const HEAD: usize = 8;
    let mut kept = bytes.get(..HEAD)?.to_vec();
    let mut rest = bytes.get(HEAD..)?;
    while !rest.is_empty() {
        let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        let name: &[u8; 4] = rest.get(4..8)?.try_into().ok()?;
        let chunk = rest.get(..length.checked_add(12)?)?;
        if PNG_KEPT.contains(&name) {
            kept.extend_from_slice(chunk);
        }
        rest = rest.get(chunk.len()..)?;
        if name == b"IEND" {
            break;
        }
    }
    Some(kept)
}

/// Application parts but the first (which says how to read the colours) and comments go; after the start of the
/// scan everything is pixels.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    const START_OF_SCAN: u8 = 0xDA;
    const COMMENT: u8 = 0xFE;
    const ADOBE: u8 = 0xEE;
    let mut kept = bytes.get(..2)?.to_vec();
    let mut rest = bytes.get(2..)?;
    loop {
        let &[0xFF, marker] = rest.get(..2)? else { return None };
        if marker == 0xFF {
            rest = rest.get(1..)?;
            continue;
        }
        if marker == START_OF_SCAN {
            kept.extend_from_slice(rest);
            return Some(kept);
        }
        let length = usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
        let part = rest.get(..length.checked_add(2)?)?;
        let is_metadata = marker == COMMENT || (0xE1..=0xEF).contains(&marker) && marker != ADOBE;
        if !is_metadata {
            kept.extend_from_slice(part);
        }
        rest = rest.get(part.len()..)?;
    }
}

fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..12)?.to_vec();
    let mut rest = bytes.get(12..)?;
    while rest.len() >= 8 {
        let name: &[u8; 4] = rest.get(..4)?.try_into().ok()?;
        let length = usize::try_from(u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?)).ok()?;
        let whole = length.checked_add(8 + length % 2)?.min(rest.len());
        let mut chunk = rest.get(..whole)?.to_vec();
        if name == b"VP8X" {
            *chunk.get_mut(8)? &= !WEBP_METADATA_FLAGS;
        }
        if name != b"EXIF" && name != b"XMP " {
            kept.extend_from_slice(&chunk);
        }
        rest = rest.get(whole..)?;
    }
    let size = u32::try_from(kept.len().checked_sub(8)?).ok()?.to_le_bytes();
    kept.get_mut(4..8)?.copy_from_slice(&size);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[..], name, body, &[0; 4]].concat()
    }

    #[test]
    fn a_png_loses_its_texts_and_keeps_its_colours() {
        let head = b"\x89PNG\r\n\x1a\n".to_vec();
        let parts =
            [chunk(b"IHDR", &[1]), chunk(b"eXIf", b"GPS"), chunk(b"gAMA", &[2]), chunk(b"tEXt", b"a")];
        let with = [head.clone(), parts.concat(), chunk(b"IEND", &[])].concat();
        let without = [head, chunk(b"IHDR", &[1]), chunk(b"gAMA", &[2]), chunk(b"IEND", &[])].concat();
        assert_eq!(without_metadata(&with, ImageFormat::Png), Some(without));
    }

    #[test]
    fn a_webp_loses_exif_and_its_announcement() {
        let part = |name: &[u8; 4], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            [&name[..], &length, body, &vec![0; body.len() % 2]].concat()
        };
        let body = [part(b"VP8X", &[0xFF; 10]), part(b"VP8 ", b"abc"), part(b"EXIF", b"GPS")].concat();
        let with = [b"RIFF".as_slice(), &[9, 9, 9, 9], b"WEBP", &body].concat();
        let without = without_metadata(&with, ImageFormat::WebP).unwrap();
        assert_eq!(without.len() - 8, usize::from(without[4]), "the size says how much is left");
        assert_eq!((without[20], without.windows(3).any(|w| w == b"GPS")), (0b1111_0011, false));
    }

    #[test]
    fn parts_that_do_not_add_up_are_no_picture() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
            for length in 0..8 {
                assert_eq!(without_metadata(&vec![0xFE; length], format), None, "{format:?} {length}");
            }
        }
    }
}
