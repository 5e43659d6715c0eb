//! Frames and stages, and below them the lanes of memory with their requests.

use super::chart::peak_line;
use super::{LEFT, PLOT_WIDTH, ROW_HEIGHT, bars, bytes, grid, open_plot, text_width};
use crate::draw::Scene;
use crate::draw::bars::Bars;
use crate::draw::curves::Curve;
use crate::draw::heading::Heading;
use crate::draw::lanes::{Lanes, Shared};
use crate::draw::scale::count;
use crate::draw::shapes::{Shape, Shapes};
use crate::draw::svg::{At, Svg};
use crate::list::{Fallible, filled, listed};
use crate::{Fill, Level, MemoryClass, MemorySpan};

/// Lanes of less height have no label.
const LABELED_HEIGHT: f64 = 12.0;

pub(super) fn bars(svg: &mut Svg<'_>, scene: &Scene<'_>, all: &Bars, y: f64) {
    if all.rows == 0 {
        return;
    }
    let text_y = At(y + ROW_HEIGHT - 4.5);
    let at = format_args!("x=\"{}\" y=\"{text_y}\" class=\"e n\"", LEFT - 8.0);
    svg.text("text", at, "frames, stages");
    open_plot(svg, y, all.rows as f64 * ROW_HEIGHT, "bars");
    for bar in &all.bars {
        let (left, right) = (scene.time.x(bar.from), scene.time.x(bar.to));
        let leak = if bar.is_leak { " leak" } else { "" };
        let attributes = format_args!(
            "class=\"m s{style}{leak}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"",
            At(left),
            At(bar.row as f64 * ROW_HEIGHT + 1.0),
            At((right - left).max(0.6)),
            ROW_HEIGHT - 2.0,
            scene.palette.entries[bar.style].color,
            style = bar.style,
        );
        svg.explained("rect", attributes, &bars::explanation(bar, scene));
    }
    svg.close();
    svg.open("g", format_args!("class=\"labels\""));
    for bar in &all.bars {
        let (left, right) = (scene.time.x(bar.from), scene.time.x(bar.to));
        let label = bar.label();
        if text_width(&label) + 8.0 > right - left {
            continue;
        }
        let color = if scene.palette.entries[bar.style].is_dark {
            "#fff"
        } else {
            "#111"
        };
        let attributes = format_args!(
            "x=\"{}\" y=\"{}\" style=\"fill:{color}\" data-a=\"{}\" data-b=\"{}\"",
            At(LEFT + left + 4.0),
            At(y + (bar.row + 1) as f64 * ROW_HEIGHT - 4.5),
            At(left),
            At(right),
        );
        svg.text("text", attributes, &label);
    }
    svg.close();
}

pub(super) fn lanes(
    svg: &mut Svg<'_>,
    scene: &Scene<'_>,
    lanes: &Lanes,
    shapes: &Shapes,
    heading: &Heading,
    y: f64,
) -> Fallible<()> {
    labels(svg, scene, lanes, y);
    open_plot(svg, y, lanes.height, "lanes");
    grid(svg, scene, lanes.height);
    for lane in &lanes.lanes {
        let memory = &scene.memory[lane.memory];
        let (y, height) = (At(lane.y), At(lane.height));
        let (from, to) = (scene.time.at(memory.begin), scene.time.end(memory.end));
        let span = |class: &str, from: u64, to: u64| {
            let (left, right) = (scene.time.x(from), scene.time.x(to));
            let width = At((right - left).max(0.6));
            format!(
                "class=\"{class}\" x=\"{}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"",
                At(left)
            )
        };
        let what = name(memory, lane.memory);
        svg.explained(
            "rect",
            format_args!("{}", span("kept", from, to)),
            &format!("{what}, retained"),
        );
        for_joined_uses(scene, memory, |from, to| {
            svg.empty("rect", format_args!("{}", span("used", from, to)));
        });
    }
    for shape in &shapes.shapes {
        draw_shape(
            svg,
            scene,
            shape,
            lanes.lanes[shape.lane].y,
            shapes.rounding,
        );
    }
    if let Some(shared) = &lanes.shared {
        draw_shared(svg, scene, shared)?;
    }
    peak_line(svg, scene, heading, lanes.height);
    svg.close();
    Ok(())
}

fn labels(svg: &mut Svg<'_>, scene: &Scene<'_>, lanes: &Lanes, y: f64) {
    for lane in lanes
        .lanes
        .iter()
        .filter(|lane| lane.height >= LABELED_HEIGHT)
    {
        let memory = &scene.memory[lane.memory];
        let middle = At(y + lane.y + lane.height / 2.0 + 4.0);
        let at = format_args!("x=\"{}\" y=\"{middle}\" class=\"e n\"", LEFT - 8.0);
        svg.text("text", at, &bytes(memory.bytes));
    }
    if let Some(shared) = &lanes.shared {
        let middle = At(y + shared.y + shared.height / 2.0 + 4.0);
        let text = format!("{} smaller", shared.members.len());
        svg.text(
            "text",
            format_args!("x=\"{}\" y=\"{middle}\" class=\"e n\"", LEFT - 8.0),
            &text,
        );
    }
}

fn name(memory: &MemorySpan, number: usize) -> String {
    let class = match memory.class {
        MemoryClass::Block => "block",
        MemoryClass::Run => "run",
    };
    format!("{class} {number} of {}", bytes(memory.bytes))
}

/// Calls `draw` with the times in which memory was in use. Uses less than half a unit apart are
/// joined.
fn for_joined_uses(scene: &Scene<'_>, memory: &MemorySpan, mut draw: impl FnMut(u64, u64)) {
    let mut open: Option<(u64, u64)> = None;
    for &(from, to) in &memory.uses {
        let (from, to) = (scene.time.at(from), scene.time.end(to));
        match &mut open {
            Some(open) if scene.time.x(from) - scene.time.x(open.1) < 0.5 => open.1 = to,
            _ => {
                if let Some((from, to)) = open.replace((from, to)) {
                    draw(from, to);
                }
            }
        }
    }
    if let Some((from, to)) = open {
        draw(from, to);
    }
}

fn draw_shape(svg: &mut Svg<'_>, scene: &Scene<'_>, shape: &Shape, y: f64, rounding: f64) {
    let [left, right, top, bottom] = shape.edges(rounding);
    let look = shape.look;
    let fill = match look.is_scratch {
        true => format!("url(#p{})", look.style),
        false => scene.palette.entries[look.style].color.to_owned(),
    };
    let leak = if look.is_leak { " leak" } else { "" };
    let scratch = if look.is_scratch { " w" } else { "" };
    let attributes = format_args!(
        "class=\"m s{}{scratch}{leak}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"",
        look.style,
        At(left),
        At(y + top),
        At(right.min(PLOT_WIDTH) - left),
        At(bottom - top),
    );
    svg.explained("rect", attributes, &explanation(scene, shape));
}

fn explanation(scene: &Scene<'_>, shape: &Shape) -> String {
    let stage = &scene.palette.entries[shape.look.style].name;
    let scratch = if shape.look.is_scratch {
        "scratch of "
    } else {
        ""
    };
    let total = bytes(usize::try_from(shape.bytes).unwrap_or(usize::MAX));
    let first = &scene.allocations[shape.allocation];
    let what = match shape.requests {
        1 => {
            let fill = match first.fill {
                Fill::Zeroed => "zeroed",
                Fill::Stale => "stale",
            };
            format!("{}, {total}, {fill}, thread {}", first.kind, first.thread)
        }
        many => format!("{}, {total}", count(many, "request", "requests")),
    };
    let memory = name(&scene.memory[first.memory], first.memory);
    let time = &scene.time;
    let end = match shape.look.is_leak {
        true => "never returned".to_owned(),
        false => format!(
            "{} ({})",
            time.text(shape.to),
            time.text(shape.to - shape.from)
        ),
    };
    format!(
        "{scratch}{stage}: {what}\n{memory}, at {}\n{} to {end}",
        bytes(first.offset),
        time.text(shape.from)
    )
}

/// Draws the bytes in use of memory without lanes.
fn draw_shared(svg: &mut Svg<'_>, scene: &Scene<'_>, shared: &Shared) -> Fallible<()> {
    let mut changes = filled(scene.levels.len(), 0i128)?;
    let mut total = 0i128;
    for &number in &shared.members {
        let memory = &scene.memory[number];
        total += memory.bytes as i128;
        for &(from, to) in &memory.uses {
            changes[from] += memory.bytes as i128;
            if let Some(to) = to {
                changes[to] -= memory.bytes as i128;
            }
        }
    }
    let mut in_use = 0;
    let sums = changes.into_iter().map(|change| {
        in_use += change;
        Level {
            in_use_bytes: usize::try_from(in_use).unwrap_or(usize::MAX),
            ..Level::default()
        }
    });
    let (sums, height) = (listed(sums)?, shared.height);
    let path = Curve {
        time: &scene.time,
        levels: &sums,
        most: (total as f64).max(1.0),
        height,
        figure: |level: &Level| level.in_use_bytes as f64,
    };
    let what = format!(
        "{} with {} in all: bytes in use",
        count(
            shared.members.len(),
            "block or run",
            "smaller blocks and runs"
        ),
        bytes(usize::try_from(total).unwrap_or(usize::MAX))
    );
    let at = format_args!(
        "class=\"live\" transform=\"translate(0 {})\" d=\"{path}V{h}H0Z\"",
        At(shared.y),
        h = At(height)
    );
    svg.explained("path", at, &what);
    Ok(())
}
