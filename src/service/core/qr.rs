//! The QR picture of a link: black on white with the four modules of margin that ISO/IEC 18004 asks
//! for, as a PNG in a data URL.

use super::error::Error;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use qrcode::{Color, EcLevel, QrCode};

const MARGIN_MODULES: usize = 4;
const PIXELS_PER_MODULE: usize = 6;

/// The picture of `text`, drawn on a thread that may be kept busy: a millisecond of CPU.
///
/// # Errors
/// [`Error::Internal`] where `text` is too long for a picture, above two kilobytes.
pub async fn picture(text: String) -> Result<String, Error> {
    let drawn = tokio::task::spawn_blocking(move || data_url(&text)).await;
    drawn.map_err(|error| Error::Internal(error.to_string()))?
}

fn data_url(text: &str) -> Result<String, Error> {
    let failed = |what: String| Error::Internal(format!("the QR picture failed: {what}"));
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
        .map_err(|error| failed(error.to_string()))?;
    let modules = code.width();
    let side = (modules + 2 * MARGIN_MODULES) * PIXELS_PER_MODULE;
    let colours = code.to_colors();
    let mut pixels = vec![u8::MAX; side * side];
    for (index, pixel) in pixels.iter_mut().enumerate() {
        let column = (index % side / PIXELS_PER_MODULE).checked_sub(MARGIN_MODULES);
        let row = (index / side / PIXELS_PER_MODULE).checked_sub(MARGIN_MODULES);
        let dark = match (column, row) {
            (Some(column), Some(row)) if column < modules && row < modules => {
                colours.get(row * modules + column) == Some(&Color::Dark)
            }
            _ => false,
        };
        if dark {
            *pixel = 0;
        }
    }
    let mut png = Vec::new();
    let side = u32::try_from(side).map_err(|error| failed(error.to_string()))?;
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter)
        .write_image(&pixels, side, side, ExtendedColorType::L8)
        .map_err(|error| failed(error.to_string()))?;
    let encoded = data_encoding::BASE64.encode(&png);
    Ok(format!("data:image/png;base64,{encoded}"))
}
