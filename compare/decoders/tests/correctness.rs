//! Files decoded by jxl-arena give the samples that jxl-oxide and jxl-rs give.

use std::fs;
use std::path::{Path, PathBuf};

use compare_decoders::decoder::{Peer, refusal};
use compare_decoders::difference::{Difference, difference};
use compare_decoders::image::Buffer;
use compare_decoders::part::Part;
use compare_decoders::probe::{Probe, probe};

/// All files of the corpus that jxl-oxide reads.
const DECODED: &[&str] = &[
    "3x3_jpeg_recompression.jxl",
    "3x3_srgb_lossless.jxl",
    "3x3_srgb_lossy.jxl",
    "3x3a_srgb_lossless.jxl",
    "3x3a_srgb_lossy.jxl",
    "5_frames_numbered_jxli.jxl",
    "8x8_noise.jxl",
    "alpha_nonpremultiplied.jxl",
    "alpha_triangles.jxl",
    "animation_icos4d.jxl",
    "animation_newtons_cradle.jxl",
    "animation_patches_d1.jxl",
    "basic.jxl",
    "bench_oriented_brg.jxl",
    "bicycles.jxl",
    "blendmodes.jxl",
    "cafe.jxl",
    "candle.jxl",
    "cropped_traffic_light.jxl",
    "delta_palette.jxl",
    "dice.jxl",
    "efb.jxl",
    "extra_channels.jxl",
    "flower_alpha_d1.jxl",
    "flower_d1_e4_epf0_gab0.jxl",
    "flower_d1_e4_epf3.jxl",
    "flower_d1_e4_noise.jxl",
    "flower_d1_e4_pdc2.jxl",
    "flower_d1_e4_prog.jxl",
    "flower_jpeg420.jxl",
    "flower_lossless_e3.jxl",
    "gray_alpha_lossless.jxl",
    "grayscale.jxl",
    "grayscale_jpeg.jxl",
    "grayscale_patches_modular.jxl",
    "grayscale_patches_var_dct.jxl",
    "grayscale_public_university.jxl",
    "green_queen_modular_e3.jxl",
    "green_queen_vardct_e3.jxl",
    "has_permutation.jxl",
    "has_permutation_with_container.jxl",
    "hdr_hlg_test.jxl",
    "hdr_pq_test.jxl",
    "hdr_room_d1.jxl",
    "large_header.jxl",
    "lossless_pfm.jxl",
    "lossy_with_icc.jxl",
    "named_frame_test.jxl",
    "noise.jxl",
    "orientation1_identity.jxl",
    "orientation2_flip_horizontal.jxl",
    "orientation4_flip_vertical.jxl",
    "orientation6_rotate_90_cw.jxl",
    "patches.jxl",
    "patches_lossless.jxl",
    "pq_gradient.jxl",
    "progressive.jxl",
    "progressive_ac.jxl",
    "spline_on_first_frame.jxl",
    "splines.jxl",
    "spot.jxl",
    "squeeze_alpha.jxl",
    "traffic_light_lossless.jxl",
    "upsampled_alpha.jxl",
    "upsampling.jxl",
    "with_icc.jxl",
    "zoltan_tasi_unsplash.jxl",
];

/// Largest difference, in steps of 8 bits, of samples that pass through the XYB color space or
/// other float arithmetic.
const ROUNDING_STEPS: f64 = 1.0;

/// Files on which a peer is known to be wrong: djxl or the other peer agrees with jxl-arena. An
/// entry whose peer agrees fails.
const WRONG_PEERS: &[(&str, Peer)] = &[
    ("features/lossy_with_icc.jxl", Peer::JxlOxide),
    ("photos/hdr_room_d1.jxl", Peer::JxlOxide),
    ("photos/hdr_room_d1.jxl", Peer::JxlRs),
    ("samples/delta_palette.jxl", Peer::JxlOxide),
    ("samples/delta_palette_groups.jxl", Peer::JxlOxide),
    ("samples/gray1_alpha8.jxl", Peer::JxlRs),
    ("samples/noise_upsampled.jxl", Peer::JxlOxide),
    ("samples/rgb4_alpha8.jxl", Peer::JxlRs),
    ("samples/xyb_p3.jxl", Peer::JxlOxide),
    ("samples/xyb_pq.jxl", Peer::JxlOxide),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All `.jxl` files in `folder` and its folders, sorted.
fn jxl_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(jxl_files(&path));
        } else if path.extension().is_some_and(|e| e == "jxl") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn decode(peer: Peer, threads: usize, file: &[u8], probe: &Probe) -> anyhow::Result<Buffer> {
    let mut output = Buffer::new(&probe.layout);
    let mut decoder = peer.open(threads)?;
    decoder.decode(file, Part::Whole, &probe.layout, output.bytes_mut())?;
    let digest = output.digest();
    output.spoil();
    decoder.decode(file, Part::Whole, &probe.layout, output.bytes_mut())?;
    anyhow::ensure!(output.digest() == digest, "the second decode differs");
    Ok(output)
}

/// Result of checking one file.
enum Outcome {
    Agrees,
    Refused(String),
    Wrong(String),
}

/// Decodes `file` with jxl-arena, twice on one thread, twice on four and twice with nothing kept,
/// and with the peers.
fn outcome(path: &Path, file: &[u8], probe: &Probe) -> Outcome {
    let own = match decode(Peer::JxlArena, 1, file, probe) {
        Ok(own) => own,
        Err(error) => {
            return match refusal(&error) {
                Some(feature) => Outcome::Refused(feature),
                None => Outcome::Wrong(format!("{error:#}")),
            };
        }
    };
    match decode(Peer::JxlArena, 4, file, probe) {
        Ok(four) if four.digest() == own.digest() => {}
        Ok(_) => return Outcome::Wrong("one and four threads differ".to_owned()),
        Err(error) => return Outcome::Wrong(format!("on four threads: {error:#}")),
    }
    match decode(Peer::JxlArenaNothingKept, 1, file, probe) {
        Ok(fresh) if fresh.digest() == own.digest() => {}
        Ok(_) => return Outcome::Wrong("with and without retained memory differ".to_owned()),
        Err(error) => return Outcome::Wrong(format!("without retained memory: {error:#}")),
    }
    for peer in [Peer::JxlOxide, Peer::JxlRs] {
        let expected_wrong = WRONG_PEERS
            .iter()
            .any(|&(end, wrong)| path.ends_with(end) && wrong == peer);
        match agrees(peer, &own, file, probe) {
            Ok(()) if expected_wrong => {
                return Outcome::Wrong(format!("{} is no longer wrong", peer.name()));
            }
            Err(message) if !expected_wrong => return Outcome::Wrong(message),
            Ok(()) | Err(_) => {}
        }
    }
    Outcome::Agrees
}

fn agrees(peer: Peer, own: &Buffer, file: &[u8], probe: &Probe) -> Result<(), String> {
    let theirs =
        decode(peer, 1, file, probe).map_err(|error| format!("{}: {error:#}", peer.name()))?;
    let layout = &probe.layout;
    let found = difference(layout, theirs.bytes(), own.bytes());
    if within(&found, probe) {
        return Ok(());
    }
    let place = found.place(layout);
    Err(format!("{}: {found}, worst at {place:?}", peer.name()))
}

fn within(found: &Difference, probe: &Probe) -> bool {
    found.is_none() || probe.rounds() && found.largest_steps <= ROUNDING_STEPS
}

/// Checks every file. Those for which `must_decode` returns `true` must not be refused.
fn check(files: &[PathBuf], must_decode: impl Fn(&str, &Probe) -> bool) {
    let (mut agreed, mut wrong) = (0, Vec::new());
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy();
        let file = fs::read(path).unwrap();
        let probe = match probe(&file) {
            Ok(probe) => probe,
            Err(error) => {
                println!("{name}: not compared, as jxl-oxide does not read it: {error:#}");
                continue;
            }
        };
        match outcome(path, &file, &probe) {
            Outcome::Agrees => agreed += 1,
            Outcome::Refused(feature) if !must_decode(&name, &probe) => {
                println!("{name}: refused, not supported yet: {feature}");
            }
            Outcome::Refused(feature) => wrong.push(format!("{name}: refused: {feature}")),
            Outcome::Wrong(message) => wrong.push(format!("{name}: {message}")),
        }
    }
    println!(
        "{agreed} of {} files decoded as the peers decode them",
        files.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the files on which decoders must agree. Other folders of the corpus have damaged or
/// unsupported files and bombs, on which they need not.
fn corpus() -> Option<Vec<PathBuf>> {
    let corpus = root().join("../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: no corpus at ../shared/corpus");
        return None;
    }
    let folders = ["conformance", "features", "photos"].map(|name| corpus.join(name));
    Some(
        folders
            .iter()
            .flat_map(|folder| jxl_files(folder))
            .collect(),
    )
}

#[test]
fn corpus_decodes_as_the_peers_decode_it() {
    let Some(files) = corpus() else { return };
    check(&files, |name, _| DECODED.contains(&name));
}

#[test]
fn samples_of_the_repository_decode_as_the_peers_decode_them() {
    let files = jxl_files(&root().join("jxl/tests/samples"));
    assert!(files.len() >= 40, "{} samples", files.len());
    check(&files, |_, _| true);
}

/// The list above and the corpus have the same files.
#[test]
fn files_of_the_corpus_are_those_listed() {
    let Some(files) = corpus() else { return };
    let mut found: Vec<String> = Vec::new();
    for path in files {
        if probe(&fs::read(&path).unwrap()).is_ok() {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    assert_eq!(found, DECODED);
}
