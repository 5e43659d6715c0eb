use frame_arena::Scope;

use crate::frame::context::FrameContext;
use crate::frame::lf_global::LfGlobal;
use crate::frame::parsed::ParsedFrame;
use crate::frame::sections::Sections;
use crate::modular::StreamContext;
use crate::vardct::{Geometry, VarDctGlobal};

/// A VarDCT frame whose LF global section is read up to the samples in it.
pub(in crate::frame) struct Frame<'a> {
    pub(super) parsed: &'a ParsedFrame<'a>,
    pub(super) context: &'a FrameContext<'a>,
    pub(super) sections: &'a Sections<'a>,
    pub(super) global: &'a LfGlobal<'a>,
    pub(super) vardct: &'a VarDctGlobal<'a>,
    pub(super) geometry: Geometry,
}

impl<'a> Frame<'a> {
    pub(in crate::frame) fn new(parsed: &'a ParsedFrame<'a>, vardct: &'a VarDctGlobal<'a>) -> Self {
        Self {
            parsed,
            context: &parsed.context,
            sections: &parsed.sections,
            global: &parsed.global,
            vardct,
            geometry: Geometry::new(parsed.context.header),
        }
    }

    pub(super) fn stream<'s>(&'s self, stream_index: u32, scope: &'s Scope) -> StreamContext<'s> {
        self.global.stream(self.context, scope, stream_index)
    }
}
