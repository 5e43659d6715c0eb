//! The parts of the picture, from its top to its bottom.

use std::io;

use super::bars::{self, Bars, ROW_HEIGHT};
use super::curves::{CURVES_HEIGHT, Curve};
use super::heading::Heading;
use super::lanes::Lanes;
use super::scale::{PLOT_WIDTH, byte_ticks, bytes, count, text_width};
use super::shapes::Shapes;
use super::svg::{At, Svg};
use super::{MemoryMap, Scene};

mod chart;
mod legend;
mod map;

const WIDTH: f64 = 1200.0;
/// Left edge of the parts with a time axis.
const LEFT: f64 = 100.0;
const LINE: f64 = 18.0;
const GAP: f64 = 14.0;

const STYLE: &str = "\
text{font:12px system-ui,'DejaVu Sans',sans-serif;fill:#222}
.h{font-size:16px;font-weight:600}.n{fill:#555}.e{text-anchor:end}.c{text-anchor:middle}
.leak-text{fill:#b00020;font-weight:600}
.grid{stroke:#dedede;stroke-width:1}.peak{stroke:#222;stroke-width:1;stroke-dasharray:4 3}
.live{fill:#6b7f94;stroke:none}.in-use{fill:none;stroke:#111;stroke-width:1.3}
.held{fill:none;stroke:#777;stroke-width:1.3;stroke-dasharray:5 3}.limit{fill:none;stroke:#b00020;stroke-width:1.6}
.kept{fill:#ededed}.used{fill:#cfcfcf}
.m{stroke:#fff;stroke-width:.6}.leak{stroke:#b00020;stroke-width:2.4}
path,rect,line{vector-effect:non-scaling-stroke}";

/// Writes the whole document, with details of widths down to `finest`.
///
/// # Errors
/// The errors of `to`; no memory.
pub(super) fn write(map: &MemoryMap<'_>, finest: f64, to: &mut dyn io::Write) -> io::Result<()> {
    let scene = Scene::new(map.trace, finest)?;
    let bars = Bars::new(&scene)?;
    let heading = Heading::new(&scene, map.limit_bytes, bars.frames)?;
    let lanes = Lanes::new(&scene.memory)?;
    let shapes = Shapes::new(&scene, &lanes)?;

    let limit = map
        .limit_bytes
        .filter(|&limit| chart::shows_limit(&scene, limit));
    let legend = legend::rows(&scene, &bars, limit.is_some());
    let lines = heading.lines.len() + heading.leaks.len();
    let legend_y = 38.0 + lines as f64 * LINE;
    let curves_y = legend_y + legend.len() as f64 * LINE + GAP;
    let bars_y = curves_y + CURVES_HEIGHT + GAP;
    let lanes_y = bars_y + bars.rows as f64 * ROW_HEIGHT + GAP;
    let axis_y = lanes_y + lanes.height + 4.0;
    let height = axis_y + 2.0 * LINE + GAP;

    let mut svg = Svg::new(to);
    svg.open(
        "svg",
        format_args!(
            "xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {h}\" \
             width=\"{WIDTH}\" height=\"{h}\" \
             data-left=\"{LEFT}\" data-width=\"{PLOT_WIDTH}\" \
             data-span=\"{span}\" data-order=\"{order}\"",
            h = At(height),
            span = scene.time.span(),
            order = u8::from(scene.time.by_order),
        ),
    );
    svg.text("title", format_args!(""), &map.title);
    svg.text("style", format_args!(""), STYLE);
    legend::patterns(&mut svg, &scene.palette);
    svg.empty(
        "rect",
        format_args!("width=\"100%\" height=\"100%\" fill=\"#fff\""),
    );
    write_heading(&mut svg, &map.title, &heading);
    legend::draw(&mut svg, &scene.palette, &legend, legend_y);
    chart::draw(&mut svg, &scene, &heading, limit, curves_y);
    map::bars(&mut svg, &scene, &bars, bars_y);
    map::lanes(&mut svg, &scene, &lanes, &shapes, &heading, lanes_y)?;
    axis(&mut svg, &scene, axis_y);
    let rule = joining_rule(&scene, &lanes, &shapes);
    let at = format_args!("x=\"{LEFT}\" y=\"{}\" class=\"n\"", At(axis_y + 2.0 * LINE));
    svg.text("text", at, &rule);
    svg.finish()
}

fn write_heading(svg: &mut Svg<'_>, title: &str, heading: &Heading) {
    svg.text("text", format_args!("x=\"16\" y=\"24\" class=\"h\""), title);
    let mut y = 24.0 + LINE + 2.0;
    for (line, class) in (heading.lines.iter().map(|line| (line, "")))
        .chain(heading.leaks.iter().map(|line| (line, "leak-text")))
    {
        svg.text(
            "text",
            format_args!("x=\"16\" y=\"{}\" class=\"{class}\"", At(y)),
            line,
        );
        y += LINE;
    }
}

/// Begins a part with a time axis, clipped at its edges.
fn open_plot(svg: &mut Svg<'_>, y: f64, height: f64, class: &str) {
    let (y, h) = (At(y), At(height.max(1.0)));
    svg.open(
        "svg",
        format_args!(
            "class=\"plot {class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{PLOT_WIDTH}\" height=\"{h}\" \
             viewBox=\"0 0 {PLOT_WIDTH} {h}\" preserveAspectRatio=\"none\""
        ),
    );
}

fn grid(svg: &mut Svg<'_>, scene: &Scene<'_>, height: f64) {
    for tick in scene.time.ticks() {
        let x = At(scene.time.x(tick));
        svg.empty(
            "path",
            format_args!("class=\"grid\" d=\"M{x} 0v{}\"", At(height)),
        );
    }
}

fn axis(svg: &mut Svg<'_>, scene: &Scene<'_>, y: f64) {
    svg.open(
        "g",
        format_args!("class=\"axis\" data-y=\"{}\"", At(y + 12.0)),
    );
    for tick in scene.time.ticks() {
        let x = LEFT + scene.time.x(tick);
        if x > WIDTH - 30.0 {
            break;
        }
        let text = if tick == 0 {
            "0".to_owned()
        } else {
            scene.time.text(tick)
        };
        svg.text(
            "text",
            format_args!("x=\"{}\" y=\"{}\" class=\"c n\"", At(x), At(y + 12.0)),
            &text,
        );
    }
    svg.close();
}

/// The text that says how requests were joined into rectangles.
fn joining_rule(scene: &Scene<'_>, lanes: &Lanes, shapes: &Shapes) -> String {
    let drawn = shapes.shapes.len();
    let requests = count(scene.allocations.len(), "request", "requests");
    if drawn >= scene.allocations.len() {
        return format!("{requests}, each a rectangle of its own.");
    }
    let time = (4.0 * shapes.rounding / PLOT_WIDTH * scene.time.span() as f64) as u64;
    let least = match scene.time.by_order {
        true => count(time as usize, "event", "events"),
        false => scene.time.text(time),
    };
    let mut rule = format!(
        "{requests} in {drawn} rectangles: what is shorter than {least}, or lower than 2 units, \
         is joined with its neighbors of the same stage"
    );
    if let Some(shared) = &lanes.shared {
        rule += &format!(
            "; what is in the {} smallest is not drawn",
            shared.members.len()
        );
    }
    rule + "."
}

/// Round numbers of bytes next to a part, and lines across it.
fn byte_axis(svg: &mut Svg<'_>, most: f64, y: f64, height: f64) {
    for tick in byte_ticks(most, 6.0) {
        let at = y + height - tick / most * height;
        svg.empty(
            "path",
            format_args!("class=\"grid\" d=\"M{LEFT} {}h{PLOT_WIDTH}\"", At(at)),
        );
        let text = bytes(tick as usize);
        svg.text(
            "text",
            format_args!("x=\"{}\" y=\"{}\" class=\"e n\"", LEFT - 8.0, At(at + 4.0)),
            &text,
        );
    }
}
