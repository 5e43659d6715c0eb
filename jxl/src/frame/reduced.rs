use super::composition;
use super::saved_frames::ShownFrame;
use super::whole;
use crate::Reduction;
use crate::headers::{Encoding, FrameHeader, ImageHeader};
use crate::image::CodedFrame;
use crate::output::ReducerShape;
use crate::vardct::Geometry;

/// True if the LF image of a shown frame is the picture at `reduction`: one sample for each block.
/// Patches and splines are drawn on samples, subsampled chroma has an LF sample for several blocks,
/// extra channels have none, and a picture that is composed or kept is needed in full.
pub(crate) fn is_lf_picture(
    image: &ImageHeader,
    coded: &CodedFrame<'_>,
    reduction: Reduction,
) -> bool {
    let header = &coded.header;
    reduction == Reduction::Eighth
        && header.encoding == Encoding::VarDct
        && header.upsampling == 1
        && !Geometry::new(header).is_subsampled()
        && !header.flags.patches()
        && !header.flags.splines()
        && image.metadata.ec_info.len() == 0
        && !composition::is_needed(image, header)
        && ShownFrame::new(coded) == ShownFrame::NotKept
}

/// How the rows of a shown frame are reduced; `None` at full size. `coded` is `None` for an LF
/// frame that is shown in place of a picture, row by row.
pub(super) fn reducer_shape(
    image: &ImageHeader,
    coded: Option<&CodedFrame<'_>>,
    reduction: Reduction,
) -> Option<ReducerShape> {
    let open_rows = match coded {
        // Rows around the frame are written before it.
        Some(coded) if composition::is_needed(image, &coded.header) => None,
        // Kept frames are composed too.
        Some(coded) if ShownFrame::new(coded) == ShownFrame::Kept => None,
        Some(coded) => Some(open_rows(&coded.header)),
        None => Some(1),
    };
    let is_reduced = reduction != Reduction::Full;
    is_reduced.then(|| ReducerShape::new(image, reduction, open_rows))
}

/// Rows of a frame that may be unfinished when a later one is finished.
fn open_rows(header: &FrameHeader<'_>) -> usize {
    // Rows go out by rows of groups. Their margins shift them by less than a group.
    let groups = 2 * header.group_dim() as usize * header.upsampling as usize;
    match header.encoding {
        Encoding::VarDct => groups,
        Encoding::Modular => groups.max(whole::BAND_ROWS),
    }
}
