mod advance;

use crate::container::Splitter;
use crate::decoder::Buffer;
use crate::frame::{Sequence, SequenceState};
use crate::image::{CodedFrame, Headers, with_memory};
use crate::input::{Available, Received};
use crate::{
    Completeness, DecodedFrame, Decoder, Error, ExtraChannel, FrameInfo, ImageInfo, Layout,
    OutputSample, PixelFormat,
};

/// Decodes a file whose bytes arrive in pieces of any size.
///
/// [`feed`](Self::feed) takes bytes until there is something to be done and says what that is.
/// Pictures are decoded by [`decode_into`](Self::decode_into) once all their bytes are there; what
/// is there before is shown by [`flush_into`](Self::flush_into), as often as wanted. The pictures
/// are those of [`Picture::frames`](crate::Picture::frames), whatever the pieces.
///
/// ```no_run
/// use std::io::Read;
///
/// use jxl_arena::{Decoder, Event, Layout};
///
/// let mut file = std::fs::File::open("picture.jxl")?;
/// let mut decoder = Decoder::default().push();
/// let (mut buffer, mut pixels) = ([0; 4096], Vec::new());
/// loop {
///     let count = file.read(&mut buffer)?;
///     if count == 0 {
///         decoder.finish()?;
///         break;
///     }
///     let mut bytes = &buffer[..count];
///     loop {
///         match decoder.feed(&mut bytes)? {
///             Event::Headers => {
///                 let info = decoder.info().expect("headers");
///                 pixels = vec![0u8; info.width as usize * info.height as usize * 4];
///             }
///             Event::Frame => {}
///             Event::Progress => {
///                 decoder.flush_into(Layout::Rgba, &mut pixels)?;
///             }
///             Event::Picture => {
///                 decoder.decode_into(Layout::Rgba, &mut pixels)?;
///             }
///             _ => break,
///         }
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All memory is the arena's and counts under its limit. Bytes that were received, of headers and
/// of one frame at a time, are kept there until the frame is decoded. A frame that is not shown by
/// itself is decoded by `feed` when it is whole. A [reserving](Decoder::reserving) decoder reserves
/// nothing here, as the headers of later frames are not known.
///
/// An error of a decode, or of what was read, ends the pictures: further calls find none. Where
/// memory for bytes or headers is refused, or a buffer does not fit, all is as before: the call can
/// be repeated, with the bytes that `feed` has not taken.
pub struct PushDecoder {
    decoder: Decoder,
    splitter: Splitter,
    received: Received,
    image: Option<Image>,
    stage: Stage,
    /// Bytes that were received when headers were last found to be incomplete.
    attempted: usize,
}

/// What the headers of the image say, and how far its frames are decoded.
struct Image {
    headers: Headers,
    info: ImageInfo,
    state: SequenceState,
    /// The frame whose sections arrive, or that is complete, if it is shown.
    frame: Option<FrameInfo>,
    /// Work that is left of the picture; `None` before its first frame.
    work_left: Option<i64>,
}

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    ImageHeader,
    /// The header and the table of contents of the frame that starts at `start`.
    FrameHeader {
        start: usize,
        kind: FrameKind,
    },
    /// The sections of a frame, which ends at `end`.
    Sections {
        end: usize,
        kind: FrameKind,
        /// Sections that [`Event::Progress`] told of.
        told: usize,
    },
    /// A picture that is complete, and waits for a buffer; its frame ends at `end`.
    Picture {
        end: usize,
    },
    /// Nothing follows.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameKind {
    Preview,
    /// Shown or not, which its header says.
    Unknown,
    Hidden,
    Shown,
}

/// What there is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// All bytes were taken, and more are wanted.
    NeedsBytes,
    /// The headers of the image are there: [`PushDecoder::info`].
    Headers,
    /// The header of the next picture's frame is there: [`PushDecoder::frame_info`].
    Frame,
    /// All bytes were taken, and with them came whole sections of the next picture, or of frames
    /// that it draws on: [`PushDecoder::flush_into`] may show more than before.
    Progress,
    /// The next picture is complete. No byte is taken before it is decoded:
    /// [`PushDecoder::decode_into`].
    Picture,
    /// There are no further pictures. Bytes are taken and not looked at.
    End,
}

impl Decoder {
    /// A decoder of one file whose bytes arrive in pieces, in the same arena, within the same
    /// limits.
    pub fn push(&self) -> PushDecoder {
        PushDecoder {
            decoder: self.clone(),
            splitter: Splitter::new(),
            received: Received::new(self.arena().clone()),
            image: None,
            stage: Stage::ImageHeader,
            attempted: 0,
        }
    }
}

impl PushDecoder {
    /// Takes bytes off the front of `bytes`, until there is something to be done or all are taken.
    ///
    /// # Errors
    /// Not JPEG XL; corrupt headers; the codestream ends within a frame; for frames that are not
    /// shown by themselves the errors of a decode; memory.
    pub fn feed(&mut self, bytes: &mut &[u8]) -> Result<Event, Error> {
        let event = self.advance(bytes, false);
        self.noting_failure(event)
    }

    /// Says that no bytes follow, and what is still to be done: [`Event::End`] if that is nothing.
    ///
    /// # Errors
    /// [`Error::Truncated`] if pictures are missing, or parts of one; what was received of it can
    /// be shown all the same. [`Error::NotJpegXl`] of a file that is none. The errors of
    /// [`feed`](Self::feed).
    pub fn finish(&mut self) -> Result<Event, Error> {
        let event = self.advance(&mut &[][..], true);
        match self.noting_failure(event)? {
            Event::NeedsBytes | Event::Progress => Err(self.splitter.end_of_file()),
            event => Ok(event),
        }
    }

    /// Size, depth, channels, profile; `None` before [`Event::Headers`].
    pub fn info(&self) -> Option<&ImageInfo> {
        self.image.as_ref().map(|image| &image.info)
    }

    /// All extra channels in file order, alpha among them; none before [`Event::Headers`].
    pub fn extra_channels(&self) -> impl Iterator<Item = ExtraChannel<'_>> {
        let image = self.image.as_ref();
        image
            .into_iter()
            .flat_map(|image| crate::info::extra_channels(&image.headers))
    }

    /// What the header of the next picture says; `None` where it has not arrived.
    pub fn frame_info(&self) -> Option<&FrameInfo> {
        self.image.as_ref()?.frame.as_ref()
    }

    /// How many bytes of the codestream are wanted until there may be something to be done: those
    /// up to the end of a section, where the table of contents is there. At least 1. A hint: more
    /// and fewer may be fed.
    pub fn wanted_bytes(&self) -> usize {
        self.received.wanted_bytes().max(1)
    }

    /// How much of the next picture's frame is there; `None` where its header has not arrived.
    ///
    /// # Errors
    /// Memory.
    pub fn completeness(&self) -> Result<Option<Completeness>, Error> {
        let (Some(image), Some(start)) = (&self.image, self.frame_start()) else {
            return Ok(None);
        };
        let source = image.headers.frame_source();
        with_memory(self.decoder.arena(), |memory| {
            let codestream = Available::received(&self.received);
            let frame = CodedFrame::read(codestream, start, source, memory)?;
            Ok(Some(frame.completeness(codestream)))
        })
    }

    /// Where the next picture's frame starts, if its header is there.
    fn frame_start(&self) -> Option<usize> {
        let image = self.image.as_ref()?;
        image.frame.as_ref()?;
        image.state.next_start()
    }

    /// Shows what is there of the next picture in `pixels`, as
    /// [`Picture::decode_into`](crate::Picture::decode_into), and leaves it to be decoded: whole
    /// groups as they will be, others by the passes that are there or the LF image, what is missing
    /// as zeros. An LF frame is shown before the header of the first picture is there. `None` if
    /// there is nothing to be shown; `pixels` are left alone then.
    ///
    /// # Errors
    /// As [`decode_into`](Self::decode_into).
    pub fn flush_into<T: OutputSample>(
        &mut self,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<Option<DecodedFrame>, Error> {
        let Some(info) = self.info() else {
            return Ok(None);
        };
        let buffer = Buffer::of_samples(layout, pixels, info.width)?;
        self.flush_buffer(buffer)
    }

    /// As [`flush_into`](Self::flush_into), into bytes as of
    /// [`Picture::decode_bytes_into`](crate::Picture::decode_bytes_into).
    ///
    /// # Errors
    /// As [`decode_bytes_into`](Self::decode_bytes_into).
    pub fn flush_bytes_into(
        &mut self,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<Option<DecodedFrame>, Error> {
        self.flush_buffer(Buffer {
            format,
            bytes,
            stride_bytes,
        })
    }

    /// Decodes the picture that is complete into `pixels`, as
    /// [`Picture::decode_into`](crate::Picture::decode_into). `None` if none is.
    ///
    /// # Errors
    /// As [`Picture::decode_into`](crate::Picture::decode_into). After an error about the buffer
    /// ([`Error::Output`]) the picture can still be decoded.
    pub fn decode_into<T: OutputSample>(
        &mut self,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<Option<DecodedFrame>, Error> {
        let Some(info) = self.info() else {
            return Ok(None);
        };
        let buffer = Buffer::of_samples(layout, pixels, info.width)?;
        self.decode_buffer(buffer)
    }

    /// As [`decode_into`](Self::decode_into), into bytes as of
    /// [`Picture::decode_bytes_into`](crate::Picture::decode_bytes_into).
    ///
    /// # Errors
    /// As [`Picture::decode_bytes_into`](crate::Picture::decode_bytes_into).
    pub fn decode_bytes_into(
        &mut self,
        format: PixelFormat,
        bytes: &mut [u8],
        stride_bytes: usize,
    ) -> Result<Option<DecodedFrame>, Error> {
        self.decode_buffer(Buffer {
            format,
            bytes,
            stride_bytes,
        })
    }

    fn flush_buffer(&mut self, buffer: Buffer<'_>) -> Result<Option<DecodedFrame>, Error> {
        let kind = match self.stage {
            Stage::Sections { kind, .. } | Stage::FrameHeader { kind, .. } => kind,
            _ => FrameKind::Unknown,
        };
        let is_image = kind != FrameKind::Preview;
        let Some(image) = self.image.as_mut().filter(|_| is_image) else {
            return Ok(None);
        };
        image.headers.check_colors()?;
        let (decoder, received) = (&self.decoder, &self.received);
        let (painter, state, _) = image.parts(decoder);
        painter.paint(None, buffer, |output, _| {
            let mut sequence = Sequence {
                headers: painter.headers,
                codestream: Available::received(received),
                state,
                region: None,
                budget: painter.budget(),
            };
            sequence.preview_next(decoder.arena(), output)
        })
    }

    fn decode_buffer(&mut self, buffer: Buffer<'_>) -> Result<Option<DecodedFrame>, Error> {
        let (Stage::Picture { end }, Some(image)) = (self.stage, &mut self.image) else {
            return Ok(None);
        };
        image.headers.check_colors()?;
        let (decoder, received) = (&self.decoder, &self.received);
        let (painter, state, work_left) = image.parts(decoder);
        let mut is_begun = false;
        let decoded = painter.paint(None, buffer, |output, _| {
            is_begun = true;
            let mut sequence = Sequence {
                headers: painter.headers,
                codestream: Available::received(received),
                state,
                region: None,
                budget: painter.resumed_budget(*work_left),
            };
            sequence.show_next(decoder.arena(), output)
        });
        if !is_begun {
            return decoded;
        }
        image.work_left = None;
        image.frame = None;
        match image.state.is_finished() {
            true => {
                self.received.forget_before(end);
                self.stage = Stage::End;
            }
            false => self.begin_frame(end),
        }
        decoded
    }
}
