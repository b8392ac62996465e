//! The icons differ in shape, not in colour alone, and can be seen on what they are made for.

use vestibule::tray::icon::{SIZE, draw};
use vestibule::tray::menu::{IconKind, Panel};

const MARKS: [IconKind; 4] = [
    IconKind::Open,
    IconKind::Paused,
    IconKind::Attention,
    IconKind::Down,
];

/// Where a picture is drawn on.
fn shape(pixels: &[u8]) -> Vec<bool> {
    pixels.chunks_exact(4).map(|pixel| pixel[3] > 127).collect()
}

#[test]
fn icons_differ_in_shape() {
    for first in MARKS {
        for second in MARKS {
            let (one, other) = (draw(first, Panel::Dark), draw(second, Panel::Dark));
            assert_eq!(one.len(), (SIZE * SIZE * 4) as usize);
            let pairs = shape(&one).into_iter().zip(shape(&other));
            let different = pairs.filter(|(one, other)| one != other).count();
            // A fiftieth of the picture is told apart at the size of a panel.
            let enough = (SIZE * SIZE / 50) as usize;
            assert_eq!(different < enough, first == second, "{first:?} {second:?}");
        }
    }
}

#[test]
fn icons_stand_out_from_their_panel_and_have_the_same_shape_on_both() {
    for mark in MARKS {
        let pictures = [(Panel::Dark, 0.0), (Panel::Light, 1.0)];
        let [dark, light] = pictures.map(|(panel, ground)| {
            let picture = draw(mark, panel);
            for pixel in picture.chunks_exact(4).filter(|pixel| pixel[3] == 255) {
                let contrast = contrast(luminance([pixel[0], pixel[1], pixel[2]]), ground);
                // WCAG 2.2, 1.4.11: 3:1 for graphics.
                assert!(contrast >= 3.0, "{mark:?} {panel:?} {contrast}");
            }
            shape(&picture)
        });
        assert_eq!(dark, light);
    }
}

/// Relative luminance, by WCAG 2.2.
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
