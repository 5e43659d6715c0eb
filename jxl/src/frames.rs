use frame_arena::Arena;

use crate::decoder::Buffer;
use crate::frame::{FrameChain, Pictures, Sequence, SequenceState};
use crate::image::{CodedFrame, Headers, SkimmedFrame};
use crate::input::Available;
use crate::memory::Memory;
use crate::{
    DecodedFrame, Error, FrameIndex, FrameInfo, ImageInfo, Layout, OutputSample, Picture,
    PixelFormat, Region,
};

/// Decodes the pictures of an animation one after the other into the caller's buffers.
///
/// Each picture is the whole canvas. The canvas, references and hidden frames, which are not shown
/// by themselves, are kept in planes outside the arena frames of the pictures, for the life of this
/// value. If pictures are alike, each later one is decoded in the memory of earlier ones.
/// [`seek`](Self::seek) goes to any picture.
///
/// ```no_run
/// use jxl_arena::{Decoder, Layout};
///
/// let file = std::fs::read("animation.jxl")?;
/// let picture = Decoder::default().read(&file)?;
/// let info = picture.info();
/// let mut pixels = vec![0u8; info.width as usize * info.height as usize * 4];
/// let mut frames = picture.frames()?;
/// while let Some(decoded) = frames.decode_next_into(Layout::Rgba, &mut pixels)? {
///     let time = info.animation.map(|animation| animation.duration(decoded.info.duration_ticks));
///     println!("picture {} is shown for {time:?}", decoded.info.index);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An error ends the sequence, because later pictures may draw on the failed one: further calls
/// return `None`. The arena stays usable. After an error that concerns the buffer
/// ([`Error::Output`], or no memory for the vector of [`decode_next`](Self::decode_next)), another
/// call can still decode the picture.
pub struct Frames<'d> {
    picture: Held<'d>,
    state: SequenceState,
    arena: Arena,
}

/// A picture that is decoded in steps.
pub(crate) enum Held<'d> {
    Borrowed(&'d Picture<'d>),
    Owned(Box<Picture<'d>>),
}

impl<'d> Picture<'d> {
    /// The headers of the pictures in order. A still picture has one. No samples are decoded.
    pub fn frame_infos(&self) -> FrameInfos<'_> {
        let (headers, codestream, arena) = self.source();
        FrameInfos::new(headers, codestream, arena)
    }

    /// The index of keyframes, if the file has one. [`Frames::seek`] uses it.
    pub fn frame_index(&self) -> Option<FrameIndex<'d>> {
        self.frame_index.clone()
    }

    /// Starts decoding the pictures of an animation in order, from the first on. A still picture
    /// has one.
    ///
    /// # Errors
    /// Parts of JPEG XL that are not supported. From a [reserving](crate::Decoder::reserving)
    /// decoder also memory for all pictures.
    pub fn frames(&self) -> Result<Frames<'_>, Error> {
        Frames::borrowing(self)
    }

    /// Does the same as [`frames`](Self::frames), but owns the headers.
    ///
    /// # Errors
    /// The errors of [`frames`](Self::frames).
    pub fn into_frames(self) -> Result<Frames<'d>, Error> {
        Frames::owning(self)
    }
}

impl<'d> Frames<'d> {
    fn borrowing(picture: &'d Picture<'d>) -> Result<Self, Error> {
        let (arena, state) = picture.start(Pictures::All)?;
        let picture = Held::Borrowed(picture);
        Ok(Self {
            picture,
            state,
            arena,
        })
    }

    fn owning(picture: Picture<'d>) -> Result<Self, Error> {
        let (arena, state) = picture.start(Pictures::All)?;
        let picture = Held::Owned(Box::new(picture));
        Ok(Self {
            picture,
            state,
            arena,
        })
    }

    /// Size, depth, channels and profile of all pictures.
    pub fn info(&self) -> &ImageInfo {
        self.picture.get().info()
    }

    /// Decodes the next picture into `pixels`, as [`Picture::decode_into`] does. After the last
    /// picture, returns `None` and does not change `pixels`.
    ///
    /// # Errors
    /// The errors of [`Picture::decode_into`]; the file is truncated.
    pub fn decode_next_into<T: OutputSample>(
        &mut self,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<Option<DecodedFrame>, Error> {
        let buffer = Buffer::of_samples(layout, pixels, self.info().width)?;
        self.decode_next_part(None, buffer)
    }

    /// Decodes the next picture into `bytes`, as [`Picture::decode_bytes_into`] does. After the
    /// last picture, returns `None` and does not change `bytes`.
    ///
    /// # Errors
    /// The errors of [`Picture::decode_bytes_into`]; the file is truncated.
    pub fn decode_next_bytes_into(
        &mut self,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<Option<DecodedFrame>, Error> {
        let buffer = Buffer {
            format,
            bytes,
            stride_bytes,
        };
        self.decode_next_part(None, buffer)
    }

    /// Decodes a rectangle of the next picture into `pixels`, as [`Picture::decode_region_into`]
    /// does. Each picture may have another rectangle. After the last picture, returns `None` and
    /// does not change `pixels`.
    ///
    /// # Errors
    /// The errors of [`Picture::decode_region_into`]; the file is truncated.
    pub fn decode_next_region_into<T: OutputSample>(
        &mut self,
        region: Region,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<Option<DecodedFrame>, Error> {
        let buffer = Buffer::of_samples(layout, pixels, region.width)?;
        self.decode_next_part(Some(region), buffer)
    }

    /// Decodes a rectangle of the next picture into `bytes`, as
    /// [`Picture::decode_region_bytes_into`] does. After the last picture, returns `None` and does
    /// not change `bytes`.
    ///
    /// # Errors
    /// The errors of [`Picture::decode_region_bytes_into`]; the file is truncated.
    pub fn decode_next_region_bytes_into(
        &mut self,
        region: Region,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<Option<DecodedFrame>, Error> {
        let buffer = Buffer {
            format,
            bytes,
            stride_bytes,
        };
        self.decode_next_part(Some(region), buffer)
    }

    fn decode_next_part(
        &mut self,
        region: Option<Region>,
        buffer: Buffer<'_>,
    ) -> Result<Option<DecodedFrame>, Error> {
        let (picture, state) = (self.picture.get(), &mut self.state);
        picture.decode_next_in(&self.arena, state, region, buffer)
    }

    /// Makes picture `index` the next one, from 0. After the last picture, none is next.
    ///
    /// Frames in between are decoded only if the picture or later ones are blended with them, or
    /// refer to them in another way. That is told by headers. They are read from the current
    /// picture on, or from the first if the picture lies before it; if the file has an
    /// [index](Picture::frame_index), from the last keyframe before the picture. Samples are the
    /// same as without a seek. An index is trusted only for the numbers of pictures: it is not used
    /// if frames after a keyframe refer to frames before it.
    ///
    /// ```no_run
    /// use jxl_arena::{Decoder, Layout};
    ///
    /// let file = std::fs::read("animation.jxl")?;
    /// let mut frames = Decoder::default().read(&file)?.into_frames()?;
    /// frames.seek(100)?;
    /// if let Some((decoded, pixels)) = frames.decode_next::<u8>(Layout::Rgba)? {
    ///     println!("{} bytes of picture {}", pixels.len(), decoded.info.index);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Truncated or corrupt headers of the frames in between; the errors of a decode, for frames
    /// that are decoded. No picture is next then, but another `seek` starts again.
    pub fn seek(&mut self, index: usize) -> Result<(), Error> {
        let sought = self.seek_picture(index as u64);
        if sought.is_err() {
            self.state.finish();
        }
        sought
    }

    fn seek_picture(&mut self, index: u64) -> Result<(), Error> {
        let picture = self.picture.get();
        let (headers, codestream, _) = picture.source();
        let arena = &self.arena;
        let chain = FrameChain {
            headers,
            codestream,
        };
        if self.state.is_finished() || index < self.state.pictures() as u64 {
            self.state.restart(headers);
        }
        let scope = arena.frame();
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(&scope, &kept);
        let passed = match self.keyframe(index) {
            None => None,
            Some((start, pictures)) => {
                let passed = chain.pass(start, index - u64::from(pictures), memory);
                // Errors are those of the way from here.
                passed
                    .ok()
                    .filter(|passed| !passed.needs_earlier)
                    .inspect(|_| self.state.jump(start, pictures))
            }
        };
        let passed = match passed {
            Some(passed) => passed,
            None => {
                let Some(start) = self.state.next_start() else {
                    return Ok(());
                };
                let pictures = index - self.state.pictures() as u64;
                chain.pass(start, pictures, memory)?
            }
        };
        let painter = picture.painter();
        let mut is_needed = passed.is_needed.iter().copied();
        while let (Some(_), false) = (self.state.next_start(), is_needed.len() == 0) {
            // Each picture may take the work that the limit allows.
            let mut sequence = Sequence {
                headers,
                codestream,
                state: &mut self.state,
                region: None,
                reduction: picture.reduction(),
                budget: painter.budget(),
                workers: painter.workers(),
            };
            let pictures = sequence.state.pictures();
            while sequence.state.pictures() == pictures
                && let Some(is_needed) = is_needed.next()
            {
                sequence.pass_next(arena, is_needed)?;
            }
        }
        if !passed.is_there {
            self.state.finish();
        }
        Ok(())
    }

    /// The start of the last keyframe between the next picture and picture `index`, by the file's
    /// index, and the number of pictures before it.
    fn keyframe(&self, index: u64) -> Option<(usize, u32)> {
        let found = self.picture.get().frame_index()?.last_before(index)?;
        let is_ahead = found.picture > self.state.pictures() as u64;
        let start = usize::try_from(found.codestream_offset).ok()?;
        let pictures = u32::try_from(found.picture).ok()?;
        (is_ahead && self.state.is_planned()).then_some((start, pictures))
    }

    /// Decodes the next picture into a new vector, as [`Picture::decode`] does. Returns `None`
    /// after the last picture.
    ///
    /// # Errors
    /// The errors of [`Picture::decode`]; the file is truncated.
    pub fn decode_next<T: OutputSample>(
        &mut self,
        layout: Layout,
    ) -> Result<Option<(DecodedFrame, Vec<T>)>, Error> {
        let (picture, state) = (self.picture.get(), &mut self.state);
        picture.decode_next_vec_in(&self.arena, state, layout)
    }
}

impl<'d> Held<'d> {
    pub(crate) fn get(&self) -> &Picture<'d> {
        match self {
            Self::Borrowed(picture) => picture,
            Self::Owned(picture) => picture,
        }
    }
}

/// The frame headers of the pictures, each read when it is requested. Ends after the last picture
/// or the first error. In a file that may be truncated, ends before the first picture that cannot
/// be decoded at all.
pub struct FrameInfos<'p> {
    headers: &'p Headers,
    codestream: Available<'p>,
    arena: Arena,
    next: Option<usize>,
    index: usize,
}

impl<'p> FrameInfos<'p> {
    pub(crate) fn new(headers: &'p Headers, codestream: Available<'p>, arena: &Arena) -> Self {
        Self {
            headers,
            codestream,
            arena: arena.clone(),
            next: headers.first_shown.map(|first| first.start),
            index: 0,
        }
    }

    /// Reads the header of the picture whose frames start at `start`.
    fn read(&mut self, mut start: usize) -> Result<FrameInfo, Error> {
        let image = &self.headers.image;
        loop {
            let scope = self.arena.frame();
            let kept = scope.scratch_beyond_plan();
            let memory = Memory::new(&scope, &kept);
            let source = self.headers.frame_source();
            let frame = SkimmedFrame::read(self.codestream, start, source, memory)?;
            start = frame.end;
            let is_whole = self.codestream.reaches(frame.end);
            if !is_whole {
                let coded = CodedFrame::read(self.codestream, frame.start, source, memory)?;
                if !coded.has_lf_global(self.codestream) {
                    return Err(Error::Truncated);
                }
            }
            if frame.header.is_keyframe() {
                self.next = (!frame.header.is_last && is_whole).then_some(start);
                let name = frame.name(self.codestream, &self.arena)?;
                let info = FrameInfo::new(self.index, &frame.header, name, image);
                self.index += 1;
                return Ok(info);
            }
        }
    }
}

impl Iterator for FrameInfos<'_> {
    type Item = Result<FrameInfo, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next.take()?;
        match self.read(start) {
            Err(Error::Truncated) if self.codestream.may_end() => None,
            info => Some(info),
        }
    }
}

impl std::iter::FusedIterator for FrameInfos<'_> {}
