//! The table of sample files: the picture and the encoder's command of each.

use super::pictures::{
    Layer, Picture, animation, blocks, few_colors, float_scene, full_animation, layers, marks,
    scene,
};

/// A file `NAME.jxl` of `tests/samples`.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) draw: fn() -> Picture,
    /// Arguments of cjxl.
    pub(crate) cjxl: &'static str,
}

/// A file `NAME.jxl` of several layers or pictures.
pub(crate) struct Layered {
    pub(crate) name: &'static str,
    pub(crate) draw: fn() -> Vec<Layer>,
    /// Arguments of cjxl.
    pub(crate) cjxl: &'static str,
}

/// A file `NAME.jxl` that holds a JPEG file.
pub(crate) struct Jpeg {
    pub(crate) name: &'static str,
    /// Pixels per chroma sample, an argument of cjpeg.
    pub(crate) sampling: &'static str,
    pub(crate) draw: fn() -> Picture,
}

const fn jpeg(name: &'static str, sampling: &'static str, draw: fn() -> Picture) -> Jpeg {
    Jpeg {
        name,
        sampling,
        draw,
    }
}

const fn sample(name: &'static str, draw: fn() -> Picture, cjxl: &'static str) -> Sample {
    Sample { name, draw, cjxl }
}

/// Files that must decode to exactly what was drawn.
pub(crate) const LOSSLESS: &[Sample] = &[
    // Several groups of each size.
    sample("rgb8_e3_g0", || scene(390, 265, 3, 255), "-d 0 -e 3 -g 0"),
    sample(
        "rgb8_e7_g1",
        || scene(390, 265, 3, 255),
        "-d 0 -e 7 -g 1 --patches=0",
    ),
    sample("rgb8_e4_g2", || scene(560, 120, 3, 255), "-d 0 -e 4 -g 2"),
    sample("rgb8_e5_g3", || scene(1100, 60, 3, 255), "-d 0 -e 5 -g 3"),
    sample("rgb8_e1", || scene(300, 270, 3, 255), "-d 0 -e 1"),
    sample(
        "rgb8_e9",
        || scene(150, 100, 3, 255),
        "-d 0 -e 9 --patches=0",
    ),
    sample(
        "rgb8_center_first",
        || scene(300, 265, 3, 255),
        "-d 0 -e 3 -g 0 --group_order=1",
    ),
    sample(
        "rgb8_container",
        || scene(70, 50, 3, 255),
        "-d 0 -e 3 --container=1",
    ),
    // Channels and depths.
    sample(
        "gray1",
        || blocks(61, 47, 1, 1),
        "-d 0 -e 7 --patches=0 --override_bitdepth=1",
    ),
    sample("gray8", || scene(200, 131, 1, 255), "-d 0 -e 3"),
    sample("gray16", || scene(140, 90, 1, 65535), "-d 0 -e 5"),
    sample("gray_alpha8", || scene(90, 70, 2, 255), "-d 0 -e 3"),
    sample(
        "rgb4",
        || scene(120, 80, 3, 15),
        "-d 0 -e 3 --override_bitdepth=4",
    ),
    sample(
        "rgb10",
        || scene(100, 70, 3, 1023),
        "-d 0 -e 3 --override_bitdepth=10",
    ),
    sample(
        "rgb12_g0",
        || scene(150, 140, 3, 4095),
        "-d 0 -e 4 -g 0 --override_bitdepth=12",
    ),
    sample("rgb16", || scene(90, 60, 3, 65535), "-d 0 -e 5"),
    sample("rgba8_g0", || scene(257, 129, 4, 255), "-d 0 -e 3 -g 0"),
    sample(
        "rgba8_e9",
        || scene(100, 60, 4, 255),
        "-d 0 -e 9 --patches=0",
    ),
    sample("rgba16", || scene(70, 50, 4, 65535), "-d 0 -e 3"),
    sample("float_rgb", || float_scene(90, 60, 3), "-d 0 -e 3"),
    sample("float_gray", || float_scene(70, 50, 1), "-d 0 -e 5"),
    // Odd sizes.
    sample("one_pixel", || scene(1, 1, 3, 255), "-d 0 -e 3"),
    sample("one_column", || scene(1, 300, 3, 255), "-d 0 -e 3 -g 0"),
    sample(
        "one_row",
        || scene(300, 1, 4, 255),
        "-d 0 -e 7 -g 0 --patches=0",
    ),
    // Transforms.
    sample(
        "palette",
        || blocks(320, 240, 3, 255),
        "-d 0 -e 7 --patches=0",
    ),
    sample(
        "palette_alpha",
        || blocks(150, 100, 4, 255),
        "-d 0 -e 9 --patches=0",
    ),
    sample(
        "palette_groups",
        || blocks(300, 200, 3, 255),
        "-d 0 -e 7 -g 0 --patches=0",
    ),
    sample(
        "channel_palette",
        || scene(80, 60, 3, 15),
        "-d 0 -e 7 -X 100 -Y 100 --patches=0 --override_bitdepth=4",
    ),
    sample("squeeze", || scene(300, 200, 3, 255), "-d 0 -e 3 -R 1"),
    sample(
        "squeeze_g0",
        || scene(300, 200, 3, 255),
        "-d 0 -e 3 -R 1 -g 0",
    ),
    sample(
        "squeeze_bands",
        || scene(601, 450, 1, 255),
        "-d 0 -e 3 -R 1 -g 0",
    ),
    sample(
        "squeeze_alpha16",
        || scene(91, 77, 4, 65535),
        "-d 0 -e 3 -R 1 -g 0",
    ),
    sample(
        "squeeze_one_row",
        || scene(260, 1, 1, 255),
        "-d 0 -e 3 -R 1 -g 0",
    ),
    sample(
        "squeeze_e9",
        || scene(150, 100, 3, 255),
        "-d 0 -e 9 -R 1 --patches=0",
    ),
    sample("rct_none", || scene(80, 60, 3, 255), "-d 0 -e 3 -C 0"),
    sample("rct_13", || scene(80, 60, 3, 255), "-d 0 -e 3 -C 13"),
    sample("rct_28", || scene(80, 60, 3, 255), "-d 0 -e 3 -C 28"),
    sample("rct_41", || scene(80, 60, 3, 255), "-d 0 -e 3 -C 41"),
    // Predictors, and properties of previous channels.
    sample("predictor_0", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 0"),
    sample("predictor_1", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 1"),
    sample("predictor_2", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 2"),
    sample("predictor_3", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 3"),
    sample("predictor_4", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 4"),
    sample("predictor_5", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 5"),
    sample("predictor_6", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 6"),
    sample("predictor_7", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 7"),
    sample("predictor_8", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 8"),
    sample("predictor_9", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 9"),
    sample("predictor_10", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 10"),
    sample("predictor_11", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 11"),
    sample("predictor_12", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 12"),
    sample("predictor_13", || scene(80, 60, 3, 255), "-d 0 -e 4 -P 13"),
    sample(
        "predictors_mixed",
        || scene(150, 100, 3, 255),
        "-d 0 -e 8 -P 15 -E 3 -I 100 --patches=0",
    ),
    // Patches.
    sample(
        "patches_lossless",
        || marks(200, 150, 3),
        "-d 0 -e 7 --patches=1",
    ),
    sample(
        "patches_lossless_gray",
        || marks(290, 90, 1),
        "-d 0 -e 7 -g 0 --patches=1",
    ),
    sample(
        "patches_lossless_alpha",
        || marks(150, 100, 4),
        "-d 0 -e 7 --patches=1",
    ),
];

/// Files whose alpha is deeper than their colors; they are drawn at the depth of alpha.
pub(crate) const DEEP_ALPHA: &[Sample] = &[
    sample(
        "rgb4_alpha8",
        || few_colors(70, 50, 4),
        "-d 0 -e 3 --override_bitdepth=4",
    ),
    sample(
        "gray1_alpha8",
        || few_colors(53, 41, 2),
        "-d 0 -e 3 --override_bitdepth=1",
    ),
];

/// Lossy files; `NAME.ref.png` is djxl's decode.
pub(crate) const LOSSY: &[Sample] = &[
    sample(
        "delta_palette",
        || scene(120, 90, 3, 255),
        "-d 0 -e 7 -m 1 --modular_palette_colors=0 --modular_lossy_palette --patches=0",
    ),
    sample(
        "delta_palette_groups",
        || scene(200, 150, 3, 255),
        "-d 0 -e 7 -m 1 -g 0 --modular_palette_colors=0 --modular_lossy_palette --patches=0",
    ),
    sample(
        "xyb",
        || scene(80, 60, 3, 65535),
        "-d 1 -e 3 -m 1 --epf=0 --gaborish=0",
    ),
    sample(
        "xyb_groups",
        || scene(150, 60, 3, 65535),
        "-d 2 -e 4 -m 1 -g 0 --epf=0 --gaborish=0",
    ),
    sample(
        "xyb_alpha",
        || scene(90, 70, 4, 255),
        "-d 1 -e 3 -m 1 --epf=0 --gaborish=0",
    ),
    sample(
        "xyb_gray",
        || scene(60, 50, 1, 65535),
        "-d 1 -e 3 -m 1 --epf=0 --gaborish=0",
    ),
    sample(
        "xyb_p3",
        || scene(60, 50, 3, 65535),
        "-d 1 -e 3 -m 1 --epf=0 --gaborish=0 -x color_space=RGB_D65_DCI_Rel_SRG",
    ),
    sample(
        "xyb_pq",
        || scene(60, 50, 3, 65535),
        "-d 1 -e 3 -m 1 --epf=0 --gaborish=0 -x color_space=RGB_D65_202_Rel_PeQ",
    ),
    sample(
        "filters_epf1",
        || scene(90, 70, 3, 255),
        "-d 3 -e 3 -m 1 --gaborish=1 --epf=1",
    ),
    sample(
        "filters_epf3_groups",
        || scene(150, 140, 3, 255),
        "-d 3 -e 3 -m 1 -g 0 --gaborish=1 --epf=3",
    ),
    sample(
        "noise_groups",
        || scene(150, 140, 3, 255),
        "-d 2 -e 3 -m 1 -g 0 --photon_noise=ISO3200",
    ),
    sample(
        "noise_upsampled",
        || scene(150, 140, 3, 255),
        "-d 2 -e 3 -m 1 -g 0 --photon_noise=ISO3200 --resampling=4",
    ),
    sample(
        "upsampled_4_alpha",
        || scene(150, 130, 4, 255),
        "-d 2 -e 3 -m 1 --resampling=4 --ec_resampling=4",
    ),
    sample(
        "upsampled_8",
        || scene(153, 131, 3, 255),
        "-d 2 -e 3 -m 1 --resampling=8",
    ),
    sample(
        "upsampled_alpha",
        || scene(90, 70, 4, 255),
        "-d 1 -e 3 -m 1 --ec_resampling=4",
    ),
    sample(
        "patches_modular",
        || marks(150, 100, 3),
        "-d 1 -e 7 -m 1 --patches=1",
    ),
    // VarDCT, four groups.
    sample(
        "vardct_groups",
        || scene(300, 270, 3, 255),
        "-d 1.5 -e 7 --patches=0",
    ),
];

/// VarDCT files. They must decode as by djxl, except for rounding.
pub(crate) const VARDCT: &[Sample] = &[
    // A distance that uses large transforms.
    sample(
        "vardct_e8_d4",
        || scene(330, 290, 3, 255),
        "-d 4 -e 8 --patches=0 --dots=0",
    ),
    sample(
        "vardct_plain",
        || scene(100, 70, 3, 255),
        "-d 1 -e 3 --epf=0 --gaborish=0",
    ),
    sample(
        "vardct_epf3_noise",
        || scene(290, 80, 3, 255),
        "-d 3 -e 5 --epf=3 --photon_noise=ISO3200 --patches=0",
    ),
    sample("vardct_gray", || scene(270, 90, 1, 255), "-d 1 -e 4"),
    sample("vardct_alpha", || scene(280, 120, 4, 255), "-d 1 -e 4"),
    sample(
        "vardct_passes",
        || scene(270, 150, 3, 255),
        "-d 1 -e 4 --progressive_ac --progressive_dc=0",
    ),
    sample(
        "vardct_passes_shifted",
        || scene(270, 150, 3, 255),
        "-d 1 -e 4 --qprogressive_ac --progressive_dc=0",
    ),
    sample(
        "vardct_center_first",
        || scene(530, 300, 3, 255),
        "-d 4 -e 3 --group_order=1",
    ),
    // Groups of one column and of a few rows.
    sample(
        "vardct_seams",
        || scene(257, 263, 3, 255),
        "-d 1 -e 4 --epf=3 --gaborish=1",
    ),
    sample(
        "vardct_seams_alpha",
        || scene(265, 261, 4, 255),
        "-d 2 -e 4 -R 0",
    ),
    sample(
        "vardct_seams_upsampled",
        || scene(1036, 60, 4, 255),
        "-d 2 -e 4 --resampling=4 --ec_resampling=4 -R 0",
    ),
    sample(
        "vardct_upsampled",
        || scene(301, 131, 3, 255),
        "-d 2 -e 4 --resampling=4",
    ),
    // Several frames.
    sample(
        "vardct_patches",
        || marks(300, 270, 3),
        "-d 1 -e 7 --patches=1",
    ),
    sample(
        "vardct_patches_alpha",
        || marks(150, 100, 4),
        "-d 1 -e 7 --patches=1",
    ),
    sample(
        "lf_frame",
        || scene(150, 120, 3, 255),
        "-d 1 -e 4 --progressive_dc=1",
    ),
    sample(
        "lf_frames_nested",
        || scene(270, 280, 3, 255),
        "-d 4 -e 4 --progressive_dc=2",
    ),
    sample(
        "lf_frame_patches",
        || marks(290, 120, 3),
        "-d 2 -e 7 --progressive_dc=1 --patches=1",
    ),
];

/// A file of two LF groups, too large for tests of all samples. The last row and column of groups
/// are narrower than the border of the filters.
pub(crate) const LARGE: &[Sample] = &[sample(
    "vardct_lf_groups",
    || scene(2054, 516, 1, 255),
    "-d 15 -e 4 --epf=3 --gaborish=1",
)];

/// Files of layers. They must decode as by djxl, except for rounding.
pub(crate) const LAYERED: &[Layered] = &[
    Layered {
        name: "layers_lossless",
        draw: layers,
        cjxl: "-d 0 -e 3",
    },
    Layered {
        name: "layers_vardct",
        draw: layers,
        cjxl: "-d 1 -e 4",
    },
];

/// Animations. All their pictures must decode as by djxl, except for rounding.
pub(crate) const ANIMATED: &[Layered] = &[
    Layered {
        name: "animation_lossless",
        draw: animation,
        cjxl: "-d 0 -e 3",
    },
    Layered {
        name: "animation_vardct",
        draw: animation,
        cjxl: "-d 1 -e 4",
    },
    Layered {
        name: "animation_full",
        draw: full_animation,
        cjxl: "-d 0 -e 3",
    },
];

/// Pictures that were JPEG files before: their names tell how chroma is subsampled.
pub(crate) const JPEG: &[Jpeg] = &[
    jpeg("jpeg_444", "1x1", || scene(90, 70, 3, 255)),
    jpeg("jpeg_422", "2x1", || scene(290, 71, 3, 255)),
    jpeg("jpeg_420", "2x2", || scene(301, 275, 3, 255)),
    jpeg("jpeg_440", "1x2", || scene(61, 90, 3, 255)),
    jpeg("jpeg_gray", "1x1", || scene(90, 70, 1, 255)),
];
