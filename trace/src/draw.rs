//! Drawings of traces: time from left to right, memory from top to bottom.

mod bars;
mod curves;
mod heading;
mod lanes;
mod page;
mod palette;
mod panels;
mod scale;
mod shapes;
mod svg;

use std::io::{self, Write};

use crate::list::Fallible;
use crate::{Allocation, Level, MemorySpan, ScopeSpan, Trace};
use palette::Palette;
use scale::TimeScale;

/// A drawing of the memory of a trace over time, as SVG or as an HTML page that zooms.
///
/// Time goes from left to right. At the top are curves of the bytes live, in use and retained;
/// below them the frames and stages; then one lane for each block and run, in the order in which
/// they were taken from the system. The height of a lane is in proportion to its bytes. Each
/// request is a rectangle in its lane, from its time to the end of its scope, at its address, in
/// the color of its stage. A lane is white before its memory was taken from the system and after it
/// was released, and gray where nothing was requested.
///
/// Requests too small to be told apart are joined with their neighbors of the same stage; the
/// drawing says how small. So it has at most about 3000 rectangles, however long the trace is.
///
/// ```
/// use frame_arena::{Arena, PlaneAlloc};
/// use frame_arena_trace::{MemoryMap, Trace};
///
/// let arena = Arena::builder().record().build();
/// arena.with_frame(|frame| frame.stage("filters").plane::<f32>(640, 480).map(|_| ()))?;
/// let trace = Trace::from(arena.recording()?.expect("an arena that records"));
///
/// let mut svg = Vec::new();
/// MemoryMap::new(&trace).title("A filter").write_svg(&mut svg)?;
/// assert!(svg.starts_with(b"<svg"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryMap<'t> {
    trace: &'t Trace,
    title: String,
    limit_bytes: Option<usize>,
}

impl<'t> MemoryMap<'t> {
    /// Makes the drawing of a trace. The same trace gives the same drawing.
    pub fn new(trace: &'t Trace) -> Self {
        Self {
            trace,
            title: "Memory of a trace".to_owned(),
            limit_bytes: None,
        }
    }

    /// Sets the title at the top.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the limit of the recorded arena, which a trace does not contain.
    pub fn limit_bytes(mut self, bytes: usize) -> Self {
        self.limit_bytes = Some(bytes);
        self
    }

    /// Writes the drawing as an SVG document. Explanations appear under the pointer if the viewer
    /// supports that.
    ///
    /// # Errors
    /// The errors of `to`; no memory for the shapes.
    pub fn write_svg(&self, mut to: impl Write) -> io::Result<()> {
        panels::write(self, 0.5, &mut to)
    }

    /// Writes the drawing as an HTML page that needs no other file: the wheel zooms into time,
    /// dragging moves, and pointing at a stage in the legend highlights it. The page shows finer
    /// details than the SVG, down to an eighth of the width, if these are not too many.
    ///
    /// # Errors
    /// As [`write_svg`](Self::write_svg).
    pub fn write_html(&self, to: impl Write) -> io::Result<()> {
        page::write(self, to)
    }
}

/// A trace prepared for drawing.
struct Scene<'t> {
    trace: &'t Trace,
    scopes: Vec<ScopeSpan>,
    allocations: Vec<Allocation>,
    memory: Vec<MemorySpan>,
    levels: Vec<Level>,
    time: TimeScale<'t>,
    palette: Palette,
}

impl<'t> Scene<'t> {
    fn new(trace: &'t Trace, finest: f64) -> Fallible<Self> {
        let (scopes, allocations) = (trace.scopes()?, trace.allocations()?);
        Ok(Self {
            trace,
            memory: trace.memory()?,
            levels: trace.levels()?,
            time: TimeScale::new(trace.events(), finest),
            palette: Palette::new(&scopes, &allocations)?,
            scopes,
            allocations,
        })
    }
}
