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

/// The part of a shown frame that makes a reduced picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The LF image of a VarDCT frame and the averages of its extra channels, for 1:8.
    LfImage,
    /// The averages of squeezed channels of a Modular frame, for 1:8.
    Averages,
    /// The groups of a VarDCT frame, whose transforms make fewer samples.
    Groups(Reduction),
}

impl Part {
    /// The place of the frame when this part of it is decoded.
    pub(super) fn place(self, place: FramePlace<'_>) -> FramePlace<'_> {
        let reduction = match self {
            Self::Groups(reduction) => reduction,
            Self::LfImage | Self::Averages => Reduction::Full,
        };
        FramePlace { reduction, ..place }
    }
}

/// The part of a shown frame that makes the picture at `reduction`; `None` if the picture is
/// decoded in full and averaged. Patches and splines are drawn on samples. A picture that is
/// composed or kept is needed in full. At 1:8, subsampled chroma and extra channels that have no
/// averages need the groups: chroma has an LF sample for several blocks.
pub(crate) fn part_of(
    scope: &Scope,
    headers: &Headers,
    coded: &CodedFrame<'_>,
    codestream: Available<'_>,
    reduction: Reduction,
) -> Option<Part> {
    let (image, header) = (&headers.image, &coded.header);
    let is_candidate = reduction != Reduction::Full
        && header.upsampling == 1
        && !header.flags.patches()
        && !header.flags.splines()
        && has_equal_channels(image, header)
        && !composition::is_needed(image, header)
        && ShownFrame::new(coded) == ShownFrame::NotKept;
    if !is_candidate {
        return None;
    }
    let is_eighth = reduction == Reduction::Eighth;
    // Errors are those of the decode.
    let has_averages =
        || is_eighth && has_averages(scope, headers, coded, codestream).unwrap_or(false);
    match header.encoding {
        Encoding::Modular => has_averages().then_some(Part::Averages),
        Encoding::VarDct => {
            let is_subsampled = Geometry::new(header, Reduction::Full).is_subsampled();
            let has_extra = image.metadata.ec_info.len() > 0;
            match is_eighth && !is_subsampled && (!has_extra || has_averages()) {
                true => Some(Part::LfImage),
                false => Some(Part::Groups(reduction)),
            }
        }
    }
}

/// True if all channels are as large as the frame.
fn has_equal_channels(image: &ImageHeader, header: &FrameHeader<'_>) -> bool {
    let mut extra = image.metadata.ec_info.iter().zip(header.ec_upsampling());
    extra.all(|(info, upsampling)| upsampling << info.dim_shift == 1)
}

/// True if squeezed channels have averages of squares of 8 x 8 samples: all channels of a Modular
/// frame, the extra channels of a VarDCT frame.
fn has_averages(
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
    Ok(frame.averages().is_some())
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
