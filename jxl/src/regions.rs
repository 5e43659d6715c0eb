use std::num::NonZeroUsize;

use frame_arena::{FramePlan, FrameReport};

use crate::decoder::Buffer;
use crate::frame::{PreparedPicture, Source};
use crate::frames::Held;
use crate::{Error, ImageInfo, Layout, OutputSample, Picture, PixelFormat, Reduction, Region};

/// Decodes rectangles of a picture in any order, from any number of threads at once.
///
/// What the rectangles share is decoded once, when this value is made: the frames before the
/// picture's own, and the LF groups of a VarDCT frame, about a sixth of the work of the picture.
/// They take 0.3 bytes per pixel of the arena, for as long as this value lives, and three to four
/// samples of 4 bytes per pixel of each frame that others refer to. All LF groups are kept, not
/// only those that a rectangle touched: smoothing looks at samples of the neighbors, and threads
/// need no lock to read them.
///
/// A rectangle then costs the groups that it or the borders of its filters touch, and reading the
/// frame's tables. Samples are the same as those of a whole decode.
///
/// Some frames share nothing between rectangles, which are decoded as by
/// [`Picture::decode_region_into`]: Modular frames whose channels are squeezed, use delta palettes
/// or are filtered, in full for each rectangle; VarDCT frames whose extra channels are squeezed or
/// have another size than the colors; and frames of a single section, which are at most a group.
///
/// ```no_run
/// use jxl_arena::{Decoder, Layout, Region};
///
/// let file = std::fs::read("picture.jxl")?;
/// let picture = Decoder::default().read(&file)?;
/// let regions = picture.regions()?;
/// std::thread::scope(|scope| {
///     for x in [0, 256, 512] {
///         let regions = &regions;
///         scope.spawn(move || {
///             let mut pixels = vec![0u8; 256 * 256 * 3];
///             let region = Region::new(x, 0, 256, 256);
///             regions.decode_into(region, Layout::Rgb, &mut pixels)
///         });
///     }
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Each rectangle may take the work that the decoder's limit allows for the whole picture. After an
/// error, further rectangles can be decoded.
pub struct Regions<'d> {
    picture: Held<'d>,
    prepared: PreparedPicture,
}

impl<'d> Picture<'d> {
    /// Prepares the first picture for decoding rectangles of it in any order.
    ///
    /// # Errors
    /// The errors of [`decode_into`](Self::decode_into), for the parts read here; a
    /// [reduced](Self::reduced) picture.
    pub fn regions(&self) -> Result<Regions<'_>, Error> {
        Regions::new(Held::Borrowed(self))
    }

    /// Does the same as [`regions`](Self::regions), but owns the headers.
    ///
    /// # Errors
    /// The errors of [`regions`](Self::regions).
    pub fn into_regions(self) -> Result<Regions<'d>, Error> {
        Regions::new(Held::Owned(Box::new(self)))
    }

    fn region_source(&self) -> Source<'_> {
        let (headers, codestream, _) = self.source();
        let painter = self.painter();
        Source {
            headers,
            codestream,
            budget: painter.budget(),
            workers: painter.workers(),
        }
    }
}

impl<'d> Regions<'d> {
    fn new(held: Held<'d>) -> Result<Self, Error> {
        let picture = held.get();
        let (headers, _, arena) = picture.source();
        headers.check_colors()?;
        if picture.reduction() != Reduction::Full {
            return Err(Error::output(format!(
                "regions of a picture reduced {}",
                picture.reduction()
            )));
        }
        let prepared = PreparedPicture::new(arena, || picture.region_source())?;
        Ok(Self {
            prepared,
            picture: held,
        })
    }

    /// Size, depth, channels and profile of the picture.
    pub fn info(&self) -> &ImageInfo {
        self.picture.get().info()
    }

    /// Decodes a rectangle into `pixels`, as [`Picture::decode_region_into`] does.
    ///
    /// # Errors
    /// The errors of [`Picture::decode_region_into`].
    pub fn decode_into<T: OutputSample>(
        &self,
        region: Region,
        layout: Layout,
        pixels: &mut [T],
    ) -> Result<FrameReport, Error> {
        self.decode(region, Buffer::of_samples(layout, pixels, region.width)?)
    }

    /// Decodes a rectangle into `bytes`, as [`Picture::decode_region_bytes_into`] does.
    ///
    /// # Errors
    /// The errors of [`Picture::decode_region_bytes_into`].
    pub fn decode_bytes_into(
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
        self.decode(region, buffer)
    }

    /// Plans the arena memory for decoding `region` on `threads` threads, in addition to what this
    /// value holds. See [`Picture::plan`]. A [reserving](crate::Decoder::reserving) decoder
    /// reserves it for each rectangle. Nothing is reserved for what the rectangles share.
    ///
    /// # Errors
    /// The errors of [`decode_into`](Self::decode_into), for the parts read here.
    pub fn plan(&self, region: Region, threads: NonZeroUsize) -> Result<FramePlan, Error> {
        let picture = self.picture.get();
        let (headers, codestream, arena) = picture.source();
        let stored = picture.painter().part(Some(region))?.stored;
        let source = (headers, codestream);
        self.prepared.plan(arena, source, threads, stored)
    }

    fn decode(&self, region: Region, buffer: Buffer<'_>) -> Result<FrameReport, Error> {
        let painter = self.picture.get().painter();
        painter.part(Some(region))?;
        let decoder = painter.decoder;
        let arena = decoder.planned_arena(|threads| self.plan(region, threads))?;
        let source = self.picture.get().region_source();
        painter.paint(Some(region), buffer, |output, stored| {
            self.prepared.show(&arena, &source, stored, output)
        })
    }
}
