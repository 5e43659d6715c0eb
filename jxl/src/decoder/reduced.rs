use super::Picture;
use crate::frame::is_in_part;
use crate::image::CodedFrame;
use crate::memory::Memory;
use crate::{Error, Reduction};

impl Picture<'_> {
    /// Decodes this picture, and each picture of an animation, smaller by `reduction`. From then on
    /// [`info`](Self::info) has the reduced size, and all buffers have that size.
    ///
    /// A sample is the average of the samples of a square as they are coded, before their colors
    /// are converted: X, Y and B in an XYB picture, otherwise the stored samples, rounded to
    /// nearest. Squares are those of the picture as stored, before its orientation is applied. Each
    /// picture is decoded completely, and its rows are averaged as they are finished. The memory
    /// for that is a few rows; a picture that is composed of layers, or kept for later ones, takes
    /// that of a reduced picture.
    ///
    /// At [`Reduction::Eighth`], a VarDCT frame is decoded from its LF image alone, which is much
    /// [cheaper](Self::reduces_cheaply) and differs a little from averages: HF coefficients of
    /// transforms larger than 8 x 8 have no part in it, nor have gaborish, the edge-preserving
    /// filter and noise, which hardly change averages. Samples at the right and bottom edges stand
    /// for whole squares. This is not possible for frames with extra channels, patches, splines,
    /// upsampling, subsampled chroma or blending, and for frames that later ones refer to. Of a
    /// Modular frame with squeezed channels, 1:8 is made of the averages that squeeze codes, which
    /// are rounded at each step.
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
        let image = &self.headers.image;
        let full = (
            image.width_with_orientation(),
            image.height_with_orientation(),
        );
        (self.info.width, self.info.height) = reduction.size(full.0, full.1);
        self.reduction = reduction;
        self
    }

    /// True if the first picture reduced by `reduction` is decoded from a part of its frame: for
    /// 1:8, from its LF image or the averages of squeezed channels. Otherwise a reduction takes the
    /// time of a full decode.
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
        Ok(is_in_part(&scope, headers, &frame, codestream, reduction))
    }

    /// The reduction at which the picture is decoded; see [`reduced`](Self::reduced).
    pub fn reduction(&self) -> Reduction {
        self.reduction
    }
}
