use std::num::NonZeroUsize;
use std::sync::Arc;

use frame_arena::{Arena, Frame, FramePlan, FrameReport, PlaneViewMut};

use crate::frame::{decode_still, plan_still};
use crate::image::Headers;
use crate::input::Codestream;
use crate::output::{Conversion, OnProgress, Output};
use crate::{Error, ImageInfo, Layout, OutputSample, PixelFormat};

/// Reads pictures into one arena: what a decode needs stays mapped for the next.
///
/// Cheap to clone; clones share the arena. Several threads may decode at once. The arena's limit holds for all memory of a
/// decode except the caller's own: the file's bytes and the buffer given to [`Picture::decode_into`].
#[derive(Clone, Default)]
pub struct Decoder {
    arena: Arena,
    reserves: bool,
    on_progress: Option<Arc<OnProgress>>,
}

impl Decoder {
    /// A decoder on `arena`, whose limit and retention policy hold.
    pub fn new(arena: Arena) -> Self {
        Self {
            arena,
            reserves: false,
            on_progress: None,
        }
    }

    /// Calls `on_progress` with finished and total pixels whenever a group of a decode is finished, from the thread that
    /// finished it.
    pub fn with_progress(mut self, on_progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(on_progress));
        self
    }

    /// Has each decode [plan](Picture::plan) its memory and reserve it before it starts, for the threads of its pool: one that
    /// the arena's limit has no room for is refused before any is taken, and none is taken from the system later but for
    /// what the entropy coding of the file asks for.
    pub fn reserving(mut self) -> Self {
        self.reserves = true;
        self
    }

    /// The arena.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    /// Reads the headers of a whole file: a bare codestream or a container.
    ///
    /// # Errors
    /// Not JPEG XL; truncated, also where the end of the first picture's frames is missing; corrupt headers; memory.
    pub fn read<'d>(&self, file: &'d [u8]) -> Result<Picture<'d>, Error> {
        let codestream = Codestream::open(file, &self.arena)?;
        let headers = Headers::read(codestream.bytes(), &self.arena)?;
        let info = ImageInfo::new(&headers);
        Ok(Picture {
            decoder: self.clone(),
            codestream,
            headers,
            info,
        })
    }
}

/// A picture whose headers are read. Its samples are decoded by each `decode` call anew.
///
/// Groups decode in parallel in the rayon pool that the call is made in: the global one, or the caller's by
/// `pool.install(|| picture.decode_into(..))`. The result does not depend on the number of threads.
pub struct Picture<'d> {
    decoder: Decoder,
    codestream: Codestream<'d>,
    headers: Headers,
    info: ImageInfo,
}

impl Picture<'_> {
    /// Size, depth, channels, profile.
    pub fn info(&self) -> &ImageInfo {
        &self.info
    }

    /// What a decode on `threads` threads will take of the arena, from headers alone: no sample is decoded. The plan has the
    /// largest of what headers leave open. The picture itself is no part of it, nor is what others allocate and the arena is
    /// charged for: entropy codes and, inside groups, palettes.
    ///
    /// # Errors
    /// As a decode, as far as it is read.
    pub fn plan(&self, threads: NonZeroUsize) -> Result<FramePlan, Error> {
        self.headers.check_channels()?;
        let (arena, codestream) = (&self.decoder.arena, self.codestream.bytes());
        plan_still(arena, &self.headers, codestream, threads.get())
    }

    /// The arena to decode in.
    fn decode_arena(&self) -> Result<Arena, Error> {
        if !self.decoder.reserves {
            return Ok(self.decoder.arena.clone());
        }
        let threads = NonZeroUsize::new(rayon::current_num_threads());
        let plan = self.plan(threads.unwrap_or(NonZeroUsize::MIN))?;
        Ok(self.decoder.arena.reserve(&plan)?)
    }

    /// Decodes into `pixels`, rows without gaps, samples of `T`'s full range: 0 to 255, 0 to 65535, or 0.0 to 1.0.
    ///
    /// Integers of another depth are scaled and rounded to nearest; `f32` keeps values outside of 0.0 to 1.0. Alpha and
    /// premultiplied colours are as stored, spot colours are mixed in. The orientation is applied. Of an animation this is the first
    /// picture.
    ///
    /// The report is that of the frame that is shown; frames before it, which it draws on, were frames of the arena of their own.
    ///
    /// # Errors
    /// Fewer than `width * height * layout.channels()` samples in `pixels`; a grey layout of a colour picture; corrupt data;
    /// parts of JPEG XL not decoded yet; memory. The contents of `pixels` are then arbitrary, and the arena is as usable as
    /// before.
    pub fn decode_into<T: OutputSample>(
        &self,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<FrameReport, Error> {
        let format = PixelFormat::new(layout, T::FORMAT);
        let stride_bytes = self.row_bytes(format)?;
        self.decode_bytes_into(format, bytemuck::cast_slice_mut(pixels), stride_bytes)
    }

    /// Decodes into `bytes`, any alignment, rows `stride_bytes` apart; bytes between rows are left alone.
    ///
    /// # Errors
    /// As [`decode_into`](Self::decode_into); also a stride shorter than a row and bits that the sample's type does not have.
    pub fn decode_bytes_into(
        &self,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<FrameReport, Error> {
        let arena = self.decode_arena()?;
        let frame = arena.frame();
        self.decode_in(&arena, &frame, format, bytes, stride_bytes)?;
        Ok(frame.finish())
    }

    /// Decodes into a new vector, as [`decode_into`](Self::decode_into). While the decode runs, the vector counts against the
    /// arena's limit.
    ///
    /// # Errors
    /// As [`decode_into`](Self::decode_into), and memory for the vector.
    pub fn decode<T: OutputSample>(&self, layout: Layout) -> Result<Vec<T>, Error> {
        let format = PixelFormat::new(layout, T::FORMAT);
        let stride_bytes = self.row_bytes(format)?;
        let total_bytes = self.total_bytes(stride_bytes, stride_bytes)?;
        let arena = self.decode_arena()?;
        let frame = arena.frame();
        let _charge = frame.charge(total_bytes)?;
        let samples = total_bytes / size_of::<T>();
        let mut pixels: Vec<T> = bytemuck::allocation::try_zeroed_vec(samples)
            .map_err(|()| Error::output(format!("no memory for {total_bytes} bytes")))?;
        let bytes = bytemuck::cast_slice_mut(&mut pixels);
        self.decode_in(&arena, &frame, format, bytes, stride_bytes)?;
        Ok(pixels)
    }

    fn decode_in(
        &self,
        arena: &Arena,
        frame: &Frame,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<(), Error> {
        self.headers.check_channels()?;
        let on_progress = self.decoder.on_progress.as_deref();
        let conversion = Conversion::new(&self.headers.image, format, on_progress)?;
        let row_bytes = self.row_bytes(format)?;
        if stride_bytes < row_bytes {
            return Err(Error::output(format!(
                "a stride of {stride_bytes} bytes for rows of {row_bytes}"
            )));
        }
        let needed_bytes = self.total_bytes(stride_bytes, row_bytes)?;
        if bytes.len() < needed_bytes {
            return Err(Error::output(format!(
                "{} bytes of buffer for {needed_bytes}",
                bytes.len()
            )));
        }
        let height = self.info.height as usize;
        let view = PlaneViewMut::from_slice(bytes, row_bytes, height, stride_bytes);
        let output = Output::new(view, &conversion);
        let codestream = self.codestream.bytes();
        decode_still(arena, frame, &self.headers, codestream, output)
    }

    /// Bytes of a row of the picture as shown.
    fn row_bytes(&self, format: PixelFormat) -> Result<usize, Error> {
        (self.info.width as usize)
            .checked_mul(format.pixel_bytes())
            .ok_or_else(too_large)
    }

    fn total_bytes(&self, stride_bytes: usize, last_row_bytes: usize) -> Result<usize, Error> {
        (self.info.height as usize - 1)
            .checked_mul(stride_bytes)
            .and_then(|bytes| bytes.checked_add(last_row_bytes))
            .ok_or_else(too_large)
    }
}

fn too_large() -> Error {
    Error::output("the picture exceeds the address space")
}
