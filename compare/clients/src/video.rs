//! A video decoder: pictures predicted from two others, a decoded-picture buffer, output out of
//! order, and a resolution that changes within the stream.
//!
//! The stream is made up, but its costs are realistic. For each plane of a picture, a plane of
//! residuals is decoded, blocks are copied from two references with a motion vector each, the
//! residual is added, and the border is filled for the vectors of later pictures. A display thread
//! reads every sample that is shown.

mod arena;
mod bumps;
mod dpb;
mod motion;
mod residual;
mod shape;
mod stream;
mod vectors;

use std::sync::{Arc, mpsc};
use std::thread;

use anyhow::{Result, anyhow};
use frame_arena::{Arena, PlaneView};

pub use shape::Shape;
pub use stream::{Coded, SEGMENT_PICTURES};

use crate::checksum::Checksum;
use crate::figures::Outcome;
use crate::meter::Meter;
use crate::strategy::{Kind, Strategy};
use dpb::DecodedPictureBuffer;

/// Memory that pictures are decoded in.
pub trait Memory: Send {
    /// A decoded picture. It is returned to the memory when it is dropped, on any thread.
    type Picture: Picture;

    /// Decodes a picture that is predicted from `references`, or from none.
    ///
    /// # Errors
    /// If memory is refused.
    fn decode(
        &mut self,
        coded: &Coded,
        references: Option<[&Self::Picture; 2]>,
    ) -> Result<Self::Picture>;
}

/// A decoded picture of three planes.
pub trait Picture: Send + Sync + 'static {
    /// Returns plane `index` with the border around it.
    fn plane(&self, index: usize) -> PlaneView<'_, u8>;
}

/// Options of a measurement.
#[derive(Clone, Debug)]
pub struct Options {
    /// Width and height of the two resolutions, which alternate from segment to segment.
    pub resolutions: [(usize, usize); 2],
    /// Threads of the decoder.
    pub threads: usize,
    /// Measured laps: a segment of each resolution, of [`SEGMENT_PICTURES`] pictures.
    pub laps: u64,
}

/// Most pictures that wait for the display thread.
const QUEUED_PICTURES: usize = 2;

/// Pictures of a lap. The first lap warms up.
const LAP_PICTURES: u64 = 2 * SEGMENT_PICTURES;

/// Decodes and shows the stream in this process.
///
/// # Errors
/// If memory is refused.
pub fn measure(strategy: Strategy, options: &Options) -> Result<Outcome> {
    match strategy.kind() {
        Kind::Arena => play(Arena::new, options),
        Kind::Fresh => play(|| vectors::Fresh, options),
        Kind::Kept => play(vectors::Kept::default, options),
        Kind::Bumpalo => play(bumps::Bumpalo::default, options),
        Kind::BumpScope => play(bumps::BumpScope::default, options),
    }
}

fn play<M: Memory>(make: impl FnOnce() -> M, options: &Options) -> Result<Outcome> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads);
    let pool = pool.build()?;
    let (sender, shown) = mpsc::sync_channel::<(u64, Arc<M::Picture>, Shape)>(QUEUED_PICTURES);
    let display = thread::spawn(move || {
        let sums = shown.into_iter().map(|(number, picture, shape)| {
            let mut sum = checksum(&*picture, shape);
            sum.add(number);
            Some(sum.value())
        });
        sums.collect::<Vec<_>>()
    });
    let mut meter = Meter::new()?;
    let mut memory = make();
    let mut dpb = DecodedPictureBuffer::new();
    for coded in stream::stream(options.resolutions, 2 * (1 + options.laps)) {
        if coded.is_intra() {
            dpb.remove_shown();
            match coded.number {
                LAP_PICTURES => meter.start()?,
                number if number > 0 && number % LAP_PICTURES == 0 => meter.lap(LAP_PICTURES)?,
                _ => {}
            }
        }
        let picture = {
            let references = match coded.references {
                Some(numbers) => Some(dpb.references(numbers)?),
                None => None,
            };
            pool.install(|| memory.decode(&coded, references))?
        };
        let shape = coded.shape(0);
        dpb.insert(coded.number, picture, |number, picture| {
            let gone = sender.send((number, picture, shape));
            gone.map_err(|_| anyhow!("the display is gone"))
        })?;
    }
    drop((sender, dpb));
    let answers = display
        .join()
        .map_err(|_| anyhow!("the display panicked"))?;
    meter.lap(LAP_PICTURES)?;
    let figures = meter.stop()?;
    drop(memory);
    Ok(Outcome { figures, answers })
}

/// Reads the visible samples, as a display does.
fn checksum(picture: &impl Picture, luma: Shape) -> Checksum {
    let mut sum = Checksum::default();
    for index in 0..3 {
        let shape = luma.of_plane(index);
        let visible = shape.visible(picture.plane(index));
        visible.rows().for_each(|row| sum.add_row(row));
    }
    sum
}
