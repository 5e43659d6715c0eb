//! Shapes of an SVG picture.

use std::fmt::Write;

/// A point in pixels.
pub(super) type Point = (f64, f64);

/// Part of a text that is placed at its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture that is drawn from back to front.
pub(super) struct Svg {
    body: String,
    size: (u32, u32),
}

const INK: &str = "#0b0b0b";

impl Svg {
    /// Makes a white picture.
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self {
            body: String::new(),
            size: (width, height),
        }
    }

    /// Draws a line through points.
    pub(super) fn line(&mut self, points: &[Point], color: &str, width: f64) {
        let points = list(points);
        self.add(&format!(
            r#"<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round"/>"#
        ));
    }

    /// Fills the area that points enclose.
    pub(super) fn area(&mut self, points: &[Point], color: &str) {
        let points = list(points);
        self.add(&format!(r#"<polygon points="{points}" fill="{color}"/>"#));
    }

    /// Writes a text in black.
    pub(super) fn text(&mut self, (x, y): Point, anchor: Anchor, size: u32, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.add(&format!(
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">{text}</text>"#
        ));
    }

    /// Returns the file.
    pub(super) fn finish(self) -> String {
        let (width, height) = self.size;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"Helvetica, Arial, sans-serif\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n{}</svg>\n",
            self.body
        )
    }

    fn add(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }
}

fn list(points: &[Point]) -> String {
    let mut list = String::new();
    for (x, y) in points {
        // Writing to a string does not fail.
        let _ = write!(list, "{x:.1},{y:.1} ");
    }
    list.trim_end().to_owned()
}
