mod advance;

use crate::container::Splitter;
use crate::decoder::Buffer;
use crate::frame::{Sequence, SequenceState};
use crate::image::{CodedFrame, Headers, with_memory};
use crate::input::{Available, Received};
use crate::{
    Completeness, DecodedFrame, Decoder, Error, ExtraChannel, FrameInfo, ImageInfo, Layout,
    OutputSample, PixelFormat, Reduction,
};

/// Decodes a file whose bytes arrive in pieces of any size.
///
/// [`feed`](Self::feed) takes bytes until an event happens and returns the event.
/// [`decode_into`](Self::decode_into) decodes a picture once all its bytes have arrived. Before
/// that, [`flush_into`](Self::flush_into) shows what has arrived, as often as wanted. The pictures
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
/// All memory is the arena's and counts under its limit. Received bytes, of headers and of one
/// frame at a time, are kept until the frame is decoded. `feed` decodes hidden frames, which are
/// not shown by themselves, when they are complete. A [reserving](Decoder::reserving) decoder
/// reserves nothing here, because the headers of later frames are not known.
///
/// An error in a decode or in the bytes ends the pictures: further calls return none. If memory for
/// bytes or headers is refused, or a buffer does not fit, nothing changes. The call can then be
/// repeated, with the bytes that `feed` has not taken.
pub struct PushDecoder {
    decoder: Decoder,
    splitter: Splitter,
    received: Received,
    image: Option<Image>,
    stage: Stage,
    /// Number of bytes received when headers were last found to be incomplete.
    attempted: usize,
    reduction: Reduction,
}

/// The image headers, and the progress of decoding its frames.
struct Image {
    headers: Headers,
    info: ImageInfo,
    state: SequenceState,
    /// The next picture's frame, from the arrival of its header until it is decoded.
    frame: Option<FrameInfo>,
    /// Work left in the limit of the picture; `None` before its first frame.
    work_left: Option<i64>,
}

/// The kind of bytes expected next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    ImageHeader,
    /// The header and table of contents of the frame that starts at `start`.
    FrameHeader {
        start: usize,
        kind: FrameKind,
    },
    /// The sections of a frame that ends at `end`.
    Sections {
        end: usize,
        kind: FrameKind,
        /// Number of sections reported by [`Event::Progress`].
        told: usize,
    },
    /// None until a complete picture is decoded. Its frame ends at `end`.
    Picture {
        end: usize,
    },
    /// None: the pictures have ended.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameKind {
    Preview,
    /// Shown or hidden; the header is not read yet.
    Unknown,
    Hidden,
    Shown,
}

/// The reason why [`PushDecoder::feed`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// All bytes were taken, and more are needed.
    NeedsBytes,
    /// The image headers have arrived: call [`PushDecoder::info`].
    Headers,
    /// The frame header of the next picture has arrived: call [`PushDecoder::frame_info`].
    Frame,
    /// All bytes were taken. They completed sections of the next picture or of frames that it draws
    /// on, so [`PushDecoder::flush_into`] may show more than before.
    Progress,
    /// The next picture is complete: call [`PushDecoder::decode_into`]. No bytes are taken before
    /// that.
    Picture,
    /// There are no further pictures. Bytes are taken and ignored.
    End,
}

impl Decoder {
    /// Makes a decoder for one file whose bytes arrive in pieces. It has the same arena and limits.
    pub fn push(&self) -> PushDecoder {
        PushDecoder {
            decoder: self.clone(),
            splitter: Splitter::new(),
            received: Received::new(self.arena().clone()),
            image: None,
            stage: Stage::ImageHeader,
            attempted: 0,
            reduction: Reduction::Full,
        }
    }
}

impl PushDecoder {
    /// Decodes each picture smaller by `reduction`, as
    /// [`Picture::reduced`](crate::Picture::reduced) does. From then on [`info`](Self::info) has
    /// the reduced size, and all buffers have that size.
    ///
    /// The bytes of a frame are still kept until it is decoded.
    pub fn reduced(mut self, reduction: Reduction) -> Self {
        self.reduction = reduction;
        if let Some(image) = &mut self.image {
            image.info.reduce(&image.headers, reduction);
        }
        self
    }

    /// Takes bytes off the front of `bytes`, until an event happens or all are taken.
    ///
    /// # Errors
    /// The file is not JPEG XL; headers are corrupt; the codestream ends within a frame; the errors
    /// of decoding a hidden frame; memory.
    pub fn feed(&mut self, bytes: &mut &[u8]) -> Result<Event, Error> {
        let event = self.advance(bytes, false);
        self.noting_failure(event)
    }

    /// Declares that no bytes follow. Returns what to do next: [`Event::End`] if everything is
    /// done.
    ///
    /// # Errors
    /// [`Error::Truncated`] if a picture is missing or incomplete; the received part can still be
    /// shown. [`Error::NotJpegXl`] if the file is not JPEG XL. The errors of [`feed`](Self::feed).
    pub fn finish(&mut self) -> Result<Event, Error> {
        let event = self.advance(&mut &[][..], true);
        match self.noting_failure(event)? {
            Event::NeedsBytes | Event::Progress => Err(self.splitter.end_of_file()),
            event => Ok(event),
        }
    }

    /// Size, depth, channels and profile; `None` before [`Event::Headers`].
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

    /// The frame header of the next picture; `None` until it has arrived.
    pub fn frame_info(&self) -> Option<&FrameInfo> {
        self.image.as_ref()?.frame.as_ref()
    }

    /// Codestream bytes needed until the next event may happen. Once the table of contents has
    /// arrived, these are the bytes up to the end of a section. At least 1. This is a hint: any
    /// number of bytes may be fed.
    pub fn wanted_bytes(&self) -> usize {
        self.received.wanted_bytes().max(1)
    }

    /// How much of the next picture's frame has arrived; `None` until its header has.
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

    /// The start of the next picture's frame; `None` until its header has arrived.
    fn frame_start(&self) -> Option<usize> {
        let image = self.image.as_ref()?;
        image.frame.as_ref()?;
        image.state.next_start()
    }

    /// Shows the received part of the next picture in `pixels`, as
    /// [`Picture::decode_into`](crate::Picture::decode_into) does. The picture can still be decoded
    /// later. Whole groups have their final samples. Others are decoded from their received passes
    /// or show the LF image; missing samples are 0. Before the frame header of the first picture,
    /// an LF frame is shown. If there is nothing to show, returns `None` and does not change
    /// `pixels`.
    ///
    /// # Errors
    /// The errors of [`decode_into`](Self::decode_into).
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

    /// Does the same as [`flush_into`](Self::flush_into), with the output of
    /// [`Picture::decode_bytes_into`](crate::Picture::decode_bytes_into).
    ///
    /// # Errors
    /// The errors of [`decode_bytes_into`](Self::decode_bytes_into).
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

    /// Decodes the complete picture into `pixels`, as
    /// [`Picture::decode_into`](crate::Picture::decode_into) does. Returns `None` if no picture is
    /// complete.
    ///
    /// # Errors
    /// The errors of [`Picture::decode_into`](crate::Picture::decode_into). After an error that
    /// concerns the buffer ([`Error::Output`]), the picture can still be decoded.
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

    /// Does the same as [`decode_into`](Self::decode_into), with the output of
    /// [`Picture::decode_bytes_into`](crate::Picture::decode_bytes_into).
    ///
    /// # Errors
    /// The errors of [`Picture::decode_bytes_into`](crate::Picture::decode_bytes_into).
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
        let (painter, state, _) = image.parts(decoder, self.reduction);
        painter.paint(None, buffer, |output, _| {
            let mut sequence = Sequence {
                headers: painter.headers,
                codestream: Available::received(received),
                state,
                region: None,
                reduction: painter.reduction,
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
        let (painter, state, work_left) = image.parts(decoder, self.reduction);
        let mut is_begun = false;
        let decoded = painter.paint(None, buffer, |output, _| {
            is_begun = true;
            let mut sequence = Sequence {
                headers: painter.headers,
                codestream: Available::received(received),
                state,
                region: None,
                reduction: painter.reduction,
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
