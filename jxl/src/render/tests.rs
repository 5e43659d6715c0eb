//! Compares row kernels in the pipeline with whole-plane formulas, and with the same kernels cut in
//! other ways.

mod cut;

use std::ops::Range;

use crate::headers::{EpfParams, RestorationFilter};
use frame_arena::{Arena, PlaneView};

use super::naive::{self, Picture};
use super::noise::{Noise, NoiseField};
use super::pipeline::{Pipeline, PipelineShape, STRIP_WIDTH};
use super::sigma::Sigma;
use super::source::{Band, BandPlane, Placed, Source};
use super::splines::{CodedSplines, Splines};
use super::upsampling::Weights;
use crate::grid::{Rect, Size};
use crate::memory::Memory;
use crate::workers::Workers;
use cut::produce;

/// Whole channels, color first.
struct Pictures(Vec<Picture>);

impl Source for Pictures {
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let plane = &self.0[channel];
        let row = &plane.samples[y * plane.width..][..plane.width];
        out.copy_from_slice(&row[columns]);
    }
}

/// A picture of smooth and rough places that differ between channels and seeds.
fn picture(width: usize, height: usize, seed: u32) -> Picture {
    Picture::from_fn(width, height, |x, y| {
        let hash = (x as u32 * 0x9e37 + y as u32 * 0x85eb + seed).wrapping_mul(0x9e37_79b9);
        let noise = (hash >> 8) as f32 / (1 << 24) as f32;
        let wave = ((x + seed as isize) as f32 * 0.11).sin() * (y as f32 * 0.07).cos();
        let roughness = if (x / 24 + y / 16) % 2 == 0 {
            0.02
        } else {
            0.3
        };
        0.4 + 0.3 * wave + roughness * (noise - 0.5)
    })
}

fn pictures(width: usize, height: usize) -> [Picture; 3] {
    [1, 20, 300].map(|seed| picture(width, height, seed))
}

/// A pipeline that changes nothing.
fn plain<'p>(width: usize, height: usize) -> Pipeline<'p> {
    shaped(width, height, |_| ())
}

static UNFILTERED: RestorationFilter = RestorationFilter {
    gab: None,
    epf: None,
};

/// A pipeline with a shape changed by `change`.
fn shaped<'p>(
    width: usize,
    height: usize,
    change: impl FnOnce(&mut PipelineShape<'p>),
) -> Pipeline<'p> {
    let mut shape = PipelineShape {
        coded_size: Size::new(width, height),
        size: Size::new(width, height),
        restoration: &UNFILTERED,
        has_patches: false,
        has_splines: false,
        factor: 1,
        noise_group_dim: None,
        is_ycbcr: false,
        extra_factors: &[],
    };
    change(&mut shape);
    Pipeline {
        shape,
        sigma: Sigma::Constant(0.0),
        patches: None,
        extra_kinds: &[],
        splines: None,
        upsampling: None,
        noise: None,
        extra_upsampling: &[],
    }
}

/// Produces with several cuts, which must agree, and compares with `expected`.
fn check(pipeline: &Pipeline<'_>, source: &dyn Source, expected: &[Picture], tolerance: f32) {
    let whole = produce(pipeline, source, pipeline.shape.size.into(), 0);
    for (channel, (found, expected)) in whole.iter().zip(expected).enumerate() {
        assert_eq!(
            (found.width, found.height),
            (expected.width, expected.height)
        );
        let pairs = found.samples.iter().zip(&expected.samples);
        for (i, (&found, &expected)) in pairs.enumerate() {
            let (x, y) = (i % pipeline.shape.size.width, i / pipeline.shape.size.width);
            let difference = (found - expected).abs();
            assert!(
                difference <= tolerance,
                "channel {channel} at {x}, {y}: {found} instead of {expected}"
            );
        }
    }
    let is_small = pipeline.shape.size.area() <= 4000;
    let cuts = [(STRIP_WIDTH, 64), (64, 48), (40, 17), (48, 24), (16, 1)];
    for (i, cut) in cuts
        .into_iter()
        .take(if is_small { 5 } else { 4 })
        .enumerate()
    {
        let cut = produce(pipeline, source, cut, [0, 8, 0, 13, 0][i]);
        for (cut, whole) in cut.iter().zip(&whole) {
            let bits = |plane: &Picture| {
                plane
                    .samples
                    .iter()
                    .map(|s| s.to_bits())
                    .collect::<Vec<_>>()
            };
            assert!(bits(cut) == bits(whole), "another result when cut");
        }
    }
}

const SIZES: [(usize, usize); 5] = [(1, 1), (2, 3), (7, 9), (33, 18), (100, 37)];

#[test]
fn nothing_to_do_hands_the_samples_on() {
    for (width, height) in SIZES {
        let planes = pictures(width, height);
        let source = Pictures(planes.to_vec());
        check(&plain(width, height), &source, &planes, 0.0);
    }
}

#[test]
fn gaborish_is_the_weighted_mean_of_nine() {
    let weights = [[0.115_169_53, 0.061_248_59], [0.2, -0.03], [0.0, 0.1]];
    for (width, height) in SIZES {
        let planes = pictures(width, height);
        let expected = [0, 1, 2].map(|c| naive::gaborish(&planes[c], weights[c]));
        let filter = RestorationFilter {
            gab: Some(weights),
            epf: None,
        };
        let pipeline = shaped(width, height, |shape| shape.restoration = &filter);
        check(&pipeline, &Pictures(planes.to_vec()), &expected, 1e-6);
    }
}

fn naive_epf(
    planes: &[Picture; 3],
    params: &EpfParams,
    sigma: &dyn Fn(isize, isize) -> f32,
) -> [Picture; 3] {
    let pass = |neighbors, places, sigma_scale| naive::EpfPass {
        neighbors,
        places,
        channel_scale: params.channel_scale,
        sigma_scale,
        border_sad_mul: params.border_sad_mul,
    };
    let mut planes = planes.clone();
    if params.iters == 3 {
        let pass = pass(&naive::DIAMOND, &naive::PLUS, params.pass0_sigma_scale);
        planes = naive::epf(&planes, &pass, sigma);
    }
    planes = naive::epf(&planes, &pass(&naive::CROSS, &naive::PLUS, 1.0), sigma);
    if params.iters >= 2 {
        let pass = pass(&naive::CROSS, &[(0, 0)], params.pass2_sigma_scale);
        planes = naive::epf(&planes, &pass, sigma);
    }
    planes
}

#[test]
fn epf_is_the_mean_of_alike_neighbors() {
    for iters in 1..=3 {
        let params = EpfParams {
            iters,
            ..EpfParams::default()
        };
        let filter = RestorationFilter {
            gab: None,
            epf: Some(params.clone()),
        };
        for (width, height) in SIZES {
            let planes = pictures(width, height);
            let expected = naive_epf(&planes, &params, &|_, _| 6.0);
            let pipeline = Pipeline {
                sigma: Sigma::Constant(6.0),
                ..shaped(width, height, |shape| shape.restoration = &filter)
            };
            check(&pipeline, &Pictures(planes.to_vec()), &expected, 3e-6);
        }
    }
}

#[test]
fn epf_follows_each_block_and_leaves_sharp_ones_alone() {
    let (width, height) = (77, 41);
    let sigmas: Vec<f32> = (0..60)
        .map(|i| [0.29, 0.3, 2.0, 40.0, 0.0][i % 5])
        .collect();
    let blocks = PlaneView::from_slice(&sigmas, 10, 6, 10);
    let sigma = |x: isize, y: isize| blocks.get(x as usize / 8, y as usize / 8);
    for iters in 1..=3 {
        let mut params = EpfParams {
            iters,
            channel_scale: [30.0, 7.0, 2.0],
            ..EpfParams::default()
        };
        params.border_sad_mul = 0.4;
        params.pass0_sigma_scale = 1.3;
        params.pass2_sigma_scale = 4.0;
        let planes = pictures(width, height);
        let weights = [[0.1, 0.05]; 3];
        let sharpened = [0, 1, 2].map(|c| naive::gaborish(&planes[c], weights[c]));
        let expected = naive_epf(&sharpened, &params, &sigma);
        let filter = RestorationFilter {
            gab: Some(weights),
            epf: Some(params),
        };
        let pipeline = Pipeline {
            sigma: Sigma::Blocks(blocks),
            ..shaped(width, height, |shape| shape.restoration = &filter)
        };
        check(&pipeline, &Pictures(planes.to_vec()), &expected, 3e-6);
    }
}

#[test]
fn block_sigma_scales_with_quantizer_and_sharpness() {
    let params = EpfParams::default();
    let sigma = super::sigma::block_sigma(&params, 65536.0 / 4096.0, 4, 7);
    assert!((sigma - 0.46 * 4.0).abs() < 1e-6);
    assert_eq!(super::sigma::block_sigma(&params, 16.0, 4, 0), 0.0);
}

/// Arbitrary different weights; rows of a kernel sum to about 1.
fn weights(count: usize) -> Vec<f32> {
    let weight = |i: usize| 0.04 + ((i * 7919) % 101) as f32 / 3000.0 - 0.016;
    (0..count).map(weight).collect()
}

#[test]
fn upsampling_is_a_sum_of_25_within_their_range() {
    for (factor, count) in [(2, 15), (4, 55), (8, 210)] {
        let weights = weights(count);
        let kernels = Weights::new(&weights).unwrap();
        assert_eq!(kernels.factor(), factor);
        for (width, height) in [(1, 1), (3, 2), (29, 13), (60, 5)] {
            let planes = pictures(width, height);
            let alpha = picture(width, height, 4);
            let size = (width * factor - factor / 2, height * factor - 1);
            let mut source = planes.to_vec();
            source.push(alpha.clone());
            let expected: Vec<_> = source
                .iter()
                .map(|plane| naive::upsampled(plane, factor, &weights).cropped(size.0, size.1))
                .collect();
            let factors = [kernels.factor()];
            let pipeline = Pipeline {
                upsampling: Some(&kernels),
                extra_upsampling: &[Some(&kernels)],
                ..shaped(width, height, |shape| {
                    shape.size = Size::new(size.0, size.1);
                    shape.factor = kernels.factor();
                    shape.extra_factors = &factors;
                })
            };
            check(&pipeline, &Pictures(source), &expected, 1e-6);
        }
    }
}

#[test]
fn other_counts_of_weights_are_refused() {
    assert!(Weights::new(&[0.0; 16]).is_none());
}

#[test]
fn filters_come_before_upsampling_and_extra_channels_are_left_alone() {
    let (width, height) = (45, 30);
    let planes = pictures(width, height);
    let params = EpfParams {
        iters: 3,
        ..EpfParams::default()
    };
    let weights = weights(15);
    let kernels = Weights::new(&weights).unwrap();
    let gaborish = [[0.12, 0.06]; 3];
    let sharpened = [0, 1, 2].map(|c| naive::gaborish(&planes[c], gaborish[c]));
    let filtered = naive_epf(&sharpened, &params, &|_, _| 3.0);
    let mut expected = filtered
        .map(|plane| naive::upsampled(&plane, 2, &weights))
        .to_vec();
    let alpha = picture(2 * width, 2 * height, 9);
    expected.push(alpha.clone());
    let filter = RestorationFilter {
        gab: Some(gaborish),
        epf: Some(params),
    };
    let pipeline = Pipeline {
        sigma: Sigma::Constant(3.0),
        upsampling: Some(&kernels),
        extra_upsampling: &[None],
        ..shaped(width, height, |shape| {
            shape.size = Size::new(2 * width, 2 * height);
            shape.restoration = &filter;
            shape.factor = 2;
            shape.extra_factors = &[1];
        })
    };
    let mut source = planes.to_vec();
    source.push(alpha);
    check(&pipeline, &Pictures(source), &expected, 3e-6);
}

#[test]
fn noise_is_made_by_groups_and_mirrored_at_the_edges() {
    // Multiples of 1/1024, as in headers.
    let strength = [0_u16, 205, 102, 512, 922, 307, 717, 819].map(|s| f32::from(s) / 1024.0);
    for (width, height, group_dim) in [(1, 1, 128), (8, 8, 512), (300, 270, 128), (140, 40, 128)] {
        let planes = pictures(width, height);
        let random = naive::random((width, height), group_dim, [3, 1]);
        let correlation = [0.3, 0.9];
        let expected = naive::with_noise(&planes, &random, strength, correlation);
        let arena = Arena::new();
        let frame = arena.frame();
        let size = Size::new(width, height);
        let place = (size, Rect::whole(size));
        let field = NoiseField::new(&frame, place, group_dim, [3, 1], Workers::ALONE).unwrap();
        let noise = Noise {
            field: &field,
            strength,
            correlation,
        };
        let pipeline = Pipeline {
            noise: Some(noise),
            ..shaped(width, height, |shape| {
                shape.noise_group_dim = Some(group_dim)
            })
        };
        check(&pipeline, &Pictures(planes.to_vec()), &expected, 3e-6);
    }
}

#[test]
fn chroma_is_interpolated_and_colors_follow() {
    for (width, height) in SIZES {
        for halved in [(false, false), (true, false), (false, true), (true, true)] {
            let size = (
                if halved.0 { width.div_ceil(2) } else { width },
                if halved.1 { height.div_ceil(2) } else { height },
            );
            let coded = [
                picture(size.0, size.1, 5),
                picture(width, height, 6),
                picture(size.0, size.1, 7),
            ];
            let full = [
                naive::chroma(&coded[0], (width, height), halved),
                coded[1].clone(),
                naive::chroma(&coded[2], (width, height), halved),
            ];
            let plane = |c: usize| BandPlane {
                placed: Placed::whole(PlaneView::from_slice(
                    &coded[c].samples,
                    coded[c].width,
                    coded[c].height,
                    coded[c].width,
                )),
                width: coded[c].width,
                height: coded[c].height,
                halves_columns: c != 1 && halved.0,
                halves_rows: c != 1 && halved.1,
            };
            let pipeline = shaped(width, height, |shape| shape.is_ycbcr = true);
            let source = Band::new([0, 1, 2].map(plane));
            check(&pipeline, &source, &naive::rgb(&full), 1e-6);
        }
    }
}

#[test]
fn borders_are_those_of_all_stages() {
    let filter = RestorationFilter {
        gab: Some([[0.1, 0.1]; 3]),
        epf: Some(EpfParams {
            iters: 3,
            ..EpfParams::default()
        }),
    };
    let mut shape = plain(100, 100).shape;
    assert_eq!(shape.border(), 0);
    shape.restoration = &filter;
    assert_eq!(shape.border(), 7);
    shape.size = Size::new(200, 200);
    shape.factor = 2;
    assert_eq!(shape.border(), 9);
}

#[test]
fn splines_are_sums_of_blurred_dots() {
    let (width, height) = (90, 50);
    let planes = pictures(width, height);
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let memory = Memory::new(&frame, &kept);
    let points = [[5, 20], [75, 20]];
    let coded = CodedSplines::constant(memory, &points, [40, 6, -5, 9]);
    let correlation = [0.5, 1.0];
    let splines = Splines::new(&frame, &coded, Size::new(width, height), correlation).unwrap();
    let (y, sigma) = (6.0 * 0.075, 9.0 * 0.3333);
    let color = [40.0 * 0.0042 + 0.5 * y, y, -5.0 * 0.07 + y];
    let dots: Vec<_> = (5..=75).map(|x| (x as f64, 20.0)).collect();
    let expected = [0, 1, 2].map(|c| naive::dotted(&planes[c], &dots, color[c], sigma));
    let pipeline = Pipeline {
        splines: Some(&splines),
        ..shaped(width, height, |shape| shape.has_splines = true)
    };
    check(&pipeline, &Pictures(planes.to_vec()), &expected, 4e-3);
}

#[test]
fn splines_are_painted_on_filtered_samples_before_upsampling() {
    let (width, height) = (70, 40);
    let planes = pictures(width, height);
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let memory = Memory::new(&frame, &kept);
    let points = [[-20, -9], [30, 45], [80, 3]];
    let coded = CodedSplines::constant(memory, &points, [40, 6, -5, 9]);
    let splines = Splines::new(&frame, &coded, Size::new(width, height), [0.0, 1.0]).unwrap();
    let filter = RestorationFilter {
        gab: Some([[0.1, 0.05]; 3]),
        epf: None,
    };
    let filtered = shaped(width, height, |shape| shape.restoration = &filter);
    let filtered = produce(&filtered, &Pictures(planes.to_vec()), (width, height), 0);
    let painted = Pipeline {
        splines: Some(&splines),
        ..shaped(width, height, |shape| shape.has_splines = true)
    };
    let painted = produce(&painted, &Pictures(filtered), (width, height), 0);
    let weights = weights(15);
    let kernels = Weights::new(&weights).unwrap();
    let expected: Vec<_> = painted
        .iter()
        .map(|plane| naive::upsampled(plane, 2, &weights))
        .collect();
    let pipeline = Pipeline {
        splines: Some(&splines),
        upsampling: Some(&kernels),
        ..shaped(width, height, |shape| {
            shape.size = Size::new(2 * width, 2 * height);
            shape.restoration = &filter;
            shape.has_splines = true;
            shape.factor = 2;
        })
    };
    check(&pipeline, &Pictures(planes.to_vec()), &expected, 1e-6);
}

#[test]
fn endless_and_huge_splines_are_refused() {
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let memory = Memory::new(&frame, &kept);
    let long = CodedSplines::constant(memory, &[[0, 0], [1 << 22, 0]], [1; 4]);
    assert!(Splines::new(&frame, &long, Size::square(100), [0.0, 1.0]).is_err());
    let wide = CodedSplines::constant(memory, &[[0, 0], [90_000, 0]], [1, 1, 1, 1 << 20]);
    assert!(Splines::new(&frame, &wide, Size::square(100), [0.0, 1.0]).is_err());
}
