use frame_arena::Arena;

use crate::decoder::Buffer;
use crate::frame::{Pictures, SequenceState};
use crate::image::{CodedFrame, Headers, SkimmedFrame};
use crate::input::Available;
use crate::memory::Memory;
use crate::{
    DecodedFrame, Error, FrameInfo, ImageInfo, Layout, OutputSample, Picture, PixelFormat, Region,
};

/// The pictures of an animation, decoded one after the other into the caller's buffers.
///
/// Each picture is the whole canvas: what frames leave of it, frames that are not shown by
/// themselves, and references are kept in planes outside of the pictures' frames, for as long as
/// this lives. Where pictures are alike, each after the first is decoded in the memory of those
/// before. From the first again is [`Picture::frames`] again.
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
/// An error ends the pictures, as those that follow may draw on the one that failed: further calls
/// find none. Those before were decoded, and the arena is as usable as before. Only an error that
/// is about the buffer ([`Error::Output`], or no memory for the vector of
/// [`decode_next`](Self::decode_next)) leaves the picture to be decoded by another call.
pub struct Frames<'d> {
    picture: Held<'d>,
    state: SequenceState,
    arena: Arena,
}

enum Held<'d> {
    Borrowed(&'d Picture<'d>),
    Owned(Box<Picture<'d>>),
}

impl<'d> Picture<'d> {
    /// What the headers of the pictures say, one after the other: one of a still. No sample is
    /// decoded.
    pub fn frame_infos(&self) -> FrameInfos<'_> {
        let (headers, codestream, arena) = self.source();
        FrameInfos::new(headers, codestream, arena)
    }

    /// The pictures of an animation, from the first on, to be decoded one after the other; of a
    /// still, its one picture.
    ///
    /// # Errors
    /// Parts of JPEG XL that are not decoded; from a [reserving](crate::Decoder::reserving) decoder
    /// also memory for all of them.
    pub fn frames(&self) -> Result<Frames<'_>, Error> {
        Frames::borrowing(self)
    }

    /// The same, with the headers inside.
    ///
    /// # Errors
    /// As [`frames`](Self::frames).
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

    /// Size, depth, channels, profile of all pictures.
    pub fn info(&self) -> &ImageInfo {
        self.picture.get().info()
    }

    /// Decodes the next picture into `pixels`, as [`Picture::decode_into`]; `None` if there is none
    /// left, and `pixels` are left alone.
    ///
    /// # Errors
    /// As [`Picture::decode_into`]; the file is truncated.
    pub fn decode_next_into<T: OutputSample>(
        &mut self,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<Option<DecodedFrame>, Error> {
        let buffer = Buffer::of_samples(layout, pixels, self.info().width)?;
        self.decode_next_part(None, buffer)
    }

    /// Decodes the next picture into `bytes`, as [`Picture::decode_bytes_into`]; `None` if there is
    /// none left, and `bytes` are left alone.
    ///
    /// # Errors
    /// As [`Picture::decode_bytes_into`]; the file is truncated.
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

    /// Decodes a rectangle of the next picture into `pixels`, as [`Picture::decode_region_into`];
    /// `None` if there is none left, and `pixels` are left alone. Each picture may have another
    /// rectangle.
    ///
    /// # Errors
    /// As [`Picture::decode_region_into`]; the file is truncated.
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
    /// [`Picture::decode_region_bytes_into`]; `None` if there is none left, and `bytes` are left
    /// alone.
    ///
    /// # Errors
    /// As [`Picture::decode_region_bytes_into`]; the file is truncated.
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

    /// Decodes the next picture into a new vector, as [`Picture::decode`]; `None` if there is none
    /// left.
    ///
    /// # Errors
    /// As [`Picture::decode`]; the file is truncated.
    pub fn decode_next<T: OutputSample>(
        &mut self,
        layout: Layout,
    ) -> Result<Option<(DecodedFrame, Vec<T>)>, Error> {
        let (picture, state) = (self.picture.get(), &mut self.state);
        picture.decode_next_vec_in(&self.arena, state, layout)
    }
}

impl<'d> Held<'d> {
    fn get(&self) -> &Picture<'d> {
        match self {
            Self::Borrowed(picture) => picture,
            Self::Owned(picture) => picture,
        }
    }
}

/// The frame headers of the pictures, each read when it is requested. Ends after the last picture
/// or the first error. Of a file that may be truncated, ends before the first picture of which
/// nothing can be decoded.
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

    /// The picture whose frames start at `start`.
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
