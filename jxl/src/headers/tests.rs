//! Compares with `jxl-image` and `jxl-frame` on the same files.

mod damage;
mod made;

use std::fs;
use std::path::Path;

use frame_arena::Arena;
use jxl_bitstream::Bitstream;
use jxl_oxide_common::Bundle;

use super::frame::RestorationFilter;
use super::*;
use crate::bits::Bits;
use crate::container::for_each_piece;
use crate::memory::Memory;
use crate::{Error, Limits, Name, SampleDepth};

/// The codestreams of all sample files, by name.
fn codestreams() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "jxl"));
    let mut codestreams: Vec<_> = files
        .map(|path| {
            let mut codestream = Vec::new();
            let file = fs::read(&path).unwrap();
            for_each_piece(&file, |piece| codestream.extend_from_slice(piece)).unwrap();
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                codestream,
            )
        })
        .collect();
    codestreams.sort();
    assert!(codestreams.len() > 80);
    codestreams
}

/// Runs `check` with memory for lists.
fn with_memory<R>(arena: &Arena, check: impl FnOnce(Memory<'_>) -> R) -> R {
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    check(Memory::new(&frame, &kept))
}

fn same_depth(depth: SampleDepth, other: jxl_image::BitDepth) -> bool {
    depth
        == match other {
            jxl_image::BitDepth::IntegerSample { bits_per_sample } => SampleDepth::Integer {
                bits: bits_per_sample,
            },
            jxl_image::BitDepth::FloatSample {
                bits_per_sample,
                exp_bits,
            } => SampleDepth::Float {
                bits: bits_per_sample,
                exponent_bits: exp_bits,
            },
        }
}

fn same_type(ty: ExtraChannelType, other: jxl_image::ExtraChannelType) -> bool {
    use jxl_image::ExtraChannelType as Other;
    match (ty, other) {
        (
            ExtraChannelType::Alpha {
                alpha_associated: ours,
            },
            Other::Alpha { alpha_associated },
        ) => ours == alpha_associated,
        (
            ExtraChannelType::SpotColor { color, solidity },
            Other::SpotColour {
                red,
                green,
                blue,
                solidity: other,
            },
        ) => color == [red, green, blue] && solidity == other,
        (ExtraChannelType::Depth, Other::Depth)
        | (ExtraChannelType::SelectionMask, Other::SelectionMask)
        | (ExtraChannelType::Black, Other::Black)
        | (ExtraChannelType::Cfa, Other::Cfa { .. })
        | (ExtraChannelType::Thermal, Other::Thermal)
        | (ExtraChannelType::Optional, Other::Optional) => true,
        _ => false,
    }
}

fn check_image(name: &str, image: &ImageHeader, other: &jxl_image::ImageHeader) {
    let (ours, theirs) = (&image.metadata, &other.metadata);
    assert_eq!(
        (image.size.width, image.size.height),
        (other.size.width, other.size.height),
        "{name}"
    );
    assert_eq!(
        image.width_with_orientation(),
        other.width_with_orientation(),
        "{name}"
    );
    assert_eq!(
        image.height_with_orientation(),
        other.height_with_orientation(),
        "{name}"
    );
    assert_eq!(ours.orientation, theirs.orientation, "{name}");
    assert!(same_depth(ours.bit_depth, theirs.bit_depth), "{name}");
    assert_eq!(ours.xyb_encoded, theirs.xyb_encoded, "{name}");
    assert_eq!(ours.grayscale(), theirs.grayscale(), "{name}");
    assert_eq!(ours.alpha(), theirs.alpha(), "{name}");
    assert_eq!(
        ours.colors.has_profile(),
        theirs.colour_encoding.want_icc(),
        "{name}"
    );
    assert_eq!(ours.ec_info.len(), theirs.ec_info.len(), "{name}");
    let names = theirs.ec_info.iter().map(|theirs| &*theirs.name);
    assert!(ours.ec_info.names().eq(names), "{name}");
    for (ours, theirs) in ours.ec_info.iter().zip(&theirs.ec_info) {
        assert!(same_type(ours.ty, theirs.ty), "{name}");
        assert!(same_depth(ours.bit_depth, theirs.bit_depth), "{name}");
        assert_eq!(ours.dim_shift, theirs.dim_shift, "{name}");
    }
    let animation = ours.animation.map(|ours| {
        (
            ours.tps_numerator,
            ours.tps_denominator,
            ours.num_loops,
            ours.have_timecodes,
        )
    });
    let other = theirs.animation.as_ref().map(|theirs| {
        (
            theirs.tps_numerator,
            theirs.tps_denominator,
            theirs.num_loops,
            theirs.have_timecodes,
        )
    });
    assert_eq!(animation, other, "{name}");
    check_transform_data(name, ours, theirs);
}

fn check_transform_data(name: &str, ours: &ImageMetadata, theirs: &jxl_image::ImageMetadata) {
    let (tone, other) = (&ours.tone_mapping, &theirs.tone_mapping);
    assert_eq!(tone.intensity_target, other.intensity_target, "{name}");
    assert_eq!(tone.min_nits, other.min_nits, "{name}");
    assert_eq!(
        tone.relative_to_max_display, other.relative_to_max_display,
        "{name}"
    );
    assert_eq!(tone.linear_below, other.linear_below, "{name}");
    let (opsin, other) = (&ours.opsin_inverse_matrix, &theirs.opsin_inverse_matrix);
    assert_eq!(opsin.inv_mat, other.inv_mat, "{name}");
    assert_eq!(opsin.opsin_bias, other.opsin_bias, "{name}");
    assert_eq!(opsin.quant_bias, other.quant_bias, "{name}");
    assert_eq!(
        opsin.quant_bias_numerator, other.quant_bias_numerator,
        "{name}"
    );
    let weights = &ours.upsampling_weights;
    assert_eq!(weights.up2, theirs.up2_weight, "{name}");
    assert_eq!(weights.up4, theirs.up4_weight, "{name}");
    assert_eq!(weights.up8, theirs.up8_weight, "{name}");
}

fn check_blending(ours: BlendingInfo, theirs: &jxl_frame::header::BlendingInfo) {
    assert_eq!(ours.mode as u8, theirs.mode as u8);
    assert_eq!(ours.alpha_channel, theirs.alpha_channel);
    assert_eq!(ours.clamp, theirs.clamp);
    assert_eq!(ours.source, theirs.source);
}

fn check_filters(ours: &RestorationFilter, theirs: &jxl_frame::header::RestorationFilter) {
    use jxl_frame::filter::{EdgePreservingFilter, Gabor};
    let gab = match theirs.gab {
        Gabor::Disabled => None,
        Gabor::Enabled(weights) => Some(weights),
    };
    assert_eq!(ours.gab, gab);
    let epf = match &theirs.epf {
        EdgePreservingFilter::Disabled => None,
        EdgePreservingFilter::Enabled(theirs) => Some(EpfParams {
            iters: theirs.iters,
            sharp_lut: theirs.sharp_lut,
            channel_scale: theirs.channel_scale,
            quant_mul: theirs.sigma.quant_mul,
            pass0_sigma_scale: theirs.sigma.pass0_sigma_scale,
            pass2_sigma_scale: theirs.sigma.pass2_sigma_scale,
            border_sad_mul: theirs.sigma.border_sad_mul,
            sigma_for_modular: theirs.sigma_for_modular,
        }),
    };
    assert_eq!(ours.epf, epf);
}

/// `source` is what both were read from.
fn check_frame(ours: &FrameHeader<'_>, theirs: &jxl_frame::FrameHeader, source: &[u8]) {
    assert_eq!(ours.frame_type as u8, theirs.frame_type as u8);
    assert_eq!(ours.encoding as u8, theirs.encoding as u8);
    assert_eq!(ours.flags.noise(), theirs.flags.noise());
    assert_eq!(ours.flags.patches(), theirs.flags.patches());
    assert_eq!(ours.flags.splines(), theirs.flags.splines());
    assert_eq!(ours.flags.use_lf_frame(), theirs.flags.use_lf_frame());
    let smoothing = theirs.flags.skip_adaptive_lf_smoothing();
    assert_eq!(ours.flags.skip_adaptive_lf_smoothing(), smoothing);
    assert_eq!(ours.do_ycbcr, theirs.do_ycbcr);
    assert_eq!(ours.jpeg_upsampling, theirs.jpeg_upsampling);
    assert_eq!(ours.upsampling, theirs.upsampling);
    assert!(
        ours.ec_upsampling()
            .eq(theirs.ec_upsampling.iter().copied())
    );
    assert_eq!(
        (ours.x_qm_scale, ours.b_qm_scale),
        (theirs.x_qm_scale, theirs.b_qm_scale)
    );
    assert_eq!(ours.passes.num_passes, theirs.passes.num_passes);
    for (pass, &shift) in theirs.passes.shift.iter().enumerate() {
        assert_eq!(ours.passes.shift(pass), shift);
    }
    let resolutions = theirs
        .passes
        .downsample
        .iter()
        .zip(&theirs.passes.last_pass);
    let resolutions = resolutions.map(|(&downsample, &last)| (downsample, last));
    assert!(ours.passes.resolutions().iter().copied().eq(resolutions));
    assert_eq!(ours.lf_level, theirs.lf_level);
    assert_eq!(
        (ours.have_crop, ours.x0, ours.y0),
        (theirs.have_crop, theirs.x0, theirs.y0)
    );
    assert_eq!((ours.width, ours.height), (theirs.width, theirs.height));
    check_blending(ours.blending_info, &theirs.blending_info);
    for (ours, theirs) in ours.ec_blending_info().zip(&theirs.ec_blending_info) {
        check_blending(ours, theirs);
    }
    assert_eq!(
        (ours.duration, ours.timecode),
        (theirs.duration, theirs.timecode)
    );
    assert_eq!(
        (ours.is_last, ours.save_before_ct),
        (theirs.is_last, theirs.save_before_ct)
    );
    assert_eq!(ours.save_as_reference, theirs.save_as_reference);
    assert_eq!(ours.resets_canvas, theirs.resets_canvas);
    assert_eq!(*text(ours.name, source), *theirs.name);
    check_filters(&ours.restoration_filter, &theirs.restoration_filter);
    assert_eq!(ours.is_keyframe(), theirs.is_keyframe());
    assert_eq!(ours.can_reference(), theirs.can_reference());
    assert_eq!(
        ours.encoded_color_channels(),
        theirs.encoded_color_channels()
    );
    assert_eq!(ours.group_dim(), theirs.group_dim());
    if ours.width > 0 && ours.num_groups() < 1 << 20 {
        let samples = (ours.color_sample_width(), ours.color_sample_height());
        assert_eq!(
            samples,
            (theirs.color_sample_width(), theirs.color_sample_height())
        );
        assert_eq!(ours.num_groups(), theirs.num_groups().into());
        assert_eq!(ours.num_lf_groups(), theirs.num_lf_groups().into());
    }
}

/// `start` is where the sections start in what was read.
fn check_toc(ours: &Toc<'_>, theirs: &jxl_frame::data::Toc, start: usize) {
    use jxl_frame::data::TocGroupKind;
    assert_eq!(ours.total_bytes(), theirs.total_byte_size() as u64);
    assert_eq!(ours.is_single(), theirs.is_single_entry());
    let mut groups = 0;
    for entry in theirs.iter_bitstream_order() {
        let range = match entry.kind {
            TocGroupKind::All | TocGroupKind::LfGlobal => ours.lf_global(),
            TocGroupKind::LfGroup(index) => ours.lf_group(index as usize),
            TocGroupKind::HfGlobal => ours.hf_global(),
            TocGroupKind::GroupPass {
                pass_idx,
                group_idx,
            } => {
                groups = groups.max(group_idx as usize + 1);
                ours.group(pass_idx as usize, group_idx as usize)
            }
        };
        let offset = entry.offset - start;
        assert_eq!(range, Some(offset..offset + entry.size as usize));
    }
    assert!(ours.group(0, groups).is_none());
}

/// Reads the image header, and the start of the frames if there is neither a preview nor a profile.
fn read_image(
    name: &str,
    codestream: &[u8],
    arena: &Arena,
) -> Option<(ImageHeader, jxl_image::ImageHeader, usize)> {
    let mut bits = Bits::new(codestream);
    let ours = ImageHeader::parse(&mut bits, arena, &Limits::default()).expect(name);
    let mut other = Bitstream::new(codestream);
    let theirs = jxl_image::ImageHeader::parse(&mut other, ()).expect(name);
    assert_eq!(bits.position(), other.num_read_bits(), "{name}");
    check_image(name, &ours, &theirs);
    let has_more = ours.metadata.preview.is_some() || ours.metadata.colors.has_profile();
    (!has_more).then(|| {
        bits.align().expect(name);
        (ours, theirs, bits.position() / 8)
    })
}

#[test]
fn headers_of_files_are_read_as_by_others() {
    let arena = Arena::new();
    let mut frames = 0;
    for (name, codestream) in codestreams() {
        let Some((image, other_image, mut start)) = read_image(&name, &codestream, &arena) else {
            continue;
        };
        loop {
            let source = &codestream[start..];
            let mut other_bits = Bitstream::new(source);
            let other = jxl_frame::FrameHeader::parse(&mut other_bits, &other_image).expect(&name);
            let mut bits = Bits::new(source);
            let is_last = with_memory(&arena, |memory| {
                let (size, metadata) = (image.size, &image.metadata);
                let header = FrameHeader::parse(&mut bits, size, metadata, memory).expect(&name);
                check_frame(&header, &other, source);
                assert_eq!(bits.position(), other_bits.num_read_bits(), "{name}");
                let mut skimmed = bits.clone();
                let total_bytes = Toc::skim(&mut skimmed, &header, memory).expect(&name);
                let toc = Toc::parse(&mut bits, &header, memory).expect(&name);
                assert_eq!(toc.total_bytes(), total_bytes, "{name}");
                assert_eq!(bits.position(), skimmed.position(), "{name}");
                let theirs = jxl_frame::data::Toc::parse(&mut other_bits, &other).expect(&name);
                assert_eq!(bits.position(), other_bits.num_read_bits(), "{name}");
                let sections = bits.position() / 8;
                check_toc(&toc, &theirs, sections);
                start += sections + toc.total_bytes() as usize;
                frames += 1;
                header.is_last
            });
            if is_last {
                break;
            }
        }
    }
    assert!(frames > 100, "{frames}");
}

fn text(name: CodedName, source: &[u8]) -> Name {
    Name::read(name, source, &Arena::new()).unwrap()
}
