use std::io::{self, Write};

use frame_arena::{Kind, SampleKind, Shape};

use crate::{Action, Event, Fill, MemoryClass, Trace};

/// The first line.
pub(crate) const HEADING: &str = "frame-arena trace 1";

pub(crate) const SAMPLES: [(SampleKind, char); 6] = [
    (SampleKind::F32, 'f'),
    (SampleKind::I32, 'i'),
    (SampleKind::I16, 's'),
    (SampleKind::U16, 'u'),
    (SampleKind::U8, 'b'),
    (SampleKind::Other, 'o'),
];

pub(crate) const SHAPES: [(Shape, char); 4] = [
    (Shape::Slice, '1'),
    (Shape::Plane, '2'),
    (Shape::PlaneSet, '3'),
    (Shape::Picture, 'p'),
];

pub(crate) const CLASSES: [(MemoryClass, char); 2] =
    [(MemoryClass::Block, 'b'), (MemoryClass::Run, 'r')];

impl Trace {
    /// Writes the trace as [text](crate#the-text-format). Writes are not buffered: pass a
    /// [`std::io::BufWriter`] if `to` is a file. A line break in a stage's name becomes a space.
    ///
    /// # Errors
    /// The errors of `to`; [`io::ErrorKind::Unsupported`] for a kind of request for which the
    /// format has no letter.
    pub fn write_to(&self, mut to: impl Write) -> io::Result<()> {
        writeln!(to, "{HEADING}")?;
        for name in &self.names {
            writeln!(to, "n {}", name.replace(['\n', '\r'], " "))?;
        }
        let mut before = Event {
            time_ns: 0,
            thread: 0,
            action: Action::OpenFrame,
        };
        for event in &self.events {
            if event.thread != before.thread {
                writeln!(to, "t {}", event.thread)?;
            }
            write!(to, "{} ", event.time_ns.saturating_sub(before.time_ns))?;
            write_action(&mut to, &event.action)?;
            before = *event;
        }
        Ok(())
    }
}

fn write_action(to: &mut impl Write, action: &Action) -> io::Result<()> {
    match *action {
        Action::OpenFrame => writeln!(to, "f"),
        Action::OpenStage { parent, name } => writeln!(to, "s {parent} {name}"),
        Action::OpenScratch { parent } => writeln!(to, "w {parent}"),
        Action::Close { scope } => writeln!(to, "e {scope}"),
        Action::Request {
            scope,
            kind,
            fill,
            bytes,
            memory,
            offset,
        } => {
            match scope {
                Some(scope) => write!(to, "r {scope} ")?,
                None => write!(to, "r - ")?,
            }
            write_kind(to, kind)?;
            let fill = match fill {
                Fill::Zeroed => 'z',
                Fill::Stale => 's',
            };
            writeln!(to, " {fill} {bytes} {memory} {offset}")
        }
        Action::Detach { memory } => writeln!(to, "d {memory}"),
        Action::Make { class, bytes } => writeln!(to, "m {} {bytes}", letter(&CLASSES, class)?),
        Action::Reuse { memory } => writeln!(to, "u {memory}"),
        Action::Keep { memory } => writeln!(to, "k {memory}"),
        Action::Release { memory } => writeln!(to, "x {memory}"),
        Action::Charge { scope, bytes } => writeln!(to, "c {scope} {bytes}"),
        Action::Discharge { charge } => writeln!(to, "g {charge}"),
    }
}

fn write_kind(to: &mut impl Write, kind: Kind) -> io::Result<()> {
    match kind {
        Kind::Scratch => write!(to, "w"),
        Kind::Detached => write!(to, "d"),
        Kind::Collection => write!(to, "c"),
        Kind::Raw => write!(to, "r"),
        Kind::Samples(sample, shape) => {
            let (sample, shape) = (letter(&SAMPLES, sample)?, letter(&SHAPES, shape)?);
            write!(to, "{sample}{shape}")
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn letter<T: PartialEq>(letters: &[(T, char)], value: T) -> io::Result<char> {
    let found = letters.iter().find(|(known, _)| *known == value);
    let letter = found.map(|&(_, letter)| letter);
    letter.ok_or(io::ErrorKind::Unsupported.into())
}
