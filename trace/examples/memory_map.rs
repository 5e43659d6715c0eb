//! Draws a trace: `cargo run -p frame-arena-trace --example memory_map -- TRACE OUT.svg`, or
//! `OUT.html` for a page that can be zoomed.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use frame_arena_trace::{MemoryMap, Trace};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [trace_path, out] = &arguments[..] else {
        return Err("usage: memory_map TRACE OUT.svg|OUT.html".into());
    };
    let trace = Trace::read_from(&fs::read(trace_path)?[..])?;
    let name = Path::new(trace_path).file_stem().unwrap_or_default();
    let map = MemoryMap::new(&trace).title(name.to_string_lossy());
    let to = BufWriter::new(File::create(out)?);
    match Path::new(out).extension() {
        Some(extension) if extension == "html" => map.write_html(to)?,
        _ => map.write_svg(to)?,
    }
    Ok(())
}
