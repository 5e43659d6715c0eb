#[cfg(test)]
mod levels;
mod painter;
mod reduced;

use std::num::NonZeroUsize;
use std::sync::Arc;

use frame_arena::{Arena, FramePlan, FrameReport};

use crate::container::FrameIndex;
use crate::frame::{Pictures, PlannedPictures, Sequence, SequenceState, plan_pictures};
use crate::grid::Rect;
use crate::image::{CodedFrame, Headers, with_memory};
use crate::info::extra_channels;
use crate::input::{Available, Codestream};
use crate::output::OnProgress;
use crate::parallel::DEFAULT_RUNNER;
use crate::workers::Workers;
use crate::{
    Completeness, DecodedFrame, Error, ExtraChannel, ImageInfo, Layout, Limits, OutputColor,
    OutputSample, ParallelRunner, PixelFormat, Reduction, Region, Stop,
};
pub(crate) use painter::{Buffer, Painter};
use painter::{row_bytes, total_bytes};

/// Decodes pictures in one arena, which keeps memory mapped from one decode to the next.
///
/// Clones are cheap and share the arena. Several threads may decode at once. The arena's limit
/// covers all memory of a decode except the caller's own: the file's bytes and the buffer given to
/// [`Picture::decode_into`].
#[derive(Clone, Default)]
pub struct Decoder {
    arena: Arena,
    reserves: bool,
    on_progress: Option<Arc<OnProgress>>,
    limits: Limits,
    stop: Option<Arc<dyn Stop>>,
    runner: Option<Arc<dyn ParallelRunner>>,
    color: OutputColor,
    allows_truncation: bool,
}

impl Decoder {
    /// Makes a decoder on `arena`, with the arena's limit and retention policy.
    pub fn new(arena: Arena) -> Self {
        Self {
            arena,
            reserves: false,
            on_progress: None,
            limits: Limits::default(),
            stop: None,
            runner: None,
            color: OutputColor::Automatic,
            allows_truncation: false,
        }
    }

    /// Calls `on_progress` with the numbers of finished pixels and of all pixels, after each group
    /// of a decode, on the thread that finished it.
    pub fn with_progress(mut self, on_progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(on_progress));
        self
    }

    /// [Plans](Picture::plan) and reserves the memory of each decode before it starts, for the
    /// threads of its runner. A decode that would exceed the arena's limit is refused at once.
    /// Afterwards, only tables of entropy codes and trees are allocated.
    pub fn reserving(mut self) -> Self {
        self.reserves = true;
        self
    }

    /// Refuses files that exceed `limits`: with [`Error::TooMuchWork`] if a picture takes too much
    /// work, with [`Error::LimitExceeded`] if headers exceed a limit.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Ends decodes with [`Error::Stopped`] once `stop` returns true. The arena stays usable.
    pub fn with_stop(mut self, stop: Arc<dyn Stop>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Decodes on the threads of `runner`. By default, a decode uses the rayon pool of the calling
    /// thread (`CurrentRayonPool`), or the [calling thread](crate::CallingThread) alone if the
    /// feature `rayon` is disabled. The samples do not depend on the runner.
    pub fn with_runner(mut self, runner: Arc<dyn ParallelRunner>) -> Self {
        self.runner = Some(runner);
        self
    }

    /// The arena to decode in: its own, or a reserve of what `plan` plans for its threads.
    pub(crate) fn planned_arena(
        &self,
        plan: impl FnOnce(NonZeroUsize) -> Result<FramePlan, Error>,
    ) -> Result<Arena, Error> {
        if !self.reserves {
            return Ok(self.arena.clone());
        }
        let threads = NonZeroUsize::new(self.workers().count()).unwrap_or(NonZeroUsize::MIN);
        Ok(self.arena.reserve(&plan(threads)?)?)
    }

    pub(crate) fn workers(&self) -> Workers<'_> {
        Workers::new(self.runner.as_deref().unwrap_or(DEFAULT_RUNNER))
    }

    /// Decodes truncated files, as far as whole sections of a frame are present. A group has the
    /// samples of a full decode if its sections and those of its neighbors are present. A group
    /// with missing passes is decoded from the passes before them; without any pass, it shows the
    /// LF image, which may be an LF frame that is itself incomplete. Without an LF image, samples
    /// are 0.
    ///
    /// With this option, [`read`](Self::read) only needs the image headers.
    /// [`DecodedFrame::completeness`] and [`Picture::completeness`] tell how much is present. If
    /// the first section of a picture is missing, the result is [`Error::Truncated`], or the end of
    /// the pictures if there are pictures before it.
    pub fn allowing_truncation(mut self) -> Self {
        self.allows_truncation = true;
        self
    }

    fn available<'a>(&self, codestream: &'a Codestream<'_>) -> Available<'a> {
        Available::new(codestream.bytes(), self.allows_truncation)
    }

    /// Limits on what files may request.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Converts samples to `color`. [`ImageInfo::profile`] then describes the converted samples.
    ///
    /// A conversion by an ICC profile refers to the profile's bytes and takes no memory. It uses
    /// the rendering intent in the profile's header. Unless that is absolute, it maps black to
    /// black.
    pub fn with_output_color(mut self, color: OutputColor) -> Self {
        self.color = color;
        self
    }

    pub(crate) fn output_color(&self) -> OutputColor {
        self.color
    }

    /// The arena that pictures are decoded in.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    /// Reads the image headers. The file may end after them.
    ///
    /// # Errors
    /// The file is not JPEG XL; headers are truncated or corrupt; memory.
    pub fn read_info(&self, file: &[u8]) -> Result<ImageInfo, Error> {
        let picture = self.clone().allowing_truncation().read(file)?;
        Ok(picture.info)
    }

    /// Reads the headers of a whole file, which is a bare codestream or a container, up to its
    /// first picture.
    ///
    /// # Errors
    /// The file is not JPEG XL or is truncated, which includes the frames of the first picture;
    /// headers are corrupt; memory. Errors in later frames of an animation are reported when those
    /// are decoded.
    pub fn read<'d>(&self, file: &'d [u8]) -> Result<Picture<'d>, Error> {
        let codestream = Codestream::open(file, &self.arena)?;
        let headers = Headers::read(self.available(&codestream), &self.arena, self.limits)?;
        let info = ImageInfo::new(&headers, self.color);
        Ok(Picture {
            decoder: self.clone(),
            codestream,
            headers,
            info,
            reduction: Reduction::Full,
            frame_index: FrameIndex::of_file(file),
        })
    }
}

/// A picture or an animation with its headers read. Each `decode` call decodes the first picture
/// anew. [`frames`](Self::frames) decodes all pictures of an animation.
///
/// Groups decode in parallel on the threads of the decoder's [runner](Decoder::with_runner): by
/// default those of the current rayon pool, which is the global one or the caller's with
/// `pool.install(|| picture.decode_into(..))`. The result does not depend on the number of threads.
pub struct Picture<'d> {
    decoder: Decoder,
    codestream: Codestream<'d>,
    headers: Headers,
    info: ImageInfo,
    reduction: Reduction,
    pub(crate) frame_index: Option<FrameIndex<'d>>,
}

impl<'d> Picture<'d> {
    /// The input for reading frames: headers, the codestream, an arena for lists.
    pub(crate) fn source(&self) -> (&Headers, Available<'_>, &Arena) {
        (&self.headers, self.available(), &self.decoder.arena)
    }

    fn available(&self) -> Available<'_> {
        self.decoder.available(&self.codestream)
    }

    /// How much of the first picture is present: all of it, unless the decoder [allows
    /// truncation](Decoder::allowing_truncation). If its frame header is missing or frames before
    /// it are incomplete, nothing counts as present.
    ///
    /// # Errors
    /// Memory.
    pub fn completeness(&self) -> Result<Completeness, Error> {
        let Some(first) = self.headers.first_shown else {
            return Ok(Completeness::NOTHING);
        };
        let (headers, codestream, arena) = self.source();
        with_memory(arena, |memory| {
            let source = headers.frame_source();
            let frame = CodedFrame::read(codestream, first.start, source, memory)?;
            Ok(frame.completeness(codestream))
        })
    }

    /// Size, depth, channels, profile.
    pub fn info(&self) -> &ImageInfo {
        &self.info
    }

    /// All extra channels in file order, alpha among them.
    pub fn extra_channels(&self) -> impl Iterator<Item = ExtraChannel<'_>> {
        extra_channels(&self.headers)
    }

    /// Plans the arena memory for decoding all [`frames`](Self::frames) in order on `threads`
    /// threads. Reads headers only and decodes no samples. Where headers leave something open, the
    /// plan assumes the largest case. The plan leaves out the pictures themselves, and memory that
    /// depends on the coded data: trees, entropy codes and, inside groups, palettes. That memory
    /// counts in [`peak_unplanned_bytes`](frame_arena::ArenaSnapshot::peak_unplanned_bytes).
    ///
    /// # Errors
    /// The errors of a decode, for the parts read here.
    pub fn plan(&self, threads: NonZeroUsize) -> Result<FramePlan, Error> {
        self.plan_pictures(threads, Pictures::All, None)
    }

    /// Plans the arena memory for decoding `region` of the first picture on `threads` threads, as
    /// [`plan`](Self::plan) does for all pictures.
    ///
    /// # Errors
    /// The errors of [`plan`](Self::plan); the region is empty or exceeds the picture.
    pub fn plan_region(&self, region: Region, threads: NonZeroUsize) -> Result<FramePlan, Error> {
        let part = self.painter().part(Some(region))?;
        self.plan_pictures(threads, Pictures::First, part.stored)
    }

    fn plan_pictures(
        &self,
        threads: NonZeroUsize,
        pictures: Pictures,
        region: Option<Rect>,
    ) -> Result<FramePlan, Error> {
        self.headers.check_colors()?;
        let planned = self.planned(threads.get(), pictures, region);
        match planned.end {
            Some((_, error)) => Err(error),
            None => Ok(planned.plan),
        }
    }

    fn planned(&self, threads: usize, pictures: Pictures, region: Option<Rect>) -> PlannedPictures {
        let (arena, codestream) = (&self.decoder.arena, self.available());
        plan_pictures(
            arena,
            &self.headers,
            codestream,
            threads,
            pictures,
            region,
            self.reduction,
        )
    }

    /// Returns the arena to decode in, and a sequence before its first frame. The sequence ends at
    /// the first frame that cannot be planned.
    pub(crate) fn start(&self, pictures: Pictures) -> Result<(Arena, SequenceState), Error> {
        self.start_part(pictures, None)
    }

    /// [`start`](Self::start) for a part of each picture. `region` is in columns and rows as
    /// stored.
    fn start_part(
        &self,
        pictures: Pictures,
        region: Option<Rect>,
    ) -> Result<(Arena, SequenceState), Error> {
        self.headers.check_colors()?;
        let (arena, state) = (&self.decoder.arena, SequenceState::new(&self.headers));
        if !self.decoder.reserves {
            return Ok((arena.clone(), state));
        }
        let planned = self.planned(self.decoder.workers().count(), pictures, region);
        Ok((arena.reserve(&planned.plan)?, state.until(planned.end)))
    }

    /// Decodes into `pixels`: rows without gaps, samples of `T`'s full range, which is 0 to 255, 0
    /// to 65535, or 0.0 to 1.0.
    ///
    /// Integers of another depth are scaled and rounded to nearest. `f32` keeps values outside 0.0
    /// to 1.0. Alpha and premultiplied colors are as stored. Spot colors are mixed in the order of
    /// their channels, into the samples of the picture's encoding, not in linear light. The
    /// orientation is applied. An animation yields its first picture; [`frames`](Self::frames)
    /// decodes the others.
    ///
    /// The report covers the shown frame. Earlier frames that it draws on were separate frames of
    /// the arena.
    ///
    /// # Errors
    /// `pixels` is shorter than `width * height * layout.channels()`; the layout is gray but the
    /// picture has color; corrupt data; parts of JPEG XL that are not supported; memory. The
    /// contents of `pixels` are then arbitrary, and the arena stays usable.
    pub fn decode_into<T: OutputSample>(
        &self,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<FrameReport, Error> {
        let buffer = Buffer::of_samples(layout, pixels, self.info.width)?;
        self.decode_first(None, buffer)
    }

    /// Decodes into `bytes` of any alignment, with rows `stride_bytes` apart. Bytes between rows do
    /// not change.
    ///
    /// # Errors
    /// The errors of [`decode_into`](Self::decode_into); the stride is shorter than a row; the
    /// sample type does not have the requested bits.
    pub fn decode_bytes_into(
        &self,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<FrameReport, Error> {
        let buffer = Buffer {
            format,
            bytes,
            stride_bytes,
        };
        self.decode_first(None, buffer)
    }

    /// Decodes a rectangle of the picture into `pixels`. Samples are the same as those of
    /// [`decode_into`](Self::decode_into). Rows have `region.width` pixels.
    ///
    /// Only groups that the rectangle or the borders of its filters touch are read. Damage in other
    /// groups is not noticed. Groups are squares of 128 to 1024 pixels; in VarDCT frames, of 256.
    /// Some frames are always decoded whole: frames whose Modular channels are squeezed or use
    /// delta palettes; frames with extra channels of another size than their colors; reference
    /// frames and LF frames; layers that later layers are blended with. Most lossless and lossy
    /// pictures have none of these.
    ///
    /// The limit on work is that of the whole picture.
    ///
    /// ```no_run
    /// use jxl_arena::{Decoder, Layout, Region};
    ///
    /// let file = std::fs::read("picture.jxl")?;
    /// let picture = Decoder::default().read(&file)?;
    /// let mut pixels = vec![0u8; 1024 * 768 * 3];
    /// picture.decode_region_into(Region::new(300, 200, 1024, 768), Layout::Rgb, &mut pixels)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`decode_into`](Self::decode_into). A region that is empty or exceeds the
    /// picture is refused before anything is written, and so is any region of a
    /// [reduced](Self::reduced) picture.
    pub fn decode_region_into<T: OutputSample>(
        &self,
        region: Region,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<FrameReport, Error> {
        let buffer = Buffer::of_samples(layout, pixels, region.width)?;
        self.decode_first(Some(region), buffer)
    }

    /// Decodes a rectangle of the picture into `bytes`. Combines
    /// [`decode_bytes_into`](Self::decode_bytes_into) and
    /// [`decode_region_into`](Self::decode_region_into).
    ///
    /// # Errors
    /// The errors of both.
    pub fn decode_region_bytes_into(
        &self,
        region: Region,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<FrameReport, Error> {
        let buffer = Buffer {
            format,
            bytes,
            stride_bytes,
        };
        self.decode_first(Some(region), buffer)
    }

    fn decode_first(
        &self,
        region: Option<Region>,
        buffer: Buffer<'_>,
    ) -> Result<FrameReport, Error> {
        let part = self.painter().part(region)?;
        let (arena, mut state) = self.start_part(Pictures::First, part.stored)?;
        let decoded = self.decode_next_in(&arena, &mut state, region, buffer)?;
        decoded
            .map(|decoded| decoded.report)
            .ok_or(Error::Truncated)
    }

    /// Decodes into a new vector, with the samples of [`decode_into`](Self::decode_into). During
    /// the decode, the vector counts against the arena's limit.
    ///
    /// # Errors
    /// The errors of [`decode_into`](Self::decode_into); no memory for the vector.
    pub fn decode<T: OutputSample>(&self, layout: Layout) -> Result<Vec<T>, Error> {
        let (arena, mut state) = self.start(Pictures::First)?;
        let decoded = self.decode_next_vec_in(&arena, &mut state, layout)?;
        decoded.map(|(_, pixels)| pixels).ok_or(Error::Truncated)
    }

    /// Decodes the next picture of a sequence into a new vector.
    pub(crate) fn decode_next_vec_in<T: OutputSample>(
        &self,
        arena: &Arena,
        state: &mut SequenceState,
        layout: Layout,
    ) -> Result<Option<(DecodedFrame, Vec<T>)>, Error> {
        if state.is_finished() {
            return Ok(None);
        }
        let format = PixelFormat::new(layout, T::FORMAT);
        let size = self.painter().part(None)?.size;
        let stride_bytes = row_bytes(size.width, format)?;
        let total_bytes = total_bytes(size.height, stride_bytes, stride_bytes)?;
        let _charge = arena.frame().charge_for("picture", total_bytes)?;
        let samples = total_bytes / size_of::<T>();
        let mut pixels: Vec<T> = bytemuck::allocation::try_zeroed_vec(samples)
            .map_err(|()| Error::output(format!("no memory for {total_bytes} bytes")))?;
        let buffer = Buffer {
            format,
            bytes: bytemuck::cast_slice_mut(&mut pixels),
            stride_bytes,
        };
        let decoded = self.decode_next_in(arena, state, None, buffer)?;
        Ok(decoded.map(|decoded| (decoded, pixels)))
    }

    /// Decodes the next picture of a sequence, or `region` of it. Returns `None` after the last
    /// one. A buffer that does not fit is refused before anything is decoded.
    pub(crate) fn decode_next_in(
        &self,
        arena: &Arena,
        state: &mut SequenceState,
        region: Option<Region>,
        buffer: Buffer<'_>,
    ) -> Result<Option<DecodedFrame>, Error> {
        if state.is_finished() {
            return Ok(None);
        }
        let painter = self.painter();
        painter.paint(region, buffer, |output, stored| {
            let mut sequence = Sequence {
                headers: &self.headers,
                codestream: self.available(),
                state,
                region: stored,
                reduction: self.reduction,
                budget: painter.budget(),
                workers: painter.workers(),
            };
            sequence.show_next(arena, output)
        })
    }

    pub(crate) fn painter(&self) -> Painter<'_> {
        Painter {
            decoder: &self.decoder,
            headers: &self.headers,
            info: &self.info,
            reduction: self.reduction,
        }
    }
}
