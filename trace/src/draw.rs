//! Pictures of traces: time across, memory down.

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

/// A picture of a trace, as SVG or as a page that can be zoomed.
///
/// Time goes from left to right. Above are curves of the bytes live, in use and kept; below them
/// the frames and stages; then one lane for each block and run, as high as its share of the bytes,
/// in the order in which they came from the system. What was requested is a rectangle in its lane:
/// from its request to the end of its scope, at its address, in its stage's color. A lane is white
/// before its memory came from the system and after it went back, and gray where nothing was
/// requested.
///
/// Requests too small to be seen apart are joined with their neighbors of the same stage; the
/// picture says how small. So it has about 3000 rectangles at most, whatever the trace has.
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
    /// The picture of a trace. The same trace gives the same picture.
    pub fn new(trace: &'t Trace) -> Self {
        Self {
            trace,
            title: "Memory of a trace".to_owned(),
            limit_bytes: None,
        }
    }

    /// The line at the top.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The limit of the arena that was recorded, which no trace tells.
    pub fn limit_bytes(mut self, bytes: usize) -> Self {
        self.limit_bytes = Some(bytes);
        self
    }

    /// Writes the picture as an SVG document. What something is appears under the pointer where the
    /// viewer supports that.
    ///
    /// # Errors
    /// The errors of `to`; no memory for lists of what is drawn.
    pub fn write_svg(&self, mut to: impl Write) -> io::Result<()> {
        panels::write(self, 0.5, &mut to)
    }

    /// Writes the picture as a page of HTML that needs no other file: the wheel zooms into time,
    /// dragging moves, and a stage of the legend is picked out by pointing at it. It tells apart
    /// what is an eighth as short, if that is not too much.
    ///
    /// # Errors
    /// As [`write_svg`](Self::write_svg).
    pub fn write_html(&self, to: impl Write) -> io::Result<()> {
        page::write(self, to)
    }
}

/// A trace as it is drawn.
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
