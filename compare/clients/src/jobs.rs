//! The jobs of the server's workers and of the long run: decodes of pictures of mixed sizes, each
//! on one thread.
//!
//! A job requests memory like a decoder of whole planes: three planes of `f32` that live as long as
//! the job, three planes of `i16` coefficients and a row of working memory in its first stage, and
//! a plane of 8-bit output in its second. It writes and reads every sample. Some files turn out to
//! be corrupt in the middle of the coefficients, and some make the decoder panic there.

mod arena;
mod bumps;
mod live;
mod passes;
mod vectors;
mod workers;

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use frame_arena::{AllocError, Arena};

pub use arena::{decode as decode_in_arena, plan as plan_in_arena};
pub use live::Live;
pub use workers::decode_all;

use crate::random::{Random, hash};
use crate::strategy::Kind;

/// A picture to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// How the decode ends.
    pub fate: Fate,
    seed: u64,
}

/// How a decode ends if no memory is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The picture is decoded.
    Good,
    /// The file turns out to be corrupt.
    Corrupt,
    /// The decoder panics.
    Panic,
}

/// Why a decode failed.
#[derive(Debug)]
pub enum Failure {
    /// Memory was refused.
    Refused(AllocError),
    /// The file is corrupt.
    Corrupt,
}

impl From<AllocError> for Failure {
    fn from(error: AllocError) -> Self {
        Self::Refused(error)
    }
}

/// Memory that several workers decode in.
pub trait Memory: Sync {
    /// Returns the access of one worker, which stays on the worker's thread.
    fn worker(&self) -> Box<dyn Worker + '_>;
}

/// A worker's access to the memory.
pub trait Worker {
    /// Decodes a picture and returns its checksum.
    ///
    /// # Errors
    /// If memory is refused or the file is corrupt.
    ///
    /// # Panics
    /// If the fate of the job is [`Fate::Panic`].
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure>;
}

impl Job {
    /// Makes job `number` of `width` x `height` pixels. One job of ten is corrupt, one of twenty
    /// panics.
    pub fn new(number: u64, width: usize, height: usize) -> Self {
        let seed = hash(number);
        Self {
            width,
            height,
            fate: match Random::new(seed).below(20) {
                0..2 => Fate::Corrupt,
                2 => Fate::Panic,
                _ => Fate::Good,
            },
            seed,
        }
    }

    /// Bytes of the planes that live as long as the job.
    fn frame_bytes(&self) -> usize {
        3 * size_of::<f32>() * self.pixels()
    }

    /// Bytes of the coefficients.
    fn coefficient_bytes(&self) -> usize {
        3 * size_of::<i16>() * self.pixels()
    }

    /// Bytes of the output.
    fn output_bytes(&self) -> usize {
        self.pixels()
    }

    /// Bytes of the row of working memory.
    fn row_bytes(&self) -> usize {
        size_of::<f32>() * self.width
    }

    /// Most bytes that the job requests at once.
    pub fn need_bytes(&self) -> usize {
        self.frame_bytes() + self.coefficient_bytes() + self.row_bytes()
    }

    fn pixels(&self) -> usize {
        self.width * self.height
    }
}

/// Returns empty memory of this kind, without a limit.
pub fn memory(kind: Kind) -> Box<dyn Memory> {
    match kind {
        Kind::Arena => Box::new(Arena::new()),
        Kind::Fresh => Box::new(vectors::Fresh),
        Kind::Kept => Box::<vectors::Kept>::default(),
        Kind::Bumpalo => Box::new(bumps::Bumpalo),
        Kind::BumpScope => Box::new(bumps::BumpScope),
    }
}

/// Decodes a job and returns its answer: the checksum, 1 if the file is corrupt, 2 if the decoder
/// panicked as fated, or `None` if memory was refused.
fn answer(worker: &mut dyn Worker, job: &Job, live: &Live) -> Option<u64> {
    let decode = AssertUnwindSafe(|| worker.decode(job, live));
    match panic::catch_unwind(decode) {
        Ok(Ok(checksum)) => Some(checksum),
        Ok(Err(Failure::Corrupt)) => Some(1),
        Ok(Err(Failure::Refused(_))) => None,
        Err(panic) if panic.is::<Fated>() => Some(2),
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// Payload of a panic that is the fate of a job.
struct Fated;

/// Panics without a message.
fn panic_as_fated() -> ! {
    panic::resume_unwind(Box::new(Fated) as Box<dyn Any + Send>)
}
