//! Writes a trace of the heap of a decoder that holds whole planes: every allocation of at least 4
//! KiB that jxl-oxide makes in one decode on one thread, each as a detached buffer.
//!
//! `record_heap FILE.jxl OUT.trace`
#![allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use frame_arena::Kind;
use frame_arena_trace::{Action, Event, Fill, MemoryClass, Trace};
use jxl_oxide::{JxlImage, JxlThreadPool};

/// Smaller allocations are left out.
const LEAST_BYTES: usize = 4096;

#[global_allocator]
static ALLOCATOR: Recording = Recording;

/// The system's allocator. It notes each allocation and its end.
struct Recording;

static IS_RECORDING: AtomicBool = AtomicBool::new(false);
static LEFT_OUT: AtomicUsize = AtomicUsize::new(0);
static NOTES: Mutex<Vec<Note>> = Mutex::new(Vec::new());

struct Note {
    at: Instant,
    address: usize,
    /// Bytes and fill of a new allocation, or `None` if it ended.
    taken: Option<(usize, Fill)>,
}

/// Makes a note if the list has room for it, because the list must not allocate here.
fn note(start: *mut u8, bytes: usize, taken: Option<Fill>) {
    if !IS_RECORDING.load(Relaxed) {
        return;
    }
    if bytes < LEAST_BYTES {
        LEFT_OUT.fetch_add(usize::from(taken.is_some()), Relaxed);
        return;
    }
    if let Ok(mut notes) = NOTES.lock()
        && notes.len() < notes.capacity()
    {
        notes.push(Note {
            at: Instant::now(),
            address: start.addr(),
            taken: taken.map(|fill| (bytes, fill)),
        });
    }
}

// SAFETY: the system's allocator does the work; notes do not touch the memory.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let start = unsafe { System.alloc(layout) };
        note(start, layout.size(), Some(Fill::Stale));
        start
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let start = unsafe { System.alloc_zeroed(layout) };
        note(start, layout.size(), Some(Fill::Zeroed));
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        note(start, layout.size(), None);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let moved = unsafe { System.realloc(start, layout, bytes) };
        note(start, layout.size(), None);
        note(moved, bytes, Some(Fill::Stale));
        moved
    }
}

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [file, out] = &paths[..] else {
        eprintln!("usage: record_heap FILE.jxl OUT.trace");
        return ExitCode::FAILURE;
    };
    match fs::read(file).map_err(Into::into).and_then(|file| {
        let (trace, pixels) = record(&file)?;
        write(&trace, pixels, BufWriter::new(File::create(out)?))
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

/// Returns the trace of a decode of `file`, and the number of pixels.
fn record(file: &[u8]) -> Result<(Trace, usize), Failure> {
    // The first decode of a process fills tables that stay.
    let pixels = decode(file)?;
    if let Ok(mut notes) = NOTES.lock() {
        notes.reserve(1 << 20);
    }
    let begin = Instant::now();
    IS_RECORDING.store(true, Relaxed);
    let decoded = decode(file);
    IS_RECORDING.store(false, Relaxed);
    decoded?;
    let notes = NOTES.lock().map(|mut notes| std::mem::take(&mut *notes));
    let notes = notes.map_err(|_| "a panic while recording")?;
    if notes.len() == notes.capacity() {
        return Err("more allocations than the list of notes has room for".into());
    }
    Ok((trace_of(&notes, begin)?, pixels))
}

/// Decodes to 8-bit samples, row by row into one buffer: the memory of the finished picture would
/// be the caller's.
fn decode(file: &[u8]) -> Result<usize, Failure> {
    let image = JxlImage::builder().pool(JxlThreadPool::none()).read(file)?;
    let render = image.render_frame(0)?;
    let mut stream = render.stream();
    let mut row = vec![0u8; stream.width() as usize * stream.channels() as usize];
    for _ in 0..stream.height() {
        stream.write_to_buffer(&mut row);
    }
    Ok(image.width() as usize * image.height() as usize)
}

/// Returns a trace of one frame, in which each allocation is a detached buffer in its own run.
fn trace_of(notes: &[Note], begin: Instant) -> Result<Trace, Failure> {
    let mut events = Vec::new();
    let mut open: HashMap<usize, usize> = HashMap::new();
    let mut memory = 0;
    let mut push = |at: Instant, action| {
        let time_ns = at.duration_since(begin).as_nanos() as u64;
        events.push(Event {
            time_ns,
            thread: 0,
            action,
        });
    };
    push(begin, Action::OpenFrame);
    for note in notes {
        match note.taken {
            Some((bytes, fill)) => {
                let class = MemoryClass::Run;
                push(note.at, Action::Make { class, bytes });
                let request = Action::Request {
                    scope: None,
                    kind: Kind::Detached,
                    fill,
                    bytes,
                    memory,
                    offset: 0,
                };
                push(note.at, request);
                open.insert(note.address, memory);
                memory += 1;
            }
            None => {
                if let Some(memory) = open.remove(&note.address) {
                    push(note.at, Action::Release { memory });
                }
            }
        }
    }
    push(
        notes.last().map_or(begin, |note| note.at),
        Action::Close { scope: 0 },
    );
    Ok(Trace::new(Vec::new(), events)?)
}

fn write(trace: &Trace, pixels: usize, mut out: impl Write) -> Result<(), Failure> {
    let mut text = Vec::new();
    trace.write_to(&mut text)?;
    let text = String::from_utf8(text)?;
    let (heading, events) = text.split_once('\n').ok_or("an empty trace")?;
    let levels = trace.levels()?;
    let peak_bytes = levels.iter().map(|level| level.live_bytes).max();
    writeln!(out, "{heading}")?;
    writeln!(
        out,
        "# Whole planes: the allocations of at least {LEAST_BYTES} bytes of jxl-oxide 0.12, \
        one thread; {:.1} bytes per pixel at once.\n\
        # {} smaller allocations are left out. Recorded by compare/replay/src/bin/record_heap.rs.",
        peak_bytes.unwrap_or(0) as f64 / pixels as f64,
        LEFT_OUT.load(Relaxed),
    )?;
    out.write_all(events.as_bytes())?;
    Ok(out.flush()?)
}
