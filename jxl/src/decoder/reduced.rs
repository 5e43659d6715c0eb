use super::Picture;
use crate::frame::part_of;
use crate::image::CodedFrame;
use crate::memory::Memory;
use crate::{Error, Reduction};

impl Picture<'_> {
    /// Decodes this picture, and each picture of an animation, smaller by `reduction`. From then on
    /// [`info`](Self::info) has the reduced size, and all buffers have that size.
    ///
    /// A sample is the average of the samples of a square as they are coded, before their colors
    /// are converted: X, Y and B in an XYB picture, otherwise the stored samples, rounded to
    /// nearest. Squares are those of the picture as stored, before its orientation is applied.
    ///
    /// A VarDCT frame is decoded [in part](Self::reduces_cheaply). At [`Reduction::Half`] and
    /// [`Reduction::Quarter`], the inverse transforms make averages, which takes memory for the
    /// smaller picture. All coefficients are read, except passes that the file marks as needed for
    /// larger sizes only. The Gabor-like filter is applied to averages with adapted weights; the
    /// edge-preserving filter and noise, which hardly change averages, are left out. At
    /// [`Reduction::Eighth`], a frame is decoded from its LF image alone, without these filters,
    /// and HF coefficients of transforms larger than 8 x 8 have no part in it. If chroma is
    /// subsampled, or extra channels are not squeezed, 1:8 needs the coefficients too, and is made
    /// by transforms. Squeezed extra channels at 1:8 are averages that squeeze codes, which are
    /// rounded at each step. Samples at the right and bottom edges stand for whole squares.
    ///
    /// 1:8 of a Modular frame with squeezed channels is made of averages, which the file contains.
    ///
    /// All other pictures are decoded completely, and their rows are averaged as they are finished:
    /// other Modular frames; frames with patches, splines, upsampling or blending; frames that
    /// later ones refer to. The memory for that is a few rows; a picture that is composed of
    /// layers, or kept for later ones, takes that of a reduced picture.
    ///
    /// A reduced picture has no regions. The limit on work is that of the full picture.
    ///
    /// ```no_run
    /// use jxl_arena::{Decoder, Layout, Reduction};
    ///
    /// let file = std::fs::read("picture.jxl")?;
    /// let picture = Decoder::default().read(&file)?;
    /// let (width, height) = (picture.info().width, picture.info().height);
    /// let picture = picture.reduced(Reduction::at_least((width, height), (500, 375)));
    /// let pixels: Vec<u8> = picture.decode(Layout::Rgba)?;
    /// println!("{} x {}", picture.info().width, picture.info().height);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reduced(mut self, reduction: Reduction) -> Self {
        self.info.reduce(&self.headers, reduction);
        self.reduction = reduction;
        self
    }

    /// True if the first picture reduced by `reduction` is decoded in part: by transforms into
    /// fewer samples, from its LF image, or from the averages of squeezed channels. Otherwise a
    /// reduction takes the time of a full decode.
    ///
    /// # Errors
    /// Memory; no frame is there.
    pub fn reduces_cheaply(&self, reduction: Reduction) -> Result<bool, Error> {
        let first = self.headers.first_shown.ok_or(Error::Truncated)?;
        let (headers, codestream, arena) = self.source();
        let scope = arena.frame();
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(&scope, &kept);
        let source = headers.frame_source();
        let frame = CodedFrame::read(codestream, first.start, source, memory)?;
        Ok(part_of(&scope, headers, &frame, codestream, reduction).is_some())
    }

    /// The reduction at which the picture is decoded; see [`reduced`](Self::reduced).
    pub fn reduction(&self) -> Reduction {
        self.reduction
    }
}
