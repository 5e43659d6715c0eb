//! The curves of bytes over time.

use super::{CURVES_HEIGHT, Curve, LEFT, PLOT_WIDTH, byte_axis, grid, open_plot};
use crate::Level;
use crate::draw::Scene;
use crate::draw::heading::Heading;
use crate::draw::scale::{bytes, text_width};
use crate::draw::svg::{At, Svg};

fn kept(level: &Level) -> f64 {
    (level.in_use_bytes + level.retained_bytes) as f64
}

/// The part of a limit that charges leave.
fn left_by_limit(limit_bytes: usize) -> impl Fn(&Level) -> f64 {
    move |level| limit_bytes.saturating_sub(level.charged_bytes) as f64
}

/// Whether to draw the limit. A limit far above the curves would flatten them, so only the heading
/// states it.
pub(super) fn shows_limit(scene: &Scene<'_>, limit_bytes: usize) -> bool {
    let highest = scene.levels.iter().map(kept).fold(1.0, f64::max);
    let left = scene.levels.iter().map(left_by_limit(limit_bytes));
    left.fold(f64::INFINITY, f64::min) < 1.6 * highest
}

/// Room above the highest curve, for the peak's label.
const HEADROOM: f64 = 1.15;

pub(super) fn draw(
    svg: &mut Svg<'_>,
    scene: &Scene<'_>,
    heading: &Heading,
    limit_bytes: Option<usize>,
    y: f64,
) {
    let (levels, height) = (&scene.levels, CURVES_HEIGHT);
    let highest = levels.iter().map(kept).fold(1.0, f64::max);
    let limit = limit_bytes.map(left_by_limit);
    let highest = match &limit {
        Some(room) => levels
            .iter()
            .map(room)
            .fold(f64::INFINITY, f64::min)
            .max(highest),
        None => highest,
    };
    let most = highest * HEADROOM;
    byte_axis(svg, most, y, height);
    open_plot(svg, y, height, "curves");
    grid(svg, scene, height);
    let live = curve(scene, most, |level| level.live_bytes as f64);
    svg.empty(
        "path",
        format_args!("class=\"live\" d=\"{live}V{h}H0Z\"", h = At(height)),
    );
    let in_use = curve(scene, most, |level| level.in_use_bytes as f64);
    svg.empty("path", format_args!("class=\"in-use\" d=\"{in_use}\""));
    let held = curve(scene, most, kept);
    svg.empty("path", format_args!("class=\"held\" d=\"{held}\""));
    if let Some(room) = limit {
        let room = curve(scene, most, room);
        svg.empty("path", format_args!("class=\"limit\" d=\"{room}\""));
    }
    peak_line(svg, scene, heading, height);
    svg.close();
    let (event, live) = heading.peak;
    let text = format!("most live: {}", bytes(live));
    let x = LEFT + scene.time.x(scene.time.at(event));
    let fits = x + text_width(&text) + 8.0 < LEFT + PLOT_WIDTH;
    let (x, class) = if fits { (x + 5.0, "") } else { (x - 5.0, "e") };
    let at = format_args!(
        "x=\"{}\" y=\"{}\" class=\"{class}\" data-x=\"1\"",
        At(x),
        At(y + 12.0)
    );
    svg.text("text", at, &text);
    svg.empty(
        "path",
        format_args!(
            "class=\"grid\" d=\"M{LEFT} {}h{PLOT_WIDTH}\"",
            At(y + height)
        ),
    );
}

fn curve<'a, F: Fn(&Level) -> f64>(scene: &'a Scene<'_>, most: f64, figure: F) -> Curve<'a, F> {
    Curve {
        time: &scene.time,
        levels: &scene.levels,
        most,
        height: CURVES_HEIGHT,
        figure,
    }
}

/// The moment at which most bytes are live.
pub(super) fn peak_line(svg: &mut Svg<'_>, scene: &Scene<'_>, heading: &Heading, height: f64) {
    let x = At(scene.time.x(scene.time.at(heading.peak.0)));
    svg.empty(
        "path",
        format_args!("class=\"peak\" d=\"M{x} 0v{}\"", At(height)),
    );
}
