//! The icons, drawn: the room with its doors in four states that differ in shape, so that they are
//! told apart without colours, light for dark panels and dark for light ones.
//!
//! The drawing stands on a grid of 64 by 64, with the measures of `assets/look/icon.svg`.

use super::menu::{IconKind, Panel};

/// Width and height of an icon, in pixels.
pub const SIZE: u32 = 64;
/// Samples a pixel, in each direction.
const SAMPLES: u32 = 4;

type Colour = [u8; 3];

struct Palette {
    line: Colour,
    light: Colour,
}

fn palette(panel: Panel) -> Palette {
    match panel {
        Panel::Dark => Palette {
            line: [0xf8, 0xf4, 0xea],
            light: [0xff, 0xd8, 0x8a],
        },
        Panel::Light => Palette {
            line: [0x0b, 0x2c, 0x2a],
            light: [0xb8, 0x6f, 0x00],
        },
    }
}

/// Red, green, blue and opacity of every pixel, row by row, [`SIZE`] by [`SIZE`].
pub fn draw(kind: IconKind, panel: Panel) -> Vec<u8> {
    let palette = palette(panel);
    let mut pixels = Vec::with_capacity((SIZE * SIZE * 4) as usize);
    for y in 0..SIZE {
        for x in 0..SIZE {
            pixels.extend(pixel(kind, &palette, x, y));
        }
    }
    pixels
}

/// The mean of a pixel's samples.
fn pixel(kind: IconKind, palette: &Palette, x: u32, y: u32) -> [u8; 4] {
    let mut sums = [0_u32; 3];
    let mut hits = 0;
    for sample in 0..SAMPLES * SAMPLES {
        let at =
            |pixel: u32, step: u32| f64::from(pixel) + (f64::from(step) + 0.5) / f64::from(SAMPLES);
        let (x, y) = (at(x, sample % SAMPLES), at(y, sample / SAMPLES));
        if let Some(colour) = colour(kind, palette, x, y) {
            hits += 1;
            for (sum, part) in sums.iter_mut().zip(colour) {
                *sum += u32::from(part);
            }
        }
    }
    let part = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    let [red, green, blue] = sums.map(|sum| part(sum / hits.max(1)));
    [red, green, blue, part(hits * 255 / (SAMPLES * SAMPLES))]
}

fn colour(kind: IconKind, palette: &Palette, x: f64, y: f64) -> Option<Colour> {
    let lit = match kind {
        // The second door, open, and its light on the floor.
        IconKind::Open => is_in_arch(x, y, 9.5, 30.0, 56.0),
        IconKind::Paused => {
            let bar = |left: f64| (left..left + 7.0).contains(&x) && (27.0..50.0).contains(&y);
            bar(22.5) || bar(34.5)
        }
        IconKind::Attention => {
            let stroke = (28.0..36.0).contains(&x) && (19.0..40.0).contains(&y);
            stroke || distance(x, y, 32.0, 48.0) < 5.0
        }
        IconKind::Down => false,
    };
    if lit {
        return Some(palette.light);
    }
    let is_struck = kind == IconKind::Down && (x - y).abs() < 4.5;
    // A gap beside the stroke lets it be seen across the frame.
    if kind == IconKind::Down && !is_struck && (x - y).abs() < 9.0 {
        return None;
    }
    let frame = is_in_arch(x, y, 25.0, 28.0, 60.0) && !is_in_arch(x, y, 17.5, 28.0, 61.0);
    let within = (5.0..59.0).contains(&x) && (5.0..60.0).contains(&y);
    (frame || (is_struck && within)).then_some(palette.line)
}

/// Whether a point is in the door that is so wide on either side of the middle, with its round top
/// about `spring`, down to `floor`.
fn is_in_arch(x: f64, y: f64, half_width: f64, spring: f64, floor: f64) -> bool {
    if y >= spring {
        return y < floor && (x - 32.0).abs() < half_width;
    }
    distance(x, y, 32.0, spring) < half_width
}

fn distance(x: f64, y: f64, to_x: f64, to_y: f64) -> f64 {
    (x - to_x).hypot(y - to_y)
}
