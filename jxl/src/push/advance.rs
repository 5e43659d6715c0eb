use super::{Event, FrameKind, Image, PushDecoder, Stage};
use crate::decoder::Painter;
use crate::frame::{Sequence, SequenceState};
use crate::image::{CodedFrame, Headers, with_memory};
use crate::input::{Available, Received};
use crate::{Decoder, Error, FrameInfo, ImageInfo, Reduction};

/// Headers of up to this many bytes are read again with each piece that arrives.
const SHORT_HEADERS: usize = 4096;

/// The result of an attempt to read headers.
enum Headway {
    /// Headers are incomplete.
    Incomplete,
    /// Headers are read, and no event happens.
    Next,
    Event(Event),
}

impl PushDecoder {
    /// Ends the pictures after an error, unless the call can be repeated or the received part can
    /// still be shown.
    pub(super) fn noting_failure(&mut self, event: Result<Event, Error>) -> Result<Event, Error> {
        if let Err(error) = &event
            && !matches!(error, Error::Memory(_) | Error::Truncated)
        {
            self.stage = Stage::End;
        }
        event
    }

    /// Takes bytes until an event happens. `is_last`: no bytes follow.
    pub(super) fn advance(&mut self, bytes: &mut &[u8], is_last: bool) -> Result<Event, Error> {
        let mut is_over = false;
        loop {
            match self.stage {
                Stage::End => {
                    *bytes = &[];
                    return Ok(Event::End);
                }
                Stage::Picture { .. } => return Ok(Event::Picture),
                Stage::Sections { end, kind, .. } if self.received.is_complete() => {
                    self.end_frame(end, kind)?;
                    continue;
                }
                Stage::Sections { .. } => {}
                Stage::ImageHeader | Stage::FrameHeader { .. } => {
                    match self.read_headers(is_over)? {
                        Headway::Event(event) => return Ok(event),
                        Headway::Next => continue,
                        Headway::Incomplete => {}
                    }
                }
            }
            let room = self.received.room()?;
            if let Some(stretch) = self.splitter.next(bytes, room)? {
                self.received.append(stretch);
                continue;
            }
            let is_at_end = self.splitter.is_at_end();
            if (is_last || is_at_end) && !is_over {
                // Headers are not read again for each byte, so they may be complete now.
                is_over = true;
                continue;
            }
            return match is_at_end {
                true => Err(Error::Truncated),
                false => Ok(self.tell_progress()),
            };
        }
    }

    fn tell_progress(&mut self) -> Event {
        let whole = self.received.whole_sections();
        match &mut self.stage {
            Stage::Sections { kind, told, .. } if *kind != FrameKind::Preview && whole > *told => {
                *told = whole;
                Event::Progress
            }
            _ => Event::NeedsBytes,
        }
    }

    /// True if headers should be read, for the first time or again. Long headers are read again
    /// only after a 64th more has arrived. Small pieces therefore cost at most 64 reads for each
    /// doubling of the bytes.
    fn is_due(&self) -> bool {
        let new = self.received.end() - self.attempted;
        let bytes = self.received.head_bytes();
        new > 0 && (bytes <= SHORT_HEADERS || new >= bytes / 64)
    }

    /// Reads the next headers if they are complete. `is_over`: no bytes follow.
    fn read_headers(&mut self, is_over: bool) -> Result<Headway, Error> {
        if !is_over && !self.is_due() {
            return Ok(Headway::Incomplete);
        }
        let headway = match self.stage {
            Stage::FrameHeader { start, kind } => self.read_frame_header(start, kind),
            _ => self.read_image_header(),
        };
        match headway {
            Err(Error::Truncated) => {
                self.attempted = self.received.end();
                Ok(Headway::Incomplete)
            }
            headway => {
                let headway = headway?;
                self.attempted = 0;
                Ok(headway)
            }
        }
    }

    fn read_image_header(&mut self) -> Result<Headway, Error> {
        let decoder = &self.decoder;
        let codestream = Available::received(&self.received);
        let headers = Headers::read_front(codestream, decoder.arena(), *decoder.limits())?;
        let mut info = ImageInfo::new(&headers, decoder.output_color());
        info.reduce(&headers, self.reduction);
        self.stage = Stage::FrameHeader {
            start: headers.first_frame,
            kind: match headers.preview_source() {
                Some(_) => FrameKind::Preview,
                None => FrameKind::Unknown,
            },
        };
        let state = SequenceState::new(&headers);
        self.image = Some(Image {
            headers,
            info,
            state,
            frame: None,
            work_left: None,
        });
        Ok(Headway::Event(Event::Headers))
    }

    fn read_frame_header(&mut self, start: usize, kind: FrameKind) -> Result<Headway, Error> {
        let Some(image) = &mut self.image else {
            return Ok(Headway::Incomplete);
        };
        let (headers, arena) = (&image.headers, self.decoder.arena());
        let preview = headers.preview_source();
        let source = preview.filter(|_| kind == FrameKind::Preview);
        let source = source.unwrap_or(headers.frame_source());
        let received = &mut self.received;
        let index = image.state.pictures();
        let (end, frame) = with_memory(arena, |memory| {
            let codestream = Available::received(received);
            let coded = CodedFrame::read(codestream, start, source, memory)?;
            let is_shown = kind != FrameKind::Preview && coded.header.is_keyframe();
            let frame = is_shown.then(|| {
                let name = coded.name(codestream, arena)?;
                Ok::<_, Error>(FrameInfo::new(index, &coded.header, name, &headers.image))
            });
            let frame = frame.transpose()?;
            let start = coded.sections.start;
            let ends = coded
                .toc
                .sections()
                .map(|section| start.saturating_add(section.end));
            received.begin_sections(start, coded.toc.count(), ends)?;
            Ok::<_, Error>((coded.end(), frame))
        })?;
        let kind = match (kind, &frame) {
            (FrameKind::Preview, _) => FrameKind::Preview,
            (_, Some(frame)) => {
                image.info.coding.get_or_insert(frame.coding);
                FrameKind::Shown
            }
            (_, None) => FrameKind::Hidden,
        };
        image.frame = frame;
        let told = 0;
        self.stage = Stage::Sections { end, kind, told };
        Ok(match kind {
            FrameKind::Shown => Headway::Event(Event::Frame),
            _ => Headway::Next,
        })
    }

    /// Continues after a complete frame that ends at `end`.
    fn end_frame(&mut self, end: usize, kind: FrameKind) -> Result<(), Error> {
        let Some(image) = &mut self.image else {
            return Ok(());
        };
        match kind {
            FrameKind::Shown => {
                self.stage = Stage::Picture { end };
                return Ok(());
            }
            FrameKind::Preview => {
                image.headers.first_frame = end;
                image.state = SequenceState::new(&image.headers);
            }
            FrameKind::Hidden | FrameKind::Unknown => {
                if let Err(error) = image.keep_frame(&self.decoder, &self.received) {
                    self.stage = Stage::End;
                    return Err(error);
                }
            }
        }
        self.begin_frame(end);
        Ok(())
    }

    /// Prepares for the header of the frame that starts at `start`.
    pub(super) fn begin_frame(&mut self, start: usize) {
        self.received.forget_before(start);
        self.attempted = 0;
        self.stage = Stage::FrameHeader {
            start,
            kind: FrameKind::Unknown,
        };
    }
}

impl Image {
    /// Decodes a hidden frame.
    fn keep_frame(&mut self, decoder: &Decoder, received: &Received) -> Result<(), Error> {
        self.headers.check_colors()?;
        let (painter, state, work_left) = self.parts(decoder, Reduction::Full);
        let mut sequence = Sequence {
            headers: painter.headers,
            codestream: Available::received(received),
            state,
            region: None,
            reduction: Reduction::Full,
            budget: painter.resumed_budget(*work_left),
        };
        sequence.keep_next(decoder.arena())?;
        *work_left = Some(sequence.budget.left());
        Ok(())
    }

    /// The tools for decoding frames, the progress of decoding, and the work left for the picture.
    pub(super) fn parts<'i>(
        &'i mut self,
        decoder: &'i Decoder,
        reduction: Reduction,
    ) -> (Painter<'i>, &'i mut SequenceState, &'i mut Option<i64>) {
        let painter = Painter {
            decoder,
            headers: &self.headers,
            info: &self.info,
            reduction,
        };
        (painter, &mut self.state, &mut self.work_left)
    }
}
