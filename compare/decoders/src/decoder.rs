//! One interface over the decoders that are compared.

mod arena;
mod jxl_rs;
mod oxide;

use anyhow::{Result, bail};
use clap::ValueEnum;
use frame_arena::{Arena, ArenaBuilder, Retention};

pub use self::arena::refusal;
use crate::image::Layout;
use crate::part::Part;

/// The decoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// This project's decoder, every decode in the same arena.
    JxlArena,
    /// The same with an arena that retains nothing: it requests each block and run from the global
    /// allocator and releases it there.
    JxlArenaNothingKept,
    /// jxl-oxide 0.12, a new image object for each decode: it has no way to keep memory.
    JxlOxide,
    /// jxl-rs 0.8, the decoder object reset and used again.
    JxlRs,
    /// The command djxl of libjxl, where it is installed, as a process that decodes the file
    /// several times.
    Djxl,
}

impl Peer {
    /// Name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Peer::JxlArena => "jxl-arena",
            Peer::JxlArenaNothingKept => "jxl-arena-nothing-kept",
            Peer::JxlOxide => "jxl-oxide",
            Peer::JxlRs => "jxl-rs",
            Peer::Djxl => "djxl",
        }
    }

    /// Tells whether the decoder has an interface for parts like `part`.
    pub fn decodes(self, part: Part) -> bool {
        match part {
            Part::Whole | Part::Prefix { .. } => true,
            Part::Eighth => matches!(self, Peer::JxlArena | Peer::JxlArenaNothingKept),
            Part::Region(_) => !matches!(self, Peer::JxlRs | Peer::Djxl),
        }
    }

    /// Makes the decoder. With `threads` 1 it runs on the calling thread and starts no other.
    pub fn open(self, threads: usize) -> Result<Box<dyn Decode>> {
        Ok(match self {
            Peer::JxlArena => Box::new(arena::ArenaDecoder::new(counted().build(), threads)?),
            Peer::JxlArenaNothingKept => {
                let nothing = Retention::UpTo { bytes: 0 };
                let arena = counted().retention(nothing).build();
                Box::new(arena::ArenaDecoder::new(arena, threads)?)
            }
            Peer::JxlOxide => Box::new(oxide::OxideDecoder::new(threads)),
            Peer::JxlRs => Box::new(jxl_rs::JxlRsDecoder::new(threads)?),
            Peer::Djxl => bail!("djxl runs as a command and cannot be opened in this process"),
        })
    }
}

/// An arena whose memory is counted with that of the other decoders: all of it comes from the
/// global allocator.
fn counted() -> ArenaBuilder {
    Arena::builder().global_allocator()
}

/// A decoder that can be used again and again.
pub trait Decode {
    /// Decodes `part` of `file` into `output`. It has the layout of that part, exactly
    /// `layout.output_bytes()` bytes, and is aligned to 4.
    ///
    /// # Errors
    /// The errors of the decoder; the file has another layout; the decoder [does not
    /// decode](Peer::decodes) such parts; the first bytes do not show anything.
    fn decode(&mut self, file: &[u8], part: Part, layout: &Layout, output: &mut [u8])
    -> Result<()>;
}
