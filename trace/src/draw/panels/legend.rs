//! The legend of colors, stripes and lines.

use super::{LINE, WIDTH, text_width};
use crate::ScopeRole;
use crate::draw::Scene;
use crate::draw::bars::Bars;
use crate::draw::palette::{DETACHED, FRAME, OTHERS, Palette, Style};
use crate::draw::svg::{At, Svg};

const LEFT: f64 = 16.0;
const MOST_CHARACTERS: usize = 60;

/// The symbol of an entry.
#[derive(Clone, Copy)]
enum Swatch {
    Nothing,
    Style(Style),
    Scratch(Style),
    Area(&'static str),
    Line(&'static str),
}

pub(super) struct Entry {
    x: f64,
    swatch: Swatch,
    text: String,
}

/// Entries in rows of the drawing's width: those of the map, then those of the curves.
pub(super) fn rows(scene: &Scene<'_>, bars: &Bars, has_limit: bool) -> Vec<Vec<Entry>> {
    let has_detached = scene
        .allocations
        .iter()
        .any(|a| a.scope.is_none() || a.detached.is_some());
    let mut scratch = scene.scopes.iter().filter(|s| s.role == ScopeRole::Scratch);
    let has_leak = scene.scopes.iter().any(|scope| scope.end.is_none());
    let has_others = bars.bars.iter().any(|bar| bar.style == OTHERS)
        || (scene.scopes.iter()).any(|scope| scene.palette.of_scope(scope) == OTHERS);
    let mut map = vec![(Swatch::Nothing, "memory:".to_owned())];
    for (style, entry) in scene.palette.entries.iter().enumerate() {
        let is_used = match style {
            FRAME => !scene.scopes.is_empty(),
            DETACHED => has_detached,
            _ => style != OTHERS,
        };
        if is_used {
            map.push((Swatch::Style(style), entry.name.clone()));
        }
    }
    if has_others {
        let name = scene.palette.entries[OTHERS].name.clone();
        map.push((Swatch::Style(OTHERS), name));
    }
    if let Some(scope) = scratch.next() {
        let style = scene.palette.of_scope(scope);
        map.push((Swatch::Scratch(style), "striped: scratch".to_owned()));
    }
    map.push((Swatch::Area("used"), "in use, nothing requested".to_owned()));
    map.push((Swatch::Area("kept"), "retained".to_owned()));
    if has_leak {
        map.push((Swatch::Area("leak"), "never returned".to_owned()));
    }
    let mut curves = vec![
        (Swatch::Nothing, "curves:".to_owned()),
        (
            Swatch::Area("live"),
            "live (requested, not ended)".to_owned(),
        ),
        (Swatch::Line("in-use"), "blocks and runs in use".to_owned()),
        (Swatch::Line("held"), "in use and retained".to_owned()),
    ];
    if has_limit {
        curves.push((Swatch::Line("limit"), "limit minus charges".to_owned()));
    }
    let mut rows = Vec::new();
    for entries in [map, curves] {
        let mut x = WIDTH;
        for (swatch, text) in entries {
            let text = shortened(text);
            let width = text_left(swatch) + text_width(&text) + 12.0;
            if x + width > WIDTH - LEFT {
                rows.push(Vec::new());
                x = LEFT;
            }
            if let Some(row) = rows.last_mut() {
                row.push(Entry { x, swatch, text });
            }
            x += width;
        }
    }
    rows
}

fn shortened(text: String) -> String {
    if text.chars().count() <= MOST_CHARACTERS {
        return text;
    }
    text.chars()
        .take(MOST_CHARACTERS - 1)
        .chain(['…'])
        .collect()
}

fn text_left(swatch: Swatch) -> f64 {
    if matches!(swatch, Swatch::Nothing) {
        0.0
    } else {
        21.0
    }
}

/// A pattern for each color: the color with white stripes.
pub(super) fn patterns(svg: &mut Svg<'_>, palette: &Palette) {
    svg.open("defs", format_args!(""));
    for (style, entry) in palette.entries.iter().enumerate() {
        let id = format_args!(
            "id=\"p{style}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\""
        );
        svg.open("pattern", id);
        let whole = format_args!("width=\"8\" height=\"8\" fill=\"{}\"", entry.color);
        svg.empty("rect", whole);
        svg.empty(
            "rect",
            format_args!("width=\"3\" height=\"8\" fill=\"#fff\" fill-opacity=\".8\""),
        );
        svg.close();
    }
    svg.close();
}

pub(super) fn draw(svg: &mut Svg<'_>, palette: &Palette, rows: &[Vec<Entry>], top: f64) {
    for (row, entries) in rows.iter().enumerate() {
        let y = top + row as f64 * LINE;
        for entry in entries {
            draw_entry(svg, palette, entry, y);
        }
    }
}

fn draw_entry(svg: &mut Svg<'_>, palette: &Palette, entry: &Entry, y: f64) {
    let x = At(entry.x);
    let of_style = match entry.swatch {
        Swatch::Style(style) => format!(" data-s=\"s{style}\""),
        _ => String::new(),
    };
    svg.open("g", format_args!("class=\"legend\"{of_style}"));
    let at = format!("x=\"{x}\" y=\"{}\" width=\"16\" height=\"12\"", At(y));
    match entry.swatch {
        Swatch::Nothing => {}
        Swatch::Style(style) => {
            let color = palette.entries[style].color;
            svg.empty("rect", format_args!("{at} fill=\"{color}\""));
        }
        Swatch::Scratch(style) => svg.empty("rect", format_args!("{at} fill=\"url(#p{style})\"")),
        Swatch::Area("leak") => {
            svg.empty("rect", format_args!("{at} class=\"leak\" fill=\"none\""))
        }
        Swatch::Area(class) => svg.empty("rect", format_args!("{at} class=\"{class}\"")),
        Swatch::Line(class) => {
            let middle = At(y + 6.0);
            svg.empty(
                "path",
                format_args!("class=\"{class}\" d=\"M{x} {middle}h16\""),
            );
        }
    }
    let text_x = At(entry.x + text_left(entry.swatch));
    svg.text(
        "text",
        format_args!("x=\"{text_x}\" y=\"{}\"", At(y + 10.5)),
        &entry.text,
    );
    svg.close();
}
