//! The dependence of a frame on the canvas.

use super::{BlendMode, BlendingInfo, FrameHeader};

impl FrameHeader<'_> {
    /// How the colors and each extra channel are blended.
    pub(crate) fn blending_infos(&self) -> impl Iterator<Item = BlendingInfo> {
        std::iter::once(self.blending_info).chain(self.ec_blending_info())
    }

    /// True if nothing is left of the canvas.
    pub(crate) fn replaces_canvas(&self) -> bool {
        let mut infos = self.blending_infos();
        self.resets_canvas && infos.all(|info| info.mode == BlendMode::Replace)
    }

    /// True if the frame is blended only with the frame that it replaces in its slot, sample by
    /// sample.
    pub(crate) fn blends_into_its_slot(&self) -> bool {
        let slot = self.save_as_reference;
        let mut infos = self.blending_infos();
        !self.resets_canvas && !self.flags.patches() && infos.all(|info| info.source == slot)
    }

    /// True if the frame is blended with the frame in `slot`.
    pub(crate) fn blends_with(&self, slot: usize) -> bool {
        let mut infos = self.blending_infos();
        !self.replaces_canvas() && infos.any(|info| info.source as usize == slot)
    }
}
