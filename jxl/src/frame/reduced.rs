use frame_arena::Scope;

use super::composition;
use super::context::FramePlace;
use super::parsed::ParsedFrame;
use super::saved_frames::{Kept, ShownFrame};
use super::whole;
use crate::budget::Budget;
use crate::headers::{Encoding, FrameHeader, ImageHeader};
use crate::image::{CodedFrame, Headers};
use crate::input::Available;
use crate::memory::Memory;
use crate::output::ReducerShape;
use crate::vardct::Geometry;
use crate::{Error, Reduction};

/// True if a shown frame holds the picture at `reduction` in a part of itself: in its LF image, or
/// in averages of squeezed channels. Patches and splines are drawn on samples. Subsampled chroma
/// has an LF sample for several blocks, extra channels of VarDCT frames have none. A picture that
/// is composed or kept is needed in full.
pub(crate) fn is_in_part(
    scope: &Scope,
    headers: &Headers,
    coded: &CodedFrame<'_>,
    codestream: Available<'_>,
    reduction: Reduction,
) -> bool {
    let (image, header) = (&headers.image, &coded.header);
    let is_candidate = reduction == Reduction::Eighth
        && header.upsampling == 1
        && !header.flags.patches()
        && !header.flags.splines()
        && !composition::is_needed(image, header)
        && ShownFrame::new(coded) == ShownFrame::NotKept;
    is_candidate
        && match header.encoding {
            Encoding::VarDct => {
                image.metadata.ec_info.len() == 0 && !Geometry::new(header).is_subsampled()
            }
            // Errors are those of the decode.
            Encoding::Modular => {
                has_low_picture(scope, headers, coded, codestream).unwrap_or(false)
            }
        }
}

fn has_low_picture(
    scope: &Scope,
    headers: &Headers,
    coded: &CodedFrame<'_>,
    codestream: Available<'_>,
) -> Result<bool, Error> {
    let (kept_frames, budget) = (Kept::default(), Budget::planning(headers.limits));
    let place = FramePlace::planning(&kept_frames, &budget);
    let kept = scope.scratch_beyond_plan();
    let memory = (scope, Memory::new(scope, &kept));
    let (frame, _) = ParsedFrame::new(memory, &headers.image, coded, codestream, place)?;
    Ok(frame.low_picture().is_some())
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
