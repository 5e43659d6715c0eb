/// Most planes that a picture has.
pub(super) const MAX_PLANES: usize = 8;

/// Describes the planes of a picture, their borders and padding, for a request of all of them.
///
/// Sizes, borders and multiples are given for the first plane. For a
/// [subsampled](Self::subsampled_plane) plane they are divided accordingly, rounded up: in 4:2:0, a
/// border of 32 becomes one of 16 around the chroma planes.
///
/// In memory, each plane is this rectangle, one row behind the other:
///
/// ```text
/// unused to  ┌──────────────────────────────┐ unused to
/// a multiple │ border                       │ a multiple
/// of 64      │      ┌───────────────┬────┐  │ of 64
/// bytes      │      │ width x height│    │  │ bytes, and
///            │      │               │    │  │ 64 more where
///            │      ├───────────────┘    │  │ the stride
///            │      │ allocated size     │  │ would be a
///            │      └────────────────────┘  │ multiple of
///            │                              │ 2048 bytes
///            └──────────────────────────────┘
///              tail padding, unused
/// ```
///
/// * Column 0 of each row starts at a multiple of 64 bytes if the sample's size divides 64, and at
///   the sample's alignment otherwise.
/// * Planes of equal size have equal strides, as C decoders require for the chroma planes of a
///   video.
/// * A plane of no columns or no rows has no border and takes no memory for samples.
///
/// ```
/// use frame_arena::PictureLayout;
///
/// // What libde265 or a decoder of one's own predicts from.
/// let references = PictureLayout::yuv420(1920, 1080).border(80).tail_padding_bytes(64);
/// // dav1d: multiples of 128 pixels, and 64 bytes to read beyond the end.
/// let dav1d = PictureLayout::yuv420(1920, 1080).round_up_to(128, 128).tail_padding_bytes(64);
/// // FFmpeg: the size that `avcodec_align_dimensions2` returned.
/// let ffmpeg = PictureLayout::yuv422(1920, 1080).allocated_size(1920, 1090);
/// assert!(dav1d.bytes::<u8>()? >= 1920 * 1152 * 3 / 2);
/// # let _ = (references, ffmpeg);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PictureLayout {
    planes: [PlaneSize; MAX_PLANES],
    count: usize,
    border: (usize, usize),
    least: (usize, usize),
    multiple: (usize, usize),
    tail_padding_bytes: usize,
}

/// Size of a plane before it is subsampled, and the base-2 logarithms of the subsampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PlaneSize {
    width: usize,
    height: usize,
    shift_x: u32,
    shift_y: u32,
}

/// The parts of a plane's memory, in samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlaneShape {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) allocated_width: usize,
    pub(super) allocated_height: usize,
    pub(super) border_x: usize,
    pub(super) border_y: usize,
}

impl PictureLayout {
    /// Describes a picture without planes.
    pub const fn new() -> Self {
        const NONE: PlaneSize = PlaneSize {
            width: 0,
            height: 0,
            shift_x: 0,
            shift_y: 0,
        };
        Self {
            planes: [NONE; MAX_PLANES],
            count: 0,
            border: (0, 0),
            least: (0, 0),
            multiple: (1, 1),
            tail_padding_bytes: 0,
        }
    }

    /// Describes a luma plane and two chroma planes of half the width and height, rounded up.
    pub const fn yuv420(width: usize, height: usize) -> Self {
        Self::yuv(width, height, 1, 1)
    }

    /// Describes a luma plane and two chroma planes of half the width, rounded up.
    pub const fn yuv422(width: usize, height: usize) -> Self {
        Self::yuv(width, height, 1, 0)
    }

    /// Describes three planes of one size.
    pub const fn yuv444(width: usize, height: usize) -> Self {
        Self::yuv(width, height, 0, 0)
    }

    const fn yuv(width: usize, height: usize, shift_x: u32, shift_y: u32) -> Self {
        Self::new()
            .plane(width, height)
            .subsampled_plane(shift_x, shift_y)
            .subsampled_plane(shift_x, shift_y)
    }

    /// Adds a plane.
    ///
    /// # Panics
    /// If the picture has 8 planes already.
    pub const fn plane(self, width: usize, height: usize) -> Self {
        self.with_plane(PlaneSize {
            width,
            height,
            shift_x: 0,
            shift_y: 0,
        })
    }

    /// Adds a plane of the first plane's width divided by 2<sup>`shift_x`</sup> and height divided
    /// by 2<sup>`shift_y`</sup>, rounded up.
    ///
    /// # Panics
    /// If the picture has no plane or 8 planes already, or a shift is 32 or more.
    pub const fn subsampled_plane(self, shift_x: u32, shift_y: u32) -> Self {
        assert!(self.count > 0, "a subsampled plane without a first one");
        assert!(
            shift_x < 32 && shift_y < 32,
            "a plane subsampled by 2^32 or more"
        );
        let first = self.planes[0];
        self.with_plane(PlaneSize {
            width: first.width,
            height: first.height,
            shift_x,
            shift_y,
        })
    }

    /// Adds a plane of the first plane's size, such as alpha.
    ///
    /// # Panics
    /// If the picture has no plane or 8 planes already.
    pub const fn alpha(self) -> Self {
        self.subsampled_plane(0, 0)
    }

    const fn with_plane(mut self, plane: PlaneSize) -> Self {
        assert!(self.count < MAX_PLANES, "a picture of more than 8 planes");
        self.planes[self.count] = plane;
        self.count += 1;
        self
    }

    /// Sets the width of the border on each side of each plane, in samples; 0 by default.
    pub const fn border(self, samples: usize) -> Self {
        self.border_xy(samples, samples)
    }

    /// Sets the columns of the border to the left and right of each plane, and the rows above and
    /// below it.
    pub const fn border_xy(mut self, columns: usize, rows: usize) -> Self {
        self.border = (columns, rows);
        self
    }

    /// Rounds the allocated columns and rows of each plane up to a multiple. The border begins
    /// behind them.
    ///
    /// # Panics
    /// If a multiple is zero.
    pub const fn round_up_to(mut self, columns: usize, rows: usize) -> Self {
        assert!(columns > 0 && rows > 0, "a multiple of zero");
        self.multiple = (columns, rows);
        self
    }

    /// Sets the least size to allocate for planes of the first plane's size; for subsampled planes
    /// it is divided accordingly. It is [rounded up](Self::round_up_to) too.
    pub const fn allocated_size(mut self, width: usize, height: usize) -> Self {
        self.least = (width, height);
        self
    }

    /// Adds bytes behind the last row of each plane, which vector code may read, or foreign code
    /// write, beyond the end of the row; none by default.
    pub const fn tail_padding_bytes(mut self, bytes: usize) -> Self {
        self.tail_padding_bytes = bytes;
        self
    }

    /// Returns the number of planes.
    pub const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn tail_bytes(&self) -> usize {
        self.tail_padding_bytes
    }

    /// The shapes of all planes; `None` for one that overflows.
    pub(super) fn shapes(&self) -> impl Iterator<Item = Option<PlaneShape>> {
        self.planes[..self.count]
            .iter()
            .map(|plane| self.shape(plane))
    }

    fn shape(&self, plane: &PlaneSize) -> Option<PlaneShape> {
        let (width, height) = plane.visible();
        if width == 0 || height == 0 {
            return Some(PlaneShape::without_border(width, height));
        }
        let first = &self.planes[0];
        let follows = (plane.width, plane.height) == (first.width, first.height);
        let least = if follows { self.least } else { (0, 0) };
        let rounded =
            |size: usize, least, multiple| size.max(least).checked_next_multiple_of(multiple);
        let allocated_width = rounded(plane.width, least.0, self.multiple.0)?;
        let allocated_height = rounded(plane.height, least.1, self.multiple.1)?;
        Some(PlaneShape {
            width,
            height,
            allocated_width: subsampled(allocated_width, plane.shift_x),
            allocated_height: subsampled(allocated_height, plane.shift_y),
            border_x: subsampled(self.border.0, plane.shift_x),
            border_y: subsampled(self.border.1, plane.shift_y),
        })
    }

    /// The size of the largest plane, for errors.
    pub(super) fn largest_size(&self) -> (usize, usize) {
        let sizes = self.planes[..self.count].iter().map(PlaneSize::visible);
        let largest = sizes.max_by_key(|&(width, height)| (width as u128) * (height as u128));
        largest.unwrap_or_default()
    }
}

impl Default for PictureLayout {
    fn default() -> Self {
        Self::new()
    }
}

impl PlaneSize {
    fn visible(&self) -> (usize, usize) {
        (
            subsampled(self.width, self.shift_x),
            subsampled(self.height, self.shift_y),
        )
    }
}

impl PlaneShape {
    pub(super) fn without_border(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            allocated_width: width,
            allocated_height: height,
            border_x: 0,
            border_y: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }
}

/// `size` divided by a power of two, rounded up. It cannot overflow.
fn subsampled(size: usize, shift: u32) -> usize {
    size.div_ceil(1 << shift)
}
