//! Pictures: how large they are, and a smaller one for lists. What is decoded is bounded before it is decoded, for a few
//! bytes can claim to be billions of pixels.

use std::io::Cursor;
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

/// Bytes that decoding one pixel may take, with what the decoders need beside.
const BYTES_PER_PIXEL: u64 = 12;

/// A picture as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// A smaller one, encoded, with its width and height; none if it has too many pixels or cannot be decoded.
    pub thumb: Option<(Vec<u8>, u32, u32)>,
}

/// Looks at a file; none if it is no picture. Pictures of more than `pixels` are measured and not decoded. Works for as
/// long as decoding takes.
#[must_use]
pub fn examine(path: &Path, pixels: u64, thumb: u32) -> Option<Picture> {
    let mut reader = ImageReader::open(path).ok()?.with_guessed_format().ok()?;
    let format = reader.format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(pixels.saturating_mul(BYTES_PER_PIXEL));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let (width, height) = turned(decoder.dimensions(), orientation);
    let small = u64::from(width) * u64::from(height) <= pixels;
    let thumb = small
        .then(|| DynamicImage::from_decoder(decoder).ok())
        .flatten()
        .and_then(|mut image| {
            image.apply_orientation(orientation);
            encode(&image, format, thumb)
        });
    Some(Picture { width, height, thumb })
}

const fn turned((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (height, width)
        }
        _ => (width, height),
    }
}

/// The smaller picture: JPEG from JPEG, PNG from what may have transparent parts. Nothing of the original's metadata is in
/// it.
fn encode(image: &DynamicImage, format: ImageFormat, thumb: u32) -> Option<(Vec<u8>, u32, u32)> {
    let small = if image.width().max(image.height()) > thumb {
        image.thumbnail(thumb, thumb)
    } else {
        image.clone()
    };
    let (small, format) = match format {
        ImageFormat::Jpeg => (DynamicImage::ImageRgb8(small.into_rgb8()), ImageFormat::Jpeg),
        _ => (DynamicImage::ImageRgba8(small.into_rgba8()), ImageFormat::Png),
    };
    let mut bytes = Cursor::new(Vec::new());
    small.write_to(&mut bytes, format).ok()?;
    Some((bytes.into_inner(), small.width(), small.height()))
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, image::Rgb([200, 30, 30])));
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_are_measured_and_made_smaller() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let (_folder, path) = written("a", &picture(640, 320, format));
            let found = examine(&path, 1 << 20, 160).unwrap();
            let (bytes, width, height) = found.thumb.unwrap();
            assert_eq!(
                (found.width, found.height, width, height),
                (640, 320, 160, 80),
                "{format:?}"
            );
            assert!(image::load_from_memory(&bytes).is_ok());
        }
    }

    #[test]
    fn too_many_pixels_are_measured_and_not_decoded() {
        let (_folder, path) = written("a", &picture(640, 320, ImageFormat::Png));
        let found = examine(&path, 1000, 160).unwrap();
        assert_eq!((found.width, found.height, found.thumb), (640, 320, None));
    }

    #[test]
    fn what_is_no_picture_is_none() {
        for bytes in [&b"hello"[..], b"", b"\x89PNG\r\n\x1a\n", b"GIF89a"] {
            let (_folder, path) = written("a", bytes);
            assert_eq!(examine(&path, 1000, 160), None);
        }
    }
}
