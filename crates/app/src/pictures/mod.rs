//! Pictures that people upload: looked at before they are kept, and without what a camera wrote into them.
//!
//! A picture is PNG, JPEG or WebP, whole, and not larger than the screens need. Where it was taken, with which
//! camera and when is cut out without touching the pixels; only a photograph that lies on its side is turned
//! and written anew. Vector drawings are not taken: a browser would run what stands in them.

mod strip;

use crate::Fault;
use fengsui_base::{Place, Refusal};
use fengsui_store::Blob;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use std::io::Cursor;
use tokio::sync::Semaphore;

/// Most bytes of a picture.
pub const PICTURE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most pixels of a picture.
pub const PICTURE_PIXELS_MAX: u64 = 40_000_000;
/// Most bytes that looking at a picture may take: four a pixel, and as much again for turning it.
const DECODED_BYTES_MAX: u64 = 2 * 4 * PICTURE_PIXELS_MAX;
/// Quality of a photograph that is written anew.
const JPEG_QUALITY: u8 = 90;

/// A picture that may be kept.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) blob: Blob,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Looks at an upload beside the other work, one at a time: a picture takes much memory while it is looked at.
pub(crate) async fn look_in_turn(turn: &Semaphore, bytes: Vec<u8>) -> Result<Picture, Fault> {
    let _turn = turn.acquire().await.map_err(|_| broken())?;
    let looked = tokio::task::spawn_blocking(move || look(bytes)).await;
    Ok(looked.map_err(|_| broken())??)
}

/// Looks at an upload; refuses what is no picture, is broken, or is too large.
pub(crate) fn look(bytes: Vec<u8>) -> Result<Picture, Refusal> {
    if bytes.len() > PICTURE_BYTES_MAX {
        let sentence = format!("图片超过 {} MB，请缩小后再上传", PICTURE_BYTES_MAX / 1024 / 1024);
        return Err(wrong("picture.bytes", &sentence));
    }
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|_| broken())?;
    let format = reader
        .format()
        .filter(|format| media_type(*format).is_some())
        .ok_or_else(|| wrong("picture.format", "只收 PNG、JPEG、WebP 图片，请另存为其中一种再上传"))?;
    let (image, orientation) = decode(reader)?;
    finish(bytes, format, image, orientation)
}

fn decode(mut reader: ImageReader<Cursor<&Vec<u8>>>) -> Result<(DynamicImage, Orientation), Refusal> {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| broken())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PICTURE_PIXELS_MAX {
        let sentence = format!("图片超过 {} 万像素，请缩小后再上传", PICTURE_PIXELS_MAX / 10_000);
        return Err(wrong("picture.pixels", &sentence));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // Only what decodes to its last row is a picture: a header alone would show as a grey box at three at night.
    let image = DynamicImage::from_decoder(decoder).map_err(|_| broken())?;
    Ok((image, orientation))
}

fn finish(
    bytes: Vec<u8>,
    format: ImageFormat,
    mut image: DynamicImage,
    orientation: Orientation,
) -> Result<Picture, Refusal> {
    if orientation == Orientation::NoTransforms {
        let (width, height) = (image.width(), image.height());
        let bytes = strip::without_metadata(&bytes, format).ok_or_else(broken)?;
        return Ok(Picture { blob: Blob::new(media_type(format).unwrap_or_default(), bytes), width, height });
    }
    image.apply_orientation(orientation);
    let mut turned = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut turned, JPEG_QUALITY);
    image.to_rgb8().write_with_encoder(encoder).map_err(|_| broken())?;
    Ok(Picture { blob: Blob::new("image/jpeg", turned), width: image.width(), height: image.height() })
}

fn media_type(format: ImageFormat) -> Option<&'static str> {
    match format {
        ImageFormat::Png => Some("image/png"),
        ImageFormat::Jpeg => Some("image/jpeg"),
        ImageFormat::WebP => Some("image/webp"),
        _ => None,
    }
}

fn broken() -> Refusal {
    wrong("picture.broken", "图片不完整或已损坏，请重新导出后再上传")
}

fn wrong(code: &'static str, sentence: &str) -> Refusal {
    Refusal::invalid(vec![Place::new("/picture", code, sentence)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_luma8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn code(bytes: Vec<u8>) -> String {
        look(bytes).unwrap_err().places[0].code.to_string()
    }

    #[test]
    fn a_picture_keeps_its_pixels_and_its_size() {
        let picture = look(png(30, 20)).unwrap();
        assert_eq!((picture.width, picture.height, picture.blob.media_type.as_str()), (30, 20, "image/png"));
        let again = image::load_from_memory(&picture.blob.bytes).unwrap();
        assert_eq!(again, image::load_from_memory(&png(30, 20)).unwrap());
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert_eq!(code(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()), "picture.format");
        assert_eq!(code(b"GIF89a\x01\x00\x01\x00".to_vec()), "picture.format");
        assert_eq!(code(Vec::new()), "picture.format");
        let mut half = png(200, 200);
        half.truncate(half.len() / 2);
        assert_eq!(code(half), "picture.broken");
    }

    #[test]
    fn a_picture_has_its_limits() {
        assert_eq!(code(vec![0; PICTURE_BYTES_MAX + 1]), "picture.bytes");
        assert_eq!(code(vec![0; PICTURE_BYTES_MAX]), "picture.format", "at the limit it is looked at");
        assert!(look(png(8_000, 5_000)).is_ok(), "forty million");
        assert_eq!(code(png(8_000, 5_001)), "picture.pixels");
    }

    /// A photograph with an Exif part: which way it lies, and where it was taken.
    fn photograph(orientation: u8) -> Vec<u8> {
        let mut plain = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(40, 20).write_to(&mut plain, ImageFormat::Jpeg).unwrap();
        let plain = plain.into_inner();
        let tiff =
            [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0], &[0; 4]];
        let body = [b"Exif\0\0".as_slice(), &tiff.concat(), b"GPS 118.305"].concat();
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], &[0xFF, 0xE1], &length, &body, &plain[2..]].concat()
    }

    #[test]
    fn where_a_photograph_was_taken_is_cut_out_and_one_on_its_side_is_turned() {
        for (orientation, size) in [(1, (40, 20)), (6, (20, 40))] {
            let picture = look(photograph(orientation)).unwrap();
            assert_eq!((picture.width, picture.height), size, "{orientation}");
            let told = |word: &[u8]| picture.blob.bytes.windows(word.len()).any(|w| w == word);
            assert!(!told(b"GPS 118.305") && !told(b"Exif"), "{orientation}");
            assert!(image::load_from_memory(&picture.blob.bytes).is_ok());
        }
    }
}
