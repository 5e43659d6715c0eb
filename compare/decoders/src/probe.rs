//! The properties of a file, read from its headers by jxl-oxide.

use anyhow::{Error, Result, bail};
use jxl_oxide::frame::{BlendMode, Encoding};
use jxl_oxide::image::BitDepth;
use jxl_oxide::{JxlImage, JxlThreadPool, PixelFormat};

use crate::image::{Layout, SampleFormat};

/// Header facts of one file.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Shape and sample format that are requested from decoders.
    pub layout: Layout,
    /// Whether samples are converted from the XYB color space, so that decoders agree only within
    /// rounding.
    pub xyb: bool,
    /// Coding tools beyond one Modular frame, each by name; empty for a plain Modular still.
    pub beyond_modular_still: Vec<&'static str>,
}

impl Probe {
    /// Tells whether correct decoders may differ by rounding, because they compute with floats or
    /// write floats.
    pub fn rounds(&self) -> bool {
        const EXACT: [&str; 3] = ["animation", "several frames", "patches"];
        let all_exact = || {
            self.beyond_modular_still
                .iter()
                .all(|tool| EXACT.contains(tool))
        };
        self.xyb || self.layout.format == SampleFormat::F32 || !all_exact()
    }
}

/// Reads the headers of `file`.
pub fn probe(file: &[u8]) -> Result<Probe> {
    let image = JxlImage::builder()
        .pool(JxlThreadPool::none())
        .read(file)
        .map_err(Error::from_boxed)?;
    let header = image.image_header();
    let metadata = &header.metadata;
    let channels = match image.pixel_format() {
        PixelFormat::Gray => 1,
        PixelFormat::Graya => 2,
        PixelFormat::Rgb => 3,
        PixelFormat::Rgba => 4,
        other => bail!("pixel format {other:?} is not compared"),
    };
    let format = match metadata.bit_depth {
        BitDepth::IntegerSample { bits_per_sample } => SampleFormat::of_integers(bits_per_sample),
        BitDepth::FloatSample { .. } => SampleFormat::F32,
    };
    Ok(Probe {
        layout: Layout {
            width: image.width() as usize,
            height: image.height() as usize,
            channels,
            frames: image.num_loaded_keyframes(),
            format,
        },
        xyb: metadata.xyb_encoded,
        beyond_modular_still: beyond_modular_still(&image),
    })
}

fn beyond_modular_still(image: &JxlImage) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut note = |present: bool, name: &'static str| {
        if present && !found.contains(&name) {
            found.push(name);
        }
    };
    note(
        image.image_header().metadata.animation.is_some(),
        "animation",
    );
    note(image.num_loaded_frames() > 1, "several frames");
    for index in 0..image.num_loaded_frames() {
        let Some(frame) = image.frame(index) else {
            continue;
        };
        let header = frame.header();
        note(header.encoding == Encoding::VarDct, "VarDCT");
        note(header.restoration_filter.gab.enabled(), "gaborish");
        note(header.restoration_filter.epf.enabled(), "EPF");
        note(header.blending_info.mode != BlendMode::Replace, "blending");
        note(header.flags.noise(), "noise");
        note(header.flags.patches(), "patches");
        note(header.flags.splines(), "splines");
    }
    found
}
