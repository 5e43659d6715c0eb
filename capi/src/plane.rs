use std::ffi::c_void;
use std::ptr;

/// A plane: `height` rows of `width` samples.
///
/// Row `y` starts at `(char *)data + y * stride_bytes`, at a multiple of 64 bytes. The bytes up to
/// the next row may be read and written.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct fa_plane {
    /// The first sample of the first row, behind the border. Null if the plane has no samples.
    pub data: *mut c_void,
    /// Samples per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes from row to row.
    pub stride_bytes: usize,
    /// Columns that may be read and written to the left and right of each row.
    pub border_columns: usize,
    /// Rows that may be read and written above and below the plane.
    pub border_rows: usize,
}

impl fa_plane {
    pub(crate) const NONE: Self = Self {
        data: ptr::null_mut(),
        width: 0,
        height: 0,
        stride_bytes: 0,
        border_columns: 0,
        border_rows: 0,
    };
}

/// Evaluates an expression with the unsigned type of a sample's size.
macro_rules! with_sample {
    ($sample_bytes:expr, $sample:ident => $value:expr) => {
        match $sample_bytes {
            1 => {
                type $sample = u8;
                $value
            }
            2 => {
                type $sample = u16;
                $value
            }
            4 => {
                type $sample = u32;
                $value
            }
            8 => {
                type $sample = u64;
                $value
            }
            _ => Err($crate::status::fa_status::FA_INVALID_ARGUMENT),
        }
    };
}
pub(crate) use with_sample;
